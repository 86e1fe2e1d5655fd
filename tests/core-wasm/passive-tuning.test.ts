// The filters of a re-tuned passive string are those of the formulas, keep their certificate, and let every partial
// sound where it should and as long as it should, from C1 to C5.
import { type PassiveModel, Resonator, tunedShape } from "@neural-string/core-wasm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { largestGain, retunedTaps } from "../reference/passive-tuning.ts";
import { mulberry32 } from "../reference/random.ts";
import { expectSameBits, expectWithin } from "../support/closeness.ts";
import { BUILDS_HERE, newCore } from "../support/core-builds.ts";
import { TOLERANCES } from "../support/kernel-tolerances.ts";
import { partialAt } from "../support/partials.ts";
import { makePassiveModel } from "../support/passive-models.ts";
import { physicalString } from "../support/physical-string.ts";
import { expectedTaps, idealPartial, playedTaps, rowOf } from "../support/retuned-strings.ts";

const bass = physicalString({ taps: 512, ahead: 400, f0: 55, t60: [20, 8], inharmonicity: 2e-5 });
// as trained strings are: damping wanders from bin to bin, so between the bins it is neither one's
const rough = physicalString({ roughness: 0.5, t60: [20, 8], inharmonicity: 1.5e-4, seed: 3 });
const roughBass = physicalString({ taps: 512, ahead: 400, f0: 55, t60: [20, 8], roughness: 0.4, seed: 4 });

const TUNINGS = [
  { sampleRate: 44100, f0: 32.7 },
  { sampleRate: 48000, f0: 55 },
  { sampleRate: 44100, f0: 58.3 },
  { sampleRate: 48000, f0: 110 },
  { sampleRate: 44100, f0: 220 },
  { sampleRate: 96000, f0: 220 },
  { sampleRate: 48000, f0: 523.25 },
];

function random(length: number, seed: number): Float32Array {
  const next = mulberry32(seed);
  return Float32Array.from({ length }, () => next() - 0.5);
}

describe("the hop of a re-tuned mixture", () => {
  const string = physicalString({ filters: 3, hop: 200, f0: 50 });
  const at = (f0: number, sampleRate = 44100, model: Partial<PassiveModel> = {}) =>
    tunedShape({ ...string, ...model }, { f0, sampleRate }).hop;

  test("is the same share of a trip, in whole steps of 32", () => {
    expect([25, 49.9, 50, 50.1, 100, 125, 200, 210, 5000].map((f0) => at(f0))).toEqual([
      ...[416, 200, 200, 192, 96, 96, 64, 32, 32],
    ]);
    expect([at(50, 88200), at(50, 22050)]).toEqual([416, 96]);
    // a trip of as many samples
    expect(at(100, 88200)).toBe(200);
    expect(at(25, 44100, { mixture: null })).toBe(1);
  });

  test("is as long as ever where every pitch was trained with it", () => {
    const model = { pitchControl: true };
    expect([50, 100, 400].map((f0) => at(f0, 44100, model))).toEqual([200, 200, 200]);
    expect([at(50, 48000, model), at(100, 88200, model)]).toEqual([218, 400]);
  });

  test("never grows with the pitch, nor jumps near the model's own", () => {
    for (const hop of [16, 20, 31, 32, 33, 48, 56, 100, 256, 5000]) {
      const model = { mixture: { hidden: 8, hop } };
      let before = Number.POSITIVE_INFINITY;
      for (let cents = -2400; cents <= 4800; cents += 4) {
        const here = at(50 * 2 ** (cents / 1200), 44100, model);
        expect(here, `${hop} at ${cents} cents`).toBeLessThanOrEqual(before);
        before = here;
      }
      expect(at(50, 44100, model)).toBe(hop);
      expect(at(49.9, 44100, model) - hop, `${hop} below`).toBeLessThanOrEqual(16 + hop / 200);
      expect(hop - at(50.1, 44100, model), `${hop} above`).toBeLessThanOrEqual(16 + hop / 200);
    }
  });
});

