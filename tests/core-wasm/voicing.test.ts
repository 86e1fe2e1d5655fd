// What a player can do to a voice beyond notes: pluck it elsewhere and more softly, lay a palm on it, weigh its two
// polarisations, make it stiffer, and look at it.
import { type PluckShape, Resonator, StringTuner, type StringTuning, Voices } from "@neural-string/core-wasm";
import { describe, expect, test } from "vitest";
import { Cage } from "../support/canaries.ts";
import { expectSameBits, expectWithin } from "../support/closeness.ts";
import { BUILDS_HERE, memoryBytes, newCore } from "../support/core-builds.ts";
import { TOLERANCES } from "../support/kernel-tolerances.ts";
import { partialAt } from "../support/partials.ts";
import { physicalString } from "../support/physical-string.ts";

const RATE = 44100;
const guitar = physicalString({ t60: [6, 3], filters: 2, spread: 0.2, cents: 2 });
const planes = physicalString({ t60: [6, 3], filters: 2, spread: 0.2, cents: 2, coupled: 0.6 });
const PITCHES = [82.46, 110, 220];
const tuner = new StringTuner(newCore("simd"), guitar, { lowestF0: 60 });
const TUNINGS = PITCHES.map((f0) => tuner.tune(f0));

function voicesOf(polyphony = 4, model = guitar): Voices {
  const voices = new Voices(newCore("simd"), model, { polyphony, lowestF0: 60 });
  if (model !== guitar) voices.tune([model.f0]);
  else for (const tuning of TUNINGS) voices.addTuning(tuning);
  return voices;
}

function render(voices: Voices, frames: number, block = frames): Float32Array {
  const sound = new Float32Array(frames);
  for (let n = 0; n < frames; n += block) voices.process(sound, n, Math.min(frames, n + block));
  return sound;
}

/** Amplitude of partial n of a string of f0. */
function partial(sound: Float32Array, f0: number, n: number, from = 0.1): number {
  const guess = n * f0 * Math.sqrt(1 + 1e-4 * n * n);
  return partialAt(sound, RATE, guess, { from, to: from + 0.2, width: 0.3 }).amplitude;
}

function rms(sound: Float32Array, from: number, to: number): number {
  return Math.sqrt(sound.subarray(from, to).reduce((sum, x) => sum + x * x, 0) / (to - from));
}

describe("a shaped pluck", () => {
  test.for(BUILDS_HERE)("%s: is the recorded one smoothed, less itself some periods later", (build) => {
    const core = newCore(build);
    const cage = new Cage(core);
    const e = guitar.excitations[0].samples.subarray(0, 500);
    const [delay, cutoff] = [37.25, 0.05];
    const from = cage.put(e);
    const out = cage.allocate(4 * 538);
    core.exports.shapePluck(from, e.length, delay, cutoff, out);
    expect(cage.deadCanaries).toBe(0);
    const a = 1 - Math.exp(-2 * Math.PI * cutoff);
    const smooth = new Float64Array(540);
    for (let n = 0, s = 0; n < 540; n++) {
      s += a * ((e[n] ?? 0) - s);
      smooth[n] = s;
    }
    const at = (n: number) => smooth[n] ?? 0;
    const expected = Float64Array.from({ length: 538 }, (_, n) => {
      const late = 0.75 * at(n - 37) + 0.25 * at(n - 38);
      return (at(n) - late) * Math.SQRT1_2;
    });
    expectWithin(core.f32(out, 538), expected, TOLERANCES.shapedPluck.limit);
  });

  test.for([
    ["a cascade", {}],
    ["parallel planes", { coupled: 0.6 }],
  ] as const)("is heard of both loops of %s as the recorded one, less itself", ([, coupling]) => {
    const model = physicalString({ t60: [3, 1], cents: 2, f0: 88.2, ...coupling });
    const played = (pluck: PluckShape, mix: number) => {
      const voices = new Voices(newCore("simd"), model, { polyphony: 1 });
      voices.tune([model.f0]);
      voices.polarisation = mix;
      voices.noteOn(model.f0, 1, 1, pluck);
      // as long as the pluck plays
      return render(voices, 4000);
    };
    for (const mix of [0, -1, 1]) {
      const recorded = played({}, mix);
      const [position, cutoff] = [0.2, 2000];
      const shaped = played({ position, cutoff }, mix);
      const [delay, a] = [position * (RATE / model.f0), 1 - Math.exp((-2 * Math.PI * cutoff) / RATE)];
      const smooth = new Float64Array(recorded.length);
      for (let n = 0, s = 0; n < smooth.length; n++) {
        s += a * (recorded[n] - s);
        smooth[n] = s;
      }
      const expected = smooth.map((s, n) => (s - (smooth[n - delay] ?? 0)) * Math.SQRT1_2);
      const peak = recorded.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
      const most = shaped.reduce((m, x, n) => Math.max(m, Math.abs(x - expected[n])), 0);
      expect(most).toBeLessThan(1e-6 * peak);
    }
  });

  test("has no partial where the string was plucked at its node", () => {
    const there = (position?: number) => {
      const voices = voicesOf();
      voices.noteOn(110, 1, 1, { position });
      return render(voices, RATE);
    };
    const [recorded, fifth] = [there(), there(0.2)];
    const ratio = (n: number) => partial(fifth, 110, n) / partial(recorded, 110, n);
    // two sines of the half way, sqrt 2 of them where the comb is widest
    for (const n of [1, 2, 3]) expect(ratio(n)).toBeCloseTo(Math.SQRT2 * Math.sin(Math.PI * n * 0.2), 1);
    expect(ratio(5)).toBeLessThan(0.1);
  });

  test("is duller with a low pass, and as it was recorded without", () => {
    const sound = (cutoff?: number) => {
      const voices = voicesOf();
      voices.noteOn(110, 1, 1, { cutoff });
      return render(voices, RATE);
    };
    const [open, soft, recorded] = [sound(30000), sound(600), sound()];
    expectSameBits(open, recorded);
    expect(partial(soft, 110, 1) / partial(open, 110, 1)).toBeGreaterThan(0.9);
    expect(partial(soft, 110, 20) / partial(open, 110, 20)).toBeLessThan(0.4);
  });

  test.each([
    [{ position: 0 }, "position: expected above 0 and up to 0.5 (share of the string), got 0"],
    [{ position: 0.6 }, "position: expected above 0 and up to 0.5 (share of the string), got 0.6"],
    [{ cutoff: 0 }, "cutoff: expected a number above 0 (Hz), got 0"],
  ])("%j is refused, and no voice is taken", (pluck, sentence) => {
    const voices = voicesOf(1);
    voices.noteOn(110);
    expect(() => voices.noteOn(110, 1, 2, pluck)).toThrow(new RangeError(sentence));
    expect(voices.sounding).toBe(1);
    expect(rms(render(voices, 4000), 3000, 4000)).toBeGreaterThan(1e-3);
  });
});

