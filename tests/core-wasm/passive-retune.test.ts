// A passive string that is re-tuned while it plays: new filters take over without ever adding energy, the latest tuning
// wins, and its own pitch is its own again. What the filters are is in passive-tuning.test.ts.
import { type PassiveModel, Resonator, tunedShape } from "@neural-string/core-wasm";
import { describe, expect, test } from "vitest";
import { mixtureWeights } from "../../packages/core-wasm/src/mixture-weights.ts";
import { PassiveVoice } from "../../packages/core-wasm/src/passive-voice.ts";
import { renderPassive } from "../reference/passive-string.ts";
import { mulberry32 } from "../reference/random.ts";
import { roughness } from "../support/clicks.ts";
import { expectSameBits, expectWithin, expectWithinDb } from "../support/closeness.ts";
import { newCore } from "../support/core-builds.ts";
import { TOLERANCES } from "../support/kernel-tolerances.ts";
import { partialAt } from "../support/partials.ts";
import { makePassiveModel } from "../support/passive-models.ts";
import { filtersOf, longestDelayOf, mixtureOf, periodOf } from "../support/passive-playing.ts";
import { lowTone, physicalString, pluckedWith } from "../support/physical-string.ts";
import { expectedTaps } from "../support/retuned-strings.ts";

const bass = physicalString({ taps: 512, ahead: 400, f0: 55, t60: [20, 8], inharmonicity: 2e-5 });
const guitar = physicalString({ filters: 2, spread: 3, controls: 1 });

function random(length: number, seed: number): Float32Array {
  const next = mulberry32(seed);
  return Float32Array.from({ length }, () => next() - 0.5);
}

