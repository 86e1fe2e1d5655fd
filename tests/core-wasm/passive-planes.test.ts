// A string of parallel planes, played in every way a cascade is: plucked on top of itself, damped, tuned, bent, held by
// the guard, as one voice of many; what its second loop hears of a pluck follows the first wherever that goes.
import {
  type Build,
  detunedModel,
  GUARD_HEADROOM,
  keyboardOf,
  type PassiveModel,
  Resonator,
  StringTuner,
  tunedShape,
  Voices,
} from "@neural-string/core-wasm";
import { describe, expect, test } from "vitest";
import { bentSound } from "../reference/passive-bend.ts";
import { renderPassive } from "../reference/passive-string.ts";
import { mulberry32 } from "../reference/random.ts";
import { expectSameBits, expectWithinDb } from "../support/closeness.ts";
import { BUILDS_HERE, memoryBytes, newCore } from "../support/core-builds.ts";
import { TOLERANCES } from "../support/kernel-tolerances.ts";
import { couplingOf, filtersOf, longestDelayOf, periodOf, samplesOf } from "../support/passive-playing.ts";
import { physicalString, pluckedWith } from "../support/physical-string.ts";
import { expectedTaps } from "../support/retuned-strings.ts";

const guitar = physicalString({ coupled: 0.6 });
const mixed = physicalString({ ...{ filters: 3, spread: 4, hop: 100, controls: 1 }, coupled: 0.6 });

function random(length: number, seed: number): Float32Array {
  const next = mulberry32(seed);
  return Float32Array.from({ length }, () => next() - 0.5);
}

function render(string: Resonator, frames: number, block = frames): Float32Array {
  const sound = new Float32Array(frames);
  for (let n = 0; n < frames; n += block) string.process(sound.subarray(n, n + block));
  return sound;
}

/** The model with one of its planes silenced, whatever drives it. */
const alone = (model: PassiveModel, row: 0 | 1): PassiveModel => {
  const { taps, loopTaps, coupling } = model;
  const cut = loopTaps.map((h, i) => (Math.floor(i / taps) === row ? h : 0));
  return { ...model, loopTaps: cut, coupling: coupling.map((c) => (row === 0 ? c : 0)) };
};

