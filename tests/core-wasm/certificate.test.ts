// The certificate must never be below the true gain: checked against a far finer grid, against filters whose gain is
// known, and against ones built to peak between the grid's points. What follows from it must bound what loops do.
import {
  certifiedGain,
  growthBound,
  longestT60,
  parallelTailBound,
  tailBound,
  verifyCertificate,
} from "@neural-string/core-wasm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mulberry32 } from "../reference/random.ts";
import { makePassiveModel } from "../support/passive-models.ts";

/** |H| at one frequency, straight from the definition, float64. */
function gainAt(taps: Float32Array, w: number): number {
  let [re, im] = [0, 0];
  taps.forEach((tap, j) => {
    re += tap * Math.cos(w * j);
    im -= tap * Math.sin(w * j);
  });
  return Math.hypot(re, im);
}

describe("certifiedGain", () => {
  test("of one tap it is that tap", () => {
    expect(certifiedGain(Float32Array.of(-0.5))).toBeCloseTo(0.5, 12);
  });

  test("of positive taps it is their sum, at DC; of alternating ones too, at half the sample rate", () => {
    const taps = new Float32Array(256).fill(1 / 256);
    expect(certifiedGain(taps)).toBeGreaterThanOrEqual(1);
    expect(certifiedGain(taps)).toBeLessThan(1 + 7.5e-5);
    const alternating = taps.map((tap, j) => (j % 2 ? -tap : tap));
    expect(certifiedGain(alternating)).toBeGreaterThanOrEqual(1);
    expect(certifiedGain(alternating)).toBeLessThan(1 + 7.5e-5);
  });

  test("the slack stays small for filters of any length", () => {
    for (const count of [1, 2, 3, 31, 32, 33, 512, 1000, 1024, 8192, 16384]) {
      const bound = certifiedGain(new Float32Array(count).fill(2 ** -14));
      expect(bound).toBeGreaterThanOrEqual(count * 2 ** -14);
      // 1 / sqrt(cos(pi / 256)), the grid having 256 points or more for each tap
      expect(bound).toBeLessThanOrEqual(count * 2 ** -14 * 1.0000377);
    }
  });

  test("the whole grid is looked at: a filter that peaks anywhere is not underrated", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(37, 256, 300),
        fc.double({ min: 0, max: Math.PI, noNaN: true }),
        (count, w) => {
          const taps = Float32Array.from({ length: count }, (_, j) => Math.cos(w * j + 1) / count);
          return gainAt(taps, w) <= certifiedGain(taps);
        },
      ),
      { numRuns: 200, seed: 4 },
    );
  });

  test("a filter that peaks between two points of the grid is not underrated", () => {
    const grid = (2 * Math.PI) / 65536;
    for (const at of [0.5, 0.25, 0.75]) {
      const w = (20000 + at) * grid;
      const taps = Float32Array.from({ length: 512 }, (_, j) => Math.cos(w * j) / 256);
      expect(certifiedGain(taps)).toBeGreaterThanOrEqual(gainAt(taps, w));
    }
  });

  test("for any taps, no frequency exceeds it, and it is not far above the largest", () => {
    const anyTaps = fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(anyTaps, fc.double({ min: 0, max: Math.PI, noNaN: true }), (list, w) => {
        const taps = Float32Array.from(list);
        return gainAt(taps, w) <= certifiedGain(taps) * (1 + 1e-12) + 1e-300;
      }),
      { numRuns: 60, seed: 3 },
    );
    const taps = Float32Array.from({ length: 256 }, (_, j) => Math.sin(j * j) / 16);
    let largest = 0;
    for (let i = 0; i <= 200_000; i++) largest = Math.max(largest, gainAt(taps, (Math.PI * i) / 200_000));
    expect(certifiedGain(taps)).toBeGreaterThanOrEqual(largest);
    expect(certifiedGain(taps)).toBeLessThan(largest * (1 + 8e-5));
  });

  test("nonsense is refused", () => {
    expect(() => certifiedGain(new Float32Array(0))).toThrow("taps: expected 1 to 16384 of them, got 0");
    expect(() => certifiedGain(Float32Array.of(1, Number.NaN))).toThrow(
      "taps: expected finite numbers, got NaN at 1",
    );
  });
});

describe("verifyCertificate", () => {
  const { model } = makePassiveModel({ filters: 3, gain: 0.995 });
  const { loopTaps, taps } = model;

  test("gives the largest gain of all rows, whichever it is", () => {
    for (let row = 0; row < 4; row++) {
      const louder = loopTaps.map((x, i) => (Math.floor(i / taps) === row ? 1.25 * x : x));
      const { gain, holds } = verifyCertificate(louder, taps, 0.995);
      expect(gain).toBeCloseTo(1.25 * certifiedGain(loopTaps.subarray(row * taps, (row + 1) * taps)), 6);
      expect(holds).toBe(false);
    }
  });

  test("a claim holds down to 1e-9 below the gain, and never at 1", () => {
    const { gain, holds } = verifyCertificate(loopTaps, taps, 0.995);
    expect(holds).toBe(true);
    expect(verifyCertificate(loopTaps, taps, gain - 0.9e-9).holds).toBe(true);
    expect(verifyCertificate(loopTaps, taps, gain - 1.1e-9).holds).toBe(false);
    expect(verifyCertificate(loopTaps, taps, 1).holds).toBe(false);
    expect(verifyCertificate(loopTaps, taps, Number.NaN).holds).toBe(false);
  });

  test("nonsense is refused", () => {
    for (const [length, rowLength] of [
      [10, 4],
      [0, 4],
      [4, 0],
    ]) {
      expect(() => verifyCertificate(new Float32Array(length), rowLength, 0.9)).toThrow(
        `taps: expected rows of ${rowLength}, got ${length} numbers`,
      );
    }
  });
});

