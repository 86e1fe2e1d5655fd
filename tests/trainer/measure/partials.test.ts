// Physics: what a synthetic string was given, measuring must find, at any rate, pitch and level.
import {
  ENVELOPE_HOP,
  estimateInharmonicity,
  fitDecayTime,
  partialEnvelope,
  partialFrequencies,
} from "@neural-string/trainer/measure/partials";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addPartial, partialFrequency, syntheticString } from "../../support/synthetic-string.ts";

const RATES = [44100, 48000, 96000];
const cents = (a: number, b: number) => Math.abs(1200 * Math.log2(a / b));
const rate = fc.constantFrom(...RATES);
const f0s = fc.double({ min: 41, max: 1000, noNaN: true });
const gain = fc.constantFrom(1e-3, 1, 1e3);

describe("partialFrequencies", () => {
  test("finds every partial within 0.2 cents, whatever the rate, f0 and level", () => {
    fc.assert(
      fc.property(rate, f0s, gain, (sampleRate, f0, level) => {
        const B = 1e-4;
        const x = syntheticString({
          sampleRate,
          seconds: 2.2,
          f0,
          B,
          t60: 5,
          partials: 10,
          amplitude: 0.5 * level,
        });
        for (const { partial, frequency, isPeak } of partialFrequencies(x, sampleRate, f0, 10)) {
          expect(isPeak).toBe(true);
          expect(cents(frequency, partialFrequency(partial, f0, B))).toBeLessThan(0.2);
        }
      }),
      { numRuns: 12, seed: 1 },
    );
  });

  test("leaves out partials beyond Nyquist", () => {
    const x = syntheticString({ sampleRate: 44100, seconds: 1, f0: 3000, t60: 2 });
    expect(partialFrequencies(x, 44100, 3000).map(({ partial }) => partial)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test("says where no peak stands", () => {
    const x = syntheticString({ sampleRate: 44100, seconds: 2, f0: 100, t60: 5, partials: 2 });
    addPartial(x, { cycles: 290 / 44100, amplitude: 0.5, nepers: 0, phase: 0 });
    expect(partialFrequencies(x, 44100, 100, 3).map(({ isPeak }) => isPeak)).toEqual([true, true, false]);
  });
});

describe("estimateInharmonicity", () => {
  test("recovers f0 within 0.1 cents and B within 2 % from a measured string", () => {
    fc.assert(
      fc.property(
        rate,
        fc.double({ min: 41, max: 400, noNaN: true }),
        fc.constantFrom(3e-5, 1.4e-4),
        (fs, f0, B) => {
          const x = syntheticString({ sampleRate: fs, seconds: 2.2, f0, B, t60: 8, partials: 16 });
          const found = estimateInharmonicity(partialFrequencies(x, fs, f0 * 1.003, 14));
          expect(cents(found?.f0 ?? 1, f0)).toBeLessThan(0.1);
          expect(Math.abs((found?.B ?? 0) / B - 1)).toBeLessThan(0.02);
        },
      ),
      { numRuns: 8, seed: 2 },
    );
  });

  test("reads 0 from a string without stiffness", () => {
    const harmonic = [1, 2, 3, 5, 8].map((partial) => ({ partial, frequency: 100 * partial }));
    expect(estimateInharmonicity(harmonic)?.B).toBeCloseTo(0, 12);
  });

  test("is not led astray by two wrong partials", () => {
    const partials = Array.from({ length: 16 }, (_, i) => ({
      partial: i + 1,
      frequency: partialFrequency(i + 1, 82.5, 1.4e-4) * (i === 15 || i === 9 ? 1.01 : 1),
    }));
    const found = estimateInharmonicity(partials);
    expect(found?.B).toBeCloseTo(1.4e-4, 8);
    expect(found?.partials).not.toContain(16);
  });

  test("needs three partials", () => {
    expect(estimateInharmonicity([{ partial: 1, frequency: 100 }])).toBeNull();
  });
});

describe("partialEnvelope", () => {
  test("follows one partial's amplitude and not its neighbours", () => {
    const x = syntheticString({ sampleRate: 48000, seconds: 2, f0: 110, t60: 3 });
    const envelope = partialEnvelope(x, 48000, 220);
    expect(envelope.length).toBe(Math.ceil(x.length / ENVELOPE_HOP));
    for (let i = 20; i < envelope.length - 20; i++) {
      const amplitude = 0.25 * 10 ** ((-3 * (i * ENVELOPE_HOP)) / (48000 * 3));
      expect(Math.abs(envelope[i] / amplitude - 1)).toBeLessThan(0.005);
    }
  });

  test("scales with the signal", () => {
    const x = syntheticString({ sampleRate: 44100, seconds: 0.5, f0: 200, t60: 1 });
    const [one, thousand] = [x, x.map((v) => 1000 * v)].map((z) => partialEnvelope(z, 44100, 200));
    thousand.forEach((v, i) => {
      expect(v / one[i]).toBeCloseTo(1000, 6);
    });
  });
});

describe("fitDecayTime", () => {
  const fit = (x: Float64Array, sampleRate: number, frequency: number) => {
    const envelope = partialEnvelope(x, sampleRate, frequency);
    const floor = new Float64Array(envelope.length);
    return fitDecayTime(envelope, { frameRate: sampleRate / ENVELOPE_HOP, floor }).t60Seconds;
  };

  test("recovers T60 within 1 %, whatever the rate, f0, level and T60", () => {
    fc.assert(
      fc.property(
        rate,
        f0s,
        gain,
        fc.double({ min: 1, max: 40, noNaN: true }),
        (sampleRate, f0, level, t60) => {
          const x = syntheticString({ sampleRate, seconds: 4, f0, t60, partials: 6, amplitude: 0.5 * level });
          for (const n of [1, 4])
            expect(Math.abs((fit(x, sampleRate, n * f0) ?? 0) / t60 - 1)).toBeLessThan(0.01);
        },
      ),
      { numRuns: 12, seed: 3 },
    );
  });

  test("recovers T60 within 5 % although a click and a shallow beat disturb it", () => {
    const x = syntheticString({ sampleRate: 44100, seconds: 4, f0: 200, t60: 6, partials: 1 });
    addPartial(x, { cycles: 201 / 44100, amplitude: 0.08, nepers: Math.log(1000) / (6 * 44100), phase: 0 });
    x[60000] += 30;
    expect(Math.abs((fit(x, 44100, 200) ?? 0) / 6 - 1)).toBeLessThan(0.05);
  });

  test.each([
    ["noise", { t60: 5, amplitude: 0, noise: 0.1 }],
    ["a partial that grows", { t60: -20 }],
    ["one that hardly decays", { t60: 1000 }],
    ["one that is over at once", { t60: 0.1 }],
  ])("is null for %s", (_, what) => {
    expect(
      fit(syntheticString({ sampleRate: 44100, seconds: 3, f0: 200, partials: 1, ...what }), 44100, 200),
    ).toBeNull();
  });

  test("is null for deep beating", () => {
    const x = syntheticString({ sampleRate: 44100, seconds: 3, f0: 200, t60: 20, partials: 1 });
    addPartial(x, {
      cycles: 200.5 / 44100,
      amplitude: 0.45,
      nepers: Math.log(1000) / (20 * 44100),
      phase: 1,
    });
    expect(fit(x, 44100, 200)).toBeNull();
  });
});