describe.each(BUILDS_HERE)("a string of parallel planes, %s", (build: Build) => {
  const plucked = (model: PassiveModel, frames: number) => {
    const string = new Resonator(newCore(build), model);
    string.pluck();
    return render(string, frames);
  };

  test("renders long and short blocks alike, plucked and plucked again, damped, bent, tuned and detuned", () => {
    const play = (block: number) => {
      const string = new Resonator(newCore(build), mixed);
      string.pluck(0, { guardHeadroom: GUARD_HEADROOM });
      const parts = [render(string, 5000, block)];
      string.damp(1);
      string.setControl(0, 2);
      string.bend(70);
      string.pluck();
      parts.push(render(string, 5000, block));
      string.retune(97);
      parts.push(render(string, 5000, block));
      expect(string.brokenSamples).toBe(0);
      return parts.flatMap((part) => [...part]);
    };
    const whole = play(5000);
    for (const block of [1, 40, 1000]) expectSameBits(play(block), whole, `blocks of ${block}`);
  });

  test("before the first round trip a pluck sounds as its excitation; then the second plane hears it", () => {
    const near = periodOf(guitar) - guitar.ahead;
    const { samples } = guitar.excitations[0];
    expectSameBits(plucked(guitar, near), samples.subarray(0, near));
    const second = new Float32Array(near + 400);
    const string = new Resonator(newCore(build), guitar);
    string.pluck();
    for (let n = 0; n < second.length; n += 50) {
      string.process(new Float32Array(Math.min(50, second.length - n)));
      string.secondLoop(second.subarray(n, n + 50));
    }
    // c lies around the period: 0.6 of the excitation, softened, a trip later
    const late = periodOf(guitar);
    const [a, b, c] = [-1, 0, 1].map((i) => samples[100 + i]);
    expect(second[late + 100]).toBeCloseTo(0.6 * (0.25 * a + 0.5 * b + 0.25 * c), 6);
  });

  test("sounds as its planes do, each alone", () => {
    // the first plane alone is a string whose second hears nothing; e itself sounds in both renders
    const both = plucked(guitar, 8000);
    const [first, second] = [plucked(alone(guitar, 1), 8000), plucked(alone(guitar, 0), 8000)];
    const { samples } = guitar.excitations[0];
    const sum = first.map((x, n) => x + second[n] - (samples[n] ?? 0));
    expectWithinDb(both, sum, TOLERANCES.passive.limit);
  });

  test("the guard holds a string whose filters are too strong, and leaves a good one alone, bit for bit", () => {
    const string = new Resonator(newCore(build), mixed);
    string.pluck(0, { guardHeadroom: GUARD_HEADROOM });
    expectSameBits(render(string, 20000), plucked(mixed, 20000));
    expect(string.guardReport).toEqual({ interventions: 0, smallestGain: 1 });
    for (const row of [0, 1]) {
      const loopTaps = guitar.loopTaps.map((h, i) => (Math.floor(i / guitar.taps) === row ? 1.1 * h : h));
      const wild = new Resonator(newCore(build), { ...guitar, loopTaps });
      wild.pluck(0, { guardHeadroom: GUARD_HEADROOM });
      const held = render(wild, 60000);
      expect(wild.guardReport.interventions, `row ${row}`).toBeGreaterThan(0);
      const loudest = (x: Float32Array) => x.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
      expect(loudest(held)).toBeLessThan(100 * loudest(plucked(guitar, 2000)));
      expect(wild.brokenSamples).toBe(0);
    }
  });

  test("the guard allows planes that cancel at first, and then do not", () => {
    const F = longestDelayOf(guitar);
    const u = random(F, 9);
    const y = random(F, 10).map((x) => 0.01 * x);
    const string = new Resonator(newCore(build), guitar);
    string.load(y, u, { guardHeadroom: GUARD_HEADROOM });
    const held = render(string, 20000);
    expect(string.guardReport.interventions).toBe(0);
    const rms = (x: Float32Array) => Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / x.length);
    expect(rms(held.subarray(0, F))).toBeGreaterThan(10 * rms(y));
  });

  test("a second plane that is loaded silent stays so; a known one is taken as it is", () => {
    const past = random(2 * longestDelayOf(guitar), 4);
    const string = new Resonator(newCore(build), guitar);
    string.load(past, new Float32Array(past.length));
    const held = new Float32Array(longestDelayOf(guitar));
    string.secondLoop(held);
    expect(held.every((x) => x === 0)).toBe(true);
    expectWithinDb(
      render(string, 3000),
      renderPassive({ tunings: [{ ...filtersOf(guitar) }], past, coupling: guitar.coupling }, 3000).y,
      TOLERANCES.passive.limit,
    );
    const u = random(past.length, 5);
    string.load(past, u);
    string.secondLoop(held);
    expectSameBits(held, u.subarray(-held.length));
    string.load(past, past);
    // all of it is the second plane's
    const silent = new Resonator(newCore(build), alone(guitar, 0));
    silent.load(past, past);
    expectSameBits(render(string, 3000), render(silent, 3000));
  });

  test("what has decayed is silence, and nothing grows meanwhile", () => {
    const core = newCore(build);
    const string = new Resonator(core, guitar);
    string.pluck();
    string.damp(0.05);
    const before = memoryBytes(core);
    render(string, 44100);
    expect(render(string, 4000).every((x) => x === 0)).toBe(true);
    expect(memoryBytes(core)).toBe(before);
  });
});

