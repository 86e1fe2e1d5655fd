import { noiseFloor, percentileFilter } from "@neural-string/trainer/measure/noise-floor";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { syntheticString } from "../../support/synthetic-string.ts";

describe("percentileFilter", () => {
  test("equals sorting every mirrored neighbourhood", () => {
    const values = fc.array(fc.double({ min: 0, max: 9, noNaN: true }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(
        values,
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: 0, max: 99 }),
        (list, half, percent) => {
          const width = 2 * half + 1;
          const n = list.length;
          const mirrored = [...list, ...list.toReversed()];
          const at = (i: number) => mirrored[((i % (2 * n)) + 2 * n) % (2 * n)];
          const expected = list.map((_, i) => {
            const sorted = Array.from({ length: width }, (_, j) => at(i + j - half)).sort((a, b) => a - b);
            return sorted[Math.floor((width * percent) / 100)];
          });
          expect([...percentileFilter(Float64Array.from(list), percent, width)]).toEqual(expected);
        },
      ),
    );
  });
});

describe("noiseFloor", () => {
  const hiss = { sampleRate: 44100, seconds: 6, f0: 110, t60: 5, noise: 1e-3 };

  test("sees the noise, not the partials that sound in it", () => {
    const quiet = noiseFloor(syntheticString({ ...hiss, amplitude: 0 }), 44100, 110, 1)(8192);
    const sounding = noiseFloor(syntheticString(hiss), 44100, 110, 1)(8192);
    for (let k = 100; k < 4000; k += 100)
      expect(Math.abs(10 * Math.log10(sounding[k] / quiet[k]))).toBeLessThan(1);
  });

  test("reads white noise within 2 dB of its power per bin, at any resolution", () => {
    const floor = noiseFloor(syntheticString({ ...hiss, amplitude: 0 }), 44100, 110, 1);
    for (const size of [512, 2048, 8192]) {
      // variance of uniform noise times sum(w^2) / sum(w)^2 of a Hann window
      const power = ((1e-3 ** 2 / 3) * 1.5) / size;
      const mean = floor(size).reduce((sum, p) => sum + p, 0) / (size / 2 + 1);
      expect(Math.abs(10 * Math.log10(mean / power))).toBeLessThan(2);
    }
  });

  test("is zero where less than 4 s follow the stretch that is compared", () => {
    const x = syntheticString(hiss);
    expect(noiseFloor(x, 44100, 110, 2.01)(2048)).toEqual(new Float64Array(1025));
    expect(noiseFloor(x, 44100, 110, 2)(2048)[500]).toBeGreaterThan(0);
  });
});