describe("a re-tuned passive string", () => {
  test("at the model's own pitch it plays the file's taps", () => {
    const past = random(2 * longestDelayOf(bass), 5);
    const expected = renderPassive({ tunings: [filtersOf(bass)], past }, 2000).y;
    const string = new Resonator(newCore("simd"), bass);
    string.retune(110);
    string.detune(7);
    string.retune(55);
    string.excite(past);
    const sound = new Float32Array(2000);
    string.process(sound);
    expectWithinDb(sound, expected, TOLERANCES.passive.limit);
    expect(string.certificate.gain).toBe(bass.certificate.gain);
  });

  test("while it rings, old and new are terms of one sum: it equals the reference", () => {
    const past = random(2 * longestDelayOf(bass), 6);
    const tuning = { sampleRate: 44100, f0: 58.3 };
    const shape = tunedShape(bass, tuning);
    const rows = [0, 1].map((row) => expectedTaps(bass, tuning, row));
    const length = 20 * Math.max(periodOf(bass), shape.period);
    const angle = (n: number) => (Math.PI / 2) * Math.min(1, n / length);
    const fade = (i: number, n: number) => (i === 0 ? Math.cos(angle(n)) : Math.sin(angle(n)));
    const tunings = [filtersOf(bass), { near: shape.period - shape.ahead, rows }];
    const expected = renderPassive({ tunings, fade, past }, length + 2000).y;
    const string = new Resonator(newCore("simd"), bass);
    string.excite(past);
    string.retune(58.3);
    const sound = new Float32Array(length + 2000);
    string.process(sound);
    // the reference's taps are not scaled to the claim, and its weights bend where the kernel's are straight: 4e-5
    expectWithinDb(sound, expected, -60);
  });

  test("so they are while the mixture moves: both have the weights that go in a line", () => {
    // hops of whole steps, and steps of 32 samples, so that the kernel's weights are straight where these are
    const { model } = makePassiveModel({ filters: 3, controls: 1, hop: 64, seed: 2, taps: 32 });
    const past = random(2 * longestDelayOf(model) + 100, 9);
    const f0 = 159.6;
    const taps = new PassiveVoice(newCore("simd"), model, { f0 }).loopTaps.slice();
    const own = filtersOf(model);
    expect(own.near).toBeGreaterThanOrEqual(32);
    const rows = [0, 1, 2, 3].map((row) =>
      taps.subarray((row * taps.length) / 4, ((row + 1) * taps.length) / 4),
    );
    const length = 20 * periodOf(model);
    const share = (i: number, n: number) => {
      const angle = (Math.PI / 2) * Math.min(1, n / length);
      return i === 0 ? Math.cos(angle) : Math.sin(angle);
    };
    const fade = (i: number, n: number) => {
      const from = n - (n % 32);
      return share(i, from) + ((n - from) / 32) * (share(i, from + 32) - share(i, from));
    };
    const tunings = [own, { near: own.near, rows }];
    const expected = renderPassive(
      { tunings, fade, mixture: mixtureOf(model), controls: () => [0.5], past },
      length - (length % 32),
    ).y;
    const string = new Resonator(newCore("simd"), model);
    string.setControl(0, 0.5);
    string.excite(past);
    string.retune(f0);
    const sound = new Float32Array(expected.length);
    string.process(sound);
    expectWithinDb(sound, expected, TOLERANCES.passive.limit);
  });

  test("so early the mixture listens to the period it is tuned to", () => {
    const { model } = makePassiveModel({ filters: 3, controls: 1, hop: 64, seed: 2, taps: 32 });
    const f0 = 0.7 * model.f0;
    const string = new Resonator(newCore("simd"), model, { lowestF0: f0 });
    const past = random(string.wantedHistory, 9);
    string.setControl(0, 0.5);
    string.excite(past);
    string.retune(f0);
    const { hop } = tunedShape(model, { sampleRate: model.sampleRate, f0 });
    const heard = new Float32Array(past.length + 4 * hop);
    heard.set(past);
    // what was asked for at the last hop's first sample
    string.process(heard, past.length, past.length + 3 * hop + 1);
    const asked = (at: PassiveModel) => mixtureWeights(at, heard, past.length + 3 * hop, [0.5]);
    expectWithin(string.mixtureWeights(), asked({ ...model, f0 }), 1e-5);
    expect(asked(model)[0]).not.toBeCloseTo(asked({ ...model, f0 })[0], 3);
  });

  test("once it has faded, nothing of the fade is left in its weights", () => {
    for (const { model } of [makePassiveModel({ taps: 32, ahead: 16, f0: 880 }), { model: bass }]) {
      const f0 = 1.03 * model.f0;
      const string = new Resonator(newCore("simd"), model);
      const F = string.leastHistory;
      string.load(random(F, 4), random(F, 5));
      string.retune(f0);
      const heard = new Float32Array(30 * F);
      string.process(heard);
      const second = new Float32Array(string.leastHistory);
      string.secondLoop(second);
      const other = new Resonator(newCore("simd"), model, { f0 });
      other.load(heard.subarray(-second.length), second);
      const [goesOn, expected] = [string, other].map((one) => {
        const sound = new Float32Array(4 * F);
        one.process(sound);
        return sound;
      });
      expectWithinDb(goesOn, expected, TOLERANCES.passive.limit, model.f0.toString());
    }
  });

  test("after an earlier note that stopped on its weights' way it plays as a new string does", () => {
    // steps of 7 samples: the way of 32 is five of them
    const { model } = makePassiveModel({ filters: 3, controls: 1, hop: 64, taps: 32, ahead: 24, f0: 258 });
    expect(filtersOf(model).near).toBeLessThan(32);
    const play = (string: Resonator) => {
      string.setControl(0, 1, 0);
      string.excite(random(string.wantedHistory, 7));
      string.retune(1.02 * model.f0);
      const sound = new Float32Array(600);
      string.process(sound);
      return sound;
    };
    const expected = play(new Resonator(newCore("simd"), model));
    for (let samples = 60; samples < 130; samples += 4) {
      const string = new Resonator(newCore("simd"), model);
      string.excite(random(string.wantedHistory, 8));
      string.process(new Float32Array(samples));
      string.retune(model.f0);
      expectSameBits(play(string), expected);
    }
  });

  test("it listens as often as it is tuned to, at once: what is left of a longer hop is not waited for", () => {
    const model = physicalString({ f0: 220, filters: 2, spread: 3, controls: 1, hop: 4096 });
    const string = new Resonator(newCore("simd"), model, { lowestF0: 27 });
    string.retune(27.5);
    string.pluck();
    string.process(new Float32Array(500));
    string.retune(220);
    const heard = () => {
      string.process(new Float32Array(4200));
      return string.mixtureWeights().slice();
    };
    const before = heard();
    string.setControl(0, 1, 0);
    expect(heard()).not.toEqual(before);
  });

  test("no fade adds energy, whatever the mixture does meanwhile", () => {
    const model = physicalString({ t60: [4, 2], filters: 3, spread: 5, controls: 1 });
    const pitches = [74, 110, 65, 165, 82.46, 90, 196];
    const string = new Resonator(newCore("simd"), model, { lowestF0: 60 });
    const F = longestDelayOf(model);
    const y0 = random(F, 8);
    string.load(y0, new Float32Array(F));
    const sound = new Float32Array(84000);
    let gain = model.certificate.gain;
    let longest = F;
    for (let i = 0; i < 84; i++) {
      string.setControl(0, i % 2 ? 5 : -5, 0);
      if (i % 5 === 0) {
        const f0 = pitches[(i / 5) % pitches.length];
        string.retune(f0);
        gain = Math.max(gain, model.certificate.gain ** (model.f0 / f0));
        longest = Math.max(longest, tunedShape(model, { sampleRate: 44100, f0 }).longestDelay);
      }
      string.process(sound.subarray(1000 * i, 1000 * i + 1000));
    }
    // the second loop is silent, so T_y(n) <= g T_y(n - F), F the longest of all delays that were used
    const line = Float32Array.of(...new Float32Array(longest - F), ...y0, ...sound);
    const tail = new Float64Array(line.length + 1);
    for (let n = line.length - 1; n >= 0; n--) tail[n] = tail[n + 1] + line[n] * line[n];
    for (let n = longest; n < line.length; n += 7) {
      expect(Math.sqrt(tail[n])).toBeLessThanOrEqual(
        gain * (1 + 2e-6) * Math.sqrt(tail[n - longest]) + 1e-12,
      );
    }
    expect(tail[line.length - 10000] / tail[longest], "it decays").toBeLessThan(1e-3);
  });

  test("of several tunings while it fades, the latest wins", () => {
    const string = new Resonator(newCore("simd"), bass);
    const F = string.leastHistory;
    string.load(random(F, 3), new Float32Array(F));
    for (const f0 of [49, 65.4, 41.2, 61.7]) string.retune(f0);
    const sound = new Float32Array(44100 * 2);
    string.process(sound);
    const hz = 61.7 * Math.sqrt(1 + 2e-5 * (61.7 / 55) ** 2);
    const { hz: heard } = partialAt(sound, 44100, hz, { from: 1, to: 1.2, width: 0.6 });
    expect(Math.abs(1200 * Math.log2(heard / hz))).toBeLessThan(1);
  });

  test("while its pluck still drives it: the pluck goes on with the samples it began with, and nothing clicks", () => {
    // smooth, and with another sample everywhere once it is stretched
    const samples = Float32Array.from(
      { length: 9000 },
      (_, n) => 0.1 * Math.sin(n / 40) * Math.exp(-n / 6000),
    );
    const slow = pluckedWith(guitar, samples);
    const moves: Record<string, (string: Resonator) => void> = {
      retune: (string) => string.retune(1.03 * slow.f0),
      "retune twice": (string) => {
        string.retune(1.03 * slow.f0);
        string.retune(0.97 * slow.f0);
      },
      detune: (string) => string.detune(12),
      "retune and pluck": (string) => {
        string.retune(1.03 * slow.f0);
        string.pluck(0, { level: 0 });
      },
      "three more plucks, each at a pitch of its own, and a fourth tuning": (string) => {
        for (const ratio of [1.03, 0.97, 1.06]) {
          string.retune(ratio * slow.f0);
          string.pluck(0, { level: 0 });
        }
        string.retune(0.94 * slow.f0);
      },
    };
    const play = (at: number, move: (string: Resonator) => void) => {
      const string = new Resonator(newCore("simd"), slow);
      string.pluck();
      const sound = new Float32Array(at + 40);
      string.process(sound, 0, at);
      move(string);
      string.process(sound, at);
      return sound;
    };
    const sharpest = (sound: Float32Array) => roughness(sound, sound.length - 40);
    for (const at of [800, 2500, 6000]) {
      const untouched = sharpest(play(at, () => {}));
      for (const [what, move] of Object.entries(moves))
        expect(sharpest(play(at, move)) / untouched, `${what} at ${at}`).toBeLessThan(1.5);
    }
    // and the next pluck is the new pitch's
    const string = new Resonator(newCore("simd"), slow);
    string.pluck();
    string.process(new Float32Array(500));
    string.retune(1.03 * slow.f0);
    string.reset();
    string.pluck();
    const fresh = new Resonator(newCore("simd"), slow, { f0: 1.03 * slow.f0 });
    fresh.pluck();
    const [a, b] = [string, fresh].map((one) => {
      const sound = new Float32Array(3000);
      one.process(sound);
      return sound;
    });
    expectSameBits(a, b);
  });

  test.each([1, 11, 14, 24])(
    "bent, and tuned up by %i semitones, it goes where there is room for the bend first",
    (semitones) => {
      const smooth = pluckedWith(guitar, lowTone(guitar.f0));
      const f0 = guitar.f0 * 2 ** (semitones / 12);
      for (const cents of [200, -200]) {
        const play = (bend: number, bendCents: number) => {
          const string = new Resonator(newCore("simd"), smooth, { bendCents });
          string.bend(bend);
          string.pluck();
          const sound = new Float32Array(60000);
          string.process(sound, 0, 22016);
          string.retune(f0);
          string.process(sound, 22016);
          return { sound, gain: string.certificate.gain };
        };
        for (const bendCents of [0, 200]) {
          const [bent, free] = [play(cents, bendCents), play(0, bendCents)];
          expect(roughness(bent.sound, 22016)).toBeLessThan(3 * roughness(free.sound, 22016));
          // it did get there
          expect(bent.gain).toBe(free.gain);
        }
      }
    },
  );

  test("does not depend on the host's blocks", () => {
    const play = (size: number) => {
      const string = new Resonator(newCore("simd"), guitar);
      string.pluck();
      const sound = new Float32Array(24000);
      for (let n = 0; n < sound.length; n += size) {
        if (n === 6000) string.retune(98);
        if (n === 12000) string.retune(110);
        string.process(sound.subarray(n, n + size));
      }
      return sound;
    };
    expectSameBits(play(125), play(3000));
  });

  test("says where it cannot go", () => {
    const string = new Resonator(newCore("simd"), guitar);
    expect(() => string.retune(20)).toThrow("f0: expected 41.23 Hz or more");
    expect(() => string.retune(6000)).toThrow("f0: expected above 0 and up to 5512.5 Hz, got 6000");
    expect(() => string.retune(Number.NaN)).toThrow("f0: expected above 0");
    string.retune(41.23);
    string.retune(1000);
  });
});