describe("mute", () => {
  test("damps what sounds and what will, until it is lifted", () => {
    const voices = voicesOf();
    voices.mute(0.2);
    voices.noteOn(110);
    const dead = render(voices, RATE);
    expect(rms(dead, 30000, RATE)).toBeLessThan(1e-3 * rms(dead, 500, 3000));
    voices.mute(Number.POSITIVE_INFINITY);
    voices.noteOn(220);
    const lives = render(voices, RATE);
    expect(rms(lives, 30000, RATE)).toBeGreaterThan(0.1 * rms(lives, 500, 3000));
  });
});

describe("polarisation", () => {
  test.for([
    ["a cascade", guitar],
    ["parallel planes", planes],
  ] as const)("adds what the second loop of %s holds, and leaves the loops alone", ([, model]) => {
    const learned = voicesOf(4, model);
    learned.noteOn(guitar.f0);
    const y = render(learned, 6000, 500);
    const string = new Resonator(newCore("simd"), model);
    string.pluck();
    const u = new Float32Array(6000);
    for (let n = 0; n < 6000; n += 100) {
      string.process(new Float32Array(100));
      string.secondLoop(u.subarray(n, n + 100));
    }
    for (const mix of [-1, 0.5]) {
      const voices = voicesOf(4, model);
      voices.polarisation = mix;
      voices.noteOn(guitar.f0);
      const heard = render(voices, 6000, 500);
      const most = heard.reduce((m, x, n) => Math.max(m, Math.abs(x - (y[n] + mix * u[n]))), 0);
      expect(most).toBeLessThan(1e-6);
    }
  });

  test("moves without a click, back to the very same sound, and not by the host's blocks", () => {
    const play = (block: number) => {
      const voices = voicesOf();
      voices.noteOn(82.46);
      const parts = [render(voices, 3000, block)];
      for (const mix of [1, -1, 0]) {
        voices.polarisation = mix;
        parts.push(render(voices, 11025, block));
      }
      return Float32Array.from(parts.flatMap((part) => [...part]));
    };
    const sound = play(3000);
    expectSameBits(play(128), sound);
    const learned = voicesOf();
    learned.noteOn(82.46);
    expectSameBits(sound.subarray(34500), render(learned, sound.length).subarray(34500));
    const bend = (n: number) => Math.abs(sound[n] - 2 * sound[n - 1] + sound[n - 2]);
    let before = 0;
    for (let n = 2500; n < 3000; n++) before = Math.max(before, bend(n));
    for (let n = 3000; n < 3100; n++) expect(bend(n)).toBeLessThan(2.5 * before);
  });

  test("out of range is refused", () => {
    expect(() => {
      voicesOf().polarisation = 2;
    }).toThrow(new RangeError("polarisation: expected -1 to 1, got 2"));
  });
});