describe("the filters of a re-tuned passive string", () => {
  test.each([
    // at the learned sample rate the grids coincide
    { f0: 41.2, sampleRate: 44100, model: rough, tolerance: TOLERANCES.retunedTaps.limit },
    { f0: 110, sampleRate: 44100, model: rough, tolerance: TOLERANCES.retunedTaps.limit },
    { f0: 58.3, sampleRate: 44100, model: bass, tolerance: TOLERANCES.retunedTaps.limit },
    // between the points of its grid the core interpolates, which in silence (above 15 kHz) follows no turned phase
    { f0: 349.2, sampleRate: 48000, model: rough, tolerance: 3e-4 },
  ])("has the taps of the least-squares fit at $f0 Hz, $sampleRate Hz", ({ model, tolerance, ...tuning }) => {
    for (const row of [0, 1] as const) {
      const expected = expectedTaps(model, tuning, row);
      const { h, string } = playedTaps(model, tuning, row);
      // where the fit still exceeds the claim, all taps are scaled
      const scale = Math.min(1, string.certificate.gain / largestGain(expected, 32 * expected.length));
      const scaled = expected.map((tap) => scale * tap);
      expectWithin(h, scaled, tolerance, `row ${row}`);
    }
  });

  test.each(TUNINGS.slice(0, 3))("trained at several pitches, it is as trained at $f0 Hz", (tuning) => {
    const model = { ...bass, pitchControl: true };
    for (const row of [0, 1] as const) {
      const { logDamping, phase, from } = rowOf(model, row);
      const expected = retunedTaps(logDamping, phase, from, { ...tuning, ...tunedShape(model, tuning) });
      const { h } = playedTaps(model, tuning, row);
      expectWithin(h, expected, TOLERANCES.trainedTaps.limit, `row ${row}`);
    }
  });

  test.each(TUNINGS)("stays below the claim at every frequency at $f0 Hz, $sampleRate Hz", (tuning) => {
    for (const model of [bass, rough, { ...rough, pitchControl: true }]) {
      for (const row of [0, 1] as const) {
        const { h, string } = playedTaps(model, tuning, row);
        const { gain } = string.certificate;
        expect(gain).toBeCloseTo(model.certificate.gain ** (model.f0 / tuning.f0), 12);
        const largest = largestGain(h, 32 * h.length);
        expect(largest, `row ${row}`).toBeLessThanOrEqual(gain * (1 + 1e-6));
        expect(largest, "and it is not needlessly far below").toBeGreaterThan(gain - 0.25);
      }
    }
  });

  test("stays below the claim whatever it was learned for, and for whatever it is asked", () => {
    const asked = fc.record({
      seed: fc.nat({ max: 1e6 }),
      half: fc.integer({ min: 16, max: 40 }),
      pitchControl: fc.boolean(),
      octaves: fc.double({ min: -1.5, max: 2, noNaN: true }),
      sampleRate: fc.constantFrom(8000, 11025, 16000),
    });
    fc.assert(
      fc.property(asked, ({ seed, half, pitchControl, octaves, sampleRate }) => {
        const made = makePassiveModel({ seed, taps: 2 * half, gain: 0.9 + 0.0999 * Math.sin(seed) ** 2 });
        const model = { ...made.model, pitchControl };
        const tuning = { sampleRate, f0: model.f0 * 2 ** octaves };
        const { h, string } = playedTaps(model, tuning, 1);
        expect(largestGain(h, 32 * h.length)).toBeLessThanOrEqual(string.certificate.gain * (1 + 1e-6));
      }),
      { numRuns: 60 },
    );
  });

  // C1 .. C5 and a semitone, and the model's own pitch at other sample rates
  test.each([
    ...[rough, roughBass].flatMap((model) => [
      ...[32.703, 65.406, 87.4, 110, 130.81, 261.63, 523.25].map((f0) => ({ model, f0, sampleRate: 44100 })),
      { model, f0: model.f0, sampleRate: 48000 },
      { model, f0: model.f0, sampleRate: 88200 },
    ]),
    { model: bass, f0: 220, sampleRate: 96000 },
  ])(
    "every partial rings as long as before at its frequency: $f0 Hz, $sampleRate Hz",
    ({ model, ...tuning }) => {
      const string = new Resonator(newCore("simd"), model, { lowestF0: 30, ...tuning });
      const F = string.leastHistory;
      string.load(random(F, 3), new Float32Array(F));
      const sound = new Float32Array(2 * tuning.sampleRate);
      string.process(sound);
      for (let n = 1; n <= 8; n++) {
        const { hz, t60 } = idealPartial(model, tuning.f0, n);
        // what is gone within the windows cannot be measured
        if (t60 < 0.7) continue;
        const partial = partialAt(sound, tuning.sampleRate, hz, { from: 0.2, to: 0.7, width: 0.5 });
        expect(Math.abs(1200 * Math.log2(partial.hz / hz)), `partial ${n}, cents`).toBeLessThan(1);
        expect(partial.t60 / t60, `partial ${n}, T60 against ${t60.toFixed(2)} s`).toBeGreaterThan(0.9);
        expect(partial.t60 / t60, `partial ${n}, T60 against ${t60.toFixed(2)} s`).toBeLessThan(1.1);
      }
    },
  );

  test("every build makes the same taps", () => {
    for (const pitchControl of [false, true]) {
      const model = { ...rough, pitchControl };
      const expected = playedTaps(model, { sampleRate: 48000, f0: 131 }, 1, "scalar").h;
      // an impulse meets one tap at a time: no sum, so no rounding
      for (const build of BUILDS_HERE) {
        expectSameBits(playedTaps(model, { sampleRate: 48000, f0: 131 }, 1, build).h, expected, build);
      }
    }
  });
});