describe("a tuned string of parallel planes", () => {
  test("while it rings, old and new are terms of one sum: it equals the reference", () => {
    const [past, pastU] = [random(2 * longestDelayOf(guitar), 6), random(2 * longestDelayOf(guitar), 7)];
    const tuning = { sampleRate: 44100, f0: 87.4 };
    const shape = tunedShape(guitar, tuning);
    const rows = [0, 1].map((row) => expectedTaps(guitar, tuning, row));
    const length = 20 * Math.max(periodOf(guitar), shape.period);
    const angle = (n: number) => (Math.PI / 2) * Math.min(1, n / length);
    const fade = (i: number, n: number) => (i === 0 ? Math.cos(angle(n)) : Math.sin(angle(n)));
    const tunings = [filtersOf(guitar), { near: shape.period - shape.ahead, rows }];
    const coupling = couplingOf(guitar);
    const expected = renderPassive({ tunings, coupling, fade, past, pastU }, length + 2000).y;
    const string = new Resonator(newCore("simd"), guitar);
    string.load(past, pastU);
    string.retune(87.4);
    // the reference's taps are not scaled to the claim, and its weights bend where the kernel's are straight
    expectWithinDb(render(string, length + 2000), expected, -60);
  });

  test.each([65.4, 130.8])(
    "at %d Hz the second plane hears the pluck as much later as a round trip lasts",
    (f0) => {
      const string = new Resonator(newCore("simd"), guitar, { f0, lowestF0: 60 });
      string.pluck();
      const period = 44100 / f0;
      const frames = Math.ceil(0.75 * period);
      const [heard, second] = [new Float32Array(2 * frames), new Float32Array(2 * frames)];
      for (const n of [0, frames]) {
        string.process(heard.subarray(n, n + frames));
        string.secondLoop(second.subarray(n, n + frames));
      }
      // where the second plane is most like the beginning of the first
      const likeness = (lag: number) => {
        let sum = 0;
        for (let n = 0; n < 0.4 * period; n++) sum += heard[n] * second[n + lag];
        return sum;
      };
      let best = 0;
      for (let lag = 1; lag < period * 1.09; lag++) if (likeness(lag) > likeness(best)) best = lag;
      expect(Math.abs(best - period)).toBeLessThan(1);
    },
  );

  test("a few cents away it is the detuned model, coupling and all", () => {
    const sharp = detunedModel(guitar, 6);
    const past = random(2 * longestDelayOf(guitar) + 20, 8);
    const [string, expected] = [
      new Resonator(newCore("simd"), guitar),
      new Resonator(newCore("simd"), sharp),
    ];
    string.detune(6);
    string.load(
      past,
      past.map((x) => 0.4 * x),
    );
    expected.load(
      past,
      past.map((x) => 0.4 * x),
    );
    expectSameBits(render(string, 3000), render(expected, 3000));
    // the coupling is as much earlier as the loops are
    const gain = (h: Float32Array) => h.reduce((sum, x) => sum + x, 0);
    expect(gain(sharp.coupling)).toBeCloseTo(gain(guitar.coupling), 3);
    const centre = (h: Float32Array) => h.reduce((sum, x, j) => sum + j * x, 0) / gain(h);
    const near = (model: PassiveModel) => periodOf(model) - model.ahead;
    const earlier = near(guitar) + centre(guitar.coupling) - near(sharp) - centre(sharp.coupling);
    expect(earlier).toBeCloseTo(44100 / guitar.f0 - 44100 / sharp.f0, 1);
  });

  test("bent, both planes are, as the reference's one loop", () => {
    const past = random(longestDelayOf(guitar), 3);
    const moves = [
      { at: 0, cents: 60, soft: 0 },
      { at: 1600, cents: -80, soft: 0 },
    ];
    for (const row of [0, 1]) {
      const string = new Resonator(newCore("simd"), guitar);
      string.load(past, row === 0 ? past : new Float32Array(past.length));
      const sound = new Float32Array(6000);
      moves.forEach(({ at, cents }, i) => {
        string.bend(cents);
        string.process(sound.subarray(at, moves[i + 1]?.at ?? sound.length));
      });
      const { near, rows } = filtersOf(guitar);
      const period = 44100 / guitar.f0;
      const expected = bentSound({ near, rows: [rows[row], rows[row]], past, period, moves }, 6000);
      expectWithinDb(sound, expected, -90, `row ${row}`);
    }
  });
});