describe("stiffness", () => {
  test("spreads the partials, keeps the pitch and the certificate", () => {
    const cents = (stiffness: number, n: number) => {
      const bench = new StringTuner(newCore("simd"), guitar, { stiffness });
      const tuning = bench.tune(110);
      expect(tuning.gain).toBeLessThan(1);
      const voices = new Voices(newCore("simd"), guitar, { polyphony: 1 });
      voices.addTuning(tuning);
      voices.noteOn(110);
      // B falls as the pitch rises: the same string, shortened
      const b = 1e-4 * stiffness * (guitar.f0 / 110) ** -2;
      const guess = (n * 110 * Math.sqrt(1 + b * n * n)) / Math.sqrt(1 + b);
      const { hz } = partialAt(render(voices, RATE), RATE, guess, { from: 0.1, to: 0.2, width: 0.3 });
      return 1200 * Math.log2(hz / (n * 110));
    };
    const [none, half, learned, twice, most] = [0, 0.5, 1, 2, 4].map((stiffness) => cents(stiffness, 8));
    expect(Math.abs(none)).toBeLessThan(0.1);
    expect(learned).toBeGreaterThan(7);
    expect(half / learned).toBeCloseTo(0.5, 1);
    expect(twice / learned).toBeGreaterThan(1.9);
    expect(twice / learned).toBeLessThan(2.2);
    // beyond what the taps reach it is no longer in proportion, but it goes on
    expect(most).toBeGreaterThan(3 * learned);
    for (const stiffness of [0, 1, 2]) expect(Math.abs(cents(stiffness, 1))).toBeLessThan(1.7);
  });

  test.for([
    ["cascade", guitar],
    ["parallel planes", planes],
  ] as const)(
    "tunings of a pitch that is there already take its place, and no more memory, %s",
    ([, model]) => {
      const core = newCore("simd");
      const voices = new Voices(core, model, { polyphony: 2, lowestF0: 60 });
      const bench = new StringTuner(newCore("simd"), model, { lowestF0: 60 });
      const learned = bench.tune(110);
      voices.addTuning(learned);
      voices.noteOn(110);
      bench.stiffen(2);
      const stiff = bench.tune(110);
      const before = memoryBytes(core);
      const top = core.allocate(0);
      for (let i = 0; i < 50; i++) voices.addTuning(stiff);
      expect(core.allocate(0) - top).toBeLessThan(64);
      expect(memoryBytes(core)).toBe(before);
      expect(voices.pitches).toEqual([110]);
      // what rings keeps its tuning
      const first = (tuning: StringTuning) => {
        const alone = new Voices(newCore("simd"), model, { polyphony: 1, lowestF0: 60 });
        alone.addTuning(tuning);
        alone.noteOn(110);
        return alone;
      };
      expectSameBits(render(voices, 4000), render(first(learned), 4000));
      // and the next note has the new one, whatever both planes hear of it
      voices.reset();
      voices.noteOn(110);
      expectSameBits(render(voices, 4000), render(first(stiff), 4000));
    },
  );

  test("a pluck longer than there is room for is refused", () => {
    const voices = voicesOf(1);
    const [excitation] = TUNINGS[1].excitations;
    const tuning = { ...TUNINGS[1], excitations: [new Float32Array(3 * excitation.length)] };
    expect(() => voices.addTuning(tuning)).toThrow(/^tuning: expected one of this model/);
  });

  test("more than there are taps for is refused", () => {
    expect(() => tuner.stiffen(5)).toThrow(new RangeError("stiffness: expected 0 to 4, got 5"));
  });
});

describe("look", () => {
  test("sees the newest period of every note, in the phase it has", () => {
    const voices = voicesOf();
    const points = 64;
    voices.noteOn(110, 1, 7);
    const sound = render(voices, 22050);
    const shapes = new Float32Array(4 * points);
    const notes = new Float64Array(12);
    expect(voices.look(shapes, notes, points)).toBe(1);
    const period = RATE / 110;
    expect([...notes.subarray(0, 3)]).toEqual([7, 110, 22050 / period]);
    for (let j = 0; j < points; j++) {
      // the youngest sample of that phase
      const turns = Math.floor(22050 / period - j / points) + j / points;
      const at = Math.min(22049, turns * period - 1);
      const i = Math.floor(at);
      expect(shapes[j]).toBeCloseTo(sound[i] + (at - i) * (sound[Math.min(22049, i + 1)] - sound[i]), 4);
    }
    // looking changes nothing
    const other = voicesOf();
    other.noteOn(110, 1, 7);
    render(other, 22050);
    expectSameBits(render(voices, 1000), render(other, 1000));
  });

  test("sees as many as there is room for, and none in silence", () => {
    const voices = voicesOf();
    const shapes = new Float32Array(2 * 16);
    const notes = new Float64Array(6);
    expect(voices.look(shapes, notes, 16)).toBe(0);
    for (const f0 of PITCHES) voices.noteOn(f0);
    render(voices, 256);
    expect(voices.look(shapes, notes, 16)).toBe(2);
  });
});