describe("what a gain below 1 proves", () => {
  const gains = fc.double({ min: 0.01, max: 0.9999, noNaN: true });
  // silence, or anything whose square root float64 still holds to its last digit
  const energies = fc.oneof(fc.constant(0), fc.double({ min: 1e-12, max: 1e6, noNaN: true }));

  test("the linear bound is never below the exact one, and meets it where one of the energies is 0", () => {
    fc.assert(
      fc.property(gains, energies, energies, (gain, energyY, energyU) => {
        const { fromY, fromU } = growthBound(gain);
        const linear = fromY * Math.sqrt(energyY) + fromU * Math.sqrt(energyU);
        expect(tailBound(gain, energyY, energyU)).toBeLessThanOrEqual(linear * (1 + 1e-12));
        expect(tailBound(gain, energyY, 0)).toBeCloseTo(fromY * Math.sqrt(energyY), 6);
        const u = tailBound(gain, 0, energyU);
        // below a gain of 0.5 parallel loops ask for more than a cascade
        const cascade = fromU / Math.max(1, 2 * (1 - gain));
        expect(Math.abs(u - cascade * Math.sqrt(energyU))).toBeLessThanOrEqual(1e-9 * u);
      }),
      { seed: 1 },
    );
  });

  test("the linear bound holds of parallel loops too, whichever of their states y hides", () => {
    const turns = fc.double({ min: -1, max: 1, noNaN: true });
    const margin = (gain: number, energyA: number, energyU: number, correlation: number) => {
      const { fromY, fromU } = growthBound(gain);
      const energyY = energyA + energyU + 2 * correlation * Math.sqrt(energyA * energyU);
      const linear = fromY * Math.sqrt(Math.max(0, energyY)) + fromU * Math.sqrt(energyU);
      return linear - parallelTailBound(gain, energyA, energyU);
    };
    fc.assert(
      fc.property(gains, energies, energies, turns, (gain, energyA, energyU, correlation) => {
        const size = parallelTailBound(gain, energyA, energyU);
        expect(margin(gain, energyA, energyU, correlation)).toBeGreaterThanOrEqual(-1e-6 * size);
      }),
      { seed: 4 },
    );
    // loops that cancel at first: y says nothing of what they hold
    expect(margin(0.5, 1, 1, -1)).toBeCloseTo(0, 9);
    expect(margin(0.4, 1, 1, -1)).toBeCloseTo(0, 9);
    expect(parallelTailBound(0.8, 9, 4)).toBeCloseTo((0.8 / 0.6) * 5, 9);
  });

  test("the bound solves its equation: T_y = g sqrt(Ey + T_y^2) + U, U = g sqrt(Eu + U^2)", () => {
    fc.assert(
      fc.property(gains, energies, energies, (gain, energyY, energyU) => {
        const bound = tailBound(gain, energyY, energyU);
        const u = gain * Math.sqrt(energyU / (1 - gain * gain));
        expect(Math.abs(u - gain * Math.sqrt(energyU + u * u))).toBeLessThanOrEqual(1e-9 * u);
        const right = gain * Math.sqrt(energyY + bound * bound) + u;
        expect(Math.abs(bound - right)).toBeLessThanOrEqual(1e-9 * bound);
      }),
      { seed: 2 },
    );
  });

  test("two loops of a delay and a factor stay under it, whatever they started on", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.5, max: 0.99, noNaN: true }), fc.integer(), (gain, seed) => {
        const random = mulberry32(seed);
        const delay = 5;
        const y = Array.from({ length: delay }, () => 2 * random() - 1);
        const u = Array.from({ length: delay }, () => 2 * random() - 1);
        const energy = (x: number[]) => x.reduce((sum, v) => sum + v * v, 0);
        const bound = tailBound(gain, energy(y), energy(u));
        for (let n = delay; n < 2000; n++) {
          u.push(gain * u[n - delay]);
          y.push(gain * y[n - delay] + u[n]);
        }
        expect(Math.sqrt(energy(y.slice(delay)))).toBeLessThanOrEqual(bound);
      }),
      { seed: 3 },
    );
  });

  test("a gain rings no longer than its T60: by then 60 dB are gone", () => {
    const f0 = 82.5;
    const seconds = longestT60(0.9986, f0);
    expect(20 * Math.log10(0.9986 ** (seconds * f0))).toBeCloseTo(-60, 9);
  });

  test("nonsense is refused", () => {
    for (const gain of [0, 1, -0.5, Number.NaN]) {
      const sentence = `gain: expected a number between 0 and 1, both excluded, got ${gain}`;
      expect(() => growthBound(gain)).toThrow(sentence);
      expect(() => tailBound(gain, 1, 1)).toThrow(sentence);
    }
    expect(() => tailBound(0.9, -1, 1)).toThrow("energyY: expected a number from 0 on, got -1");
    expect(() => tailBound(0.9, 1, Number.NaN)).toThrow("energyU: expected a number from 0 on, got NaN");
  });
});