describe("Voices of parallel planes", () => {
  const [f0] = keyboardOf(mixed).slice(20);

  test("a note is what a string that was tuned there plays", () => {
    const voices = new Voices(newCore("simd"), mixed, { lowestF0: 60 });
    const tuner = new StringTuner(newCore("simd"), mixed, { lowestF0: 60 });
    const tuning = tuner.tune(f0);
    expect(tuning.coupled.map(({ length }) => length)).toEqual(
      tuning.excitations.map(({ length }) => length),
    );
    voices.addTuning(tuning);
    voices.noteOn(f0, 1);
    const sound = new Float32Array(6000);
    voices.process(sound);
    const string = new Resonator(newCore("simd"), mixed, { f0, lowestF0: 60, bendCents: 200 });
    string.pluck();
    expectWithinDb(sound, render(string, 6000), -110);
    // without what is coupled it would be another sound
    const deaf = new Resonator(newCore("simd"), { ...mixed, coupling: mixed.coupling.map(() => 0) }, { f0 });
    deaf.pluck();
    expect(() => expectWithinDb(sound, render(deaf, 6000), -20)).toThrow();
  });

  test("a tuning of a cascade does not fit", () => {
    const voices = new Voices(newCore("simd"), mixed, { lowestF0: 60 });
    const tuning = new StringTuner(newCore("simd"), mixed, { lowestF0: 60 }).tune(f0);
    expect(() => voices.addTuning({ ...tuning, coupled: [] })).toThrow(/^tuning: expected one of this model/);
    const broken = tuning.loopTaps.with(3, Number.NaN);
    expect(() => voices.addTuning({ ...tuning, loopTaps: broken })).toThrow(
      /^tuning: expected one of this model/,
    );
    const [short] = tuning.coupled;
    expect(() => voices.addTuning({ ...tuning, coupled: [short.subarray(1)] })).toThrow(/^tuning: expected/);
  });

  test("a tuning whose sizes no string has does not fit: the core trusts them", () => {
    const voices = new Voices(newCore("simd"), mixed, { lowestF0: 60 });
    const tuning = new StringTuner(newCore("simd"), mixed, { lowestF0: 60 }).tune(f0);
    const sizes = ["period", "taps", "ahead", "hop", "longestDelay", "gain", "f0", "sampleRate"] as const;
    for (const size of sizes) {
      for (const value of [0, -5, 0.5, 3, 1e6, -1e6, 2 ** 31, 2 ** 32, Number.NaN, Infinity]) {
        // a hop may be as long as it likes, 3 or more; a gain of 0.5 is one
        if ((size === "hop" && [3, 1e6].includes(value)) || (size === "gain" && value === 0.5)) continue;
        expect(() => voices.addTuning({ ...tuning, [size]: value }), `${size} ${value}`).toThrow(
          /^tuning: expected one of this model/,
        );
      }
    }
    voices.addTuning(tuning);
  });
});

test("an octave down, what is coupled is stretched as the excitation is, without its swell", () => {
  // a coupling of one tap is a delay; the excitation swells, and begins late enough for what leads in to be heard
  const at = 200;
  const coupling = guitar.coupling.map((_, j) => (j === at ? 0.5 : 0));
  const { samples: burst } = guitar.excitations[0];
  const samples = burst.map((_, n) => (n < 60 ? 0 : burst[n - 60] + 0.1 * Math.exp((60 - n) / 900)));
  const model = { ...pluckedWith(guitar, samples), coupling };
  const tuner = new StringTuner(newCore("simd"), model, { lowestF0: 40 });
  const { excitations, coupled } = tuner.tune(guitar.f0 / 2);
  const delay = 2 * (periodOf(guitar) - guitar.ahead + at);
  const frames = excitations[0].length - delay;
  const expected = excitations[0].subarray(0, frames).map((x) => 0.5 * x);
  expectWithinDb(coupled[0].subarray(delay, delay + frames), expected, -110);
});

test("c * e is made at the model's own pitch, for any excitation", () => {
  // an impulse's second stream is the coupling itself, a first tap's delay late
  const samples = Float32Array.of(0, 0, 1);
  const impulse = pluckedWith(guitar, samples);
  const tuning = new StringTuner(newCore("simd"), impulse).tune(guitar.f0);
  const expected = renderPassive(
    {
      tunings: [{ near: periodOf(guitar) - guitar.ahead, rows: [guitar.coupling.map(() => 0), []] }],
      coupling: guitar.coupling,
      excitation: samplesOf(samples),
    },
    tuning.coupled[0].length,
  ).u;
  expect(Array.from(tuning.coupled[0])).toEqual(Array.from(Float32Array.from(expected)));
  expect(tuning.coupled[0].length).toBe(samples.length + longestDelayOf(guitar));
  expect(Array.from(tuning.excitations[0].subarray(0, 4))).toEqual([0, 0, 1, 0]);
});
