// The certificate must never be below the true gain: checked against a far finer grid, against filters whose gain is
// known, and against ones built to peak between the grid's points.
import { certifiedGain } from "@neural-string/core-wasm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

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
