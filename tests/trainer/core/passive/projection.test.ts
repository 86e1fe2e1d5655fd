// The step from training to file: what comes out is certified below the cap, whatever went in, and is no further from
// what was learned than it must be.
import { certifiedGain } from "@neural-string/core-wasm";
import { projectBelow } from "@neural-string/trainer/core/passive/projection";
import { SpectralForm } from "@neural-string/trainer/core/passive/spectral-form";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mulberry32 } from "../../../reference/random.ts";
import { closeness, expectSameBits } from "../../../support/closeness.ts";

/** A string's filter, smooth but for one bin whose damping is taken away. */
function withPeak(taps: number, bin: number | null, nepers = -0.05): Float64Array {
  const form = new SpectralForm(taps, Math.round(0.7 * taps));
  const spectrum = {
    logDamping: Float64Array.from({ length: form.bins }, (_, k) => Math.log(0.02 + 2 * (k / form.bins) ** 2)),
    phase: new Float64Array(form.bins),
  };
  const h = form.tapsOf(spectrum);
  if (bin === null) return h;
  // a resonance as wide as a bin, on top
  return h.map((x, j) => {
    const fade = Math.sin((Math.PI * (j + 0.5)) / taps) ** 2;
    return x - (4 * nepers * fade * Math.cos((2 * Math.PI * bin * (j - form.ahead)) / taps)) / taps;
  });
}

describe("projectBelow", () => {
  test("is certified below the cap, for any taps and any cap", () => {
    fc.assert(
      fc.property(
        fc.record({
          taps: fc.constantFrom(32, 50, 64, 128),
          seed: fc.nat({ max: 1e6 }),
          scale: fc.double({ min: 0.01, max: 30, noNaN: true }),
          cap: fc.constantFrom(0.5, 0.99, 0.9986, 0.9999, 1 - 1e-6),
        }),
        ({ taps, seed, scale, cap }) => {
          const random = mulberry32(seed);
          const h = Float64Array.from({ length: taps }, () => (scale * (2 * random() - 1)) / Math.sqrt(taps));
          expect(certifiedGain(projectBelow(h, cap))).toBeLessThanOrEqual(cap);
        },
      ),
      { numRuns: 12 },
    );
  });

  test("what exceeds nowhere is only rounded to float32", () => {
    const h = withPeak(128, null);
    expect(certifiedGain(Float32Array.from(h))).toBeLessThan(0.985);
    expectSameBits(projectBelow(h, 0.9986), Float32Array.from(h));
  });

  test("a narrow rise is taken down where it is, and the rest stays", () => {
    const cap = 0.99;
    const h = withPeak(128, 3);
    const before = certifiedGain(Float32Array.from(h));
    expect(before).toBeGreaterThan(1.02);
    const projected = projectBelow(h, cap);
    const gain = certifiedGain(projected);
    expect(gain).toBeLessThanOrEqual(cap);
    expect(gain, "and not needlessly far below").toBeGreaterThan(cap - 1e-3);
    // scaling the whole filter down would cost 1 - cap / before of it, 30 dB below; this is less than half as much
    const scaled = h.map((x) => (x * cap) / before);
    expect(closeness(projected, h).relativeDb).toBeLessThan(closeness(scaled, h).relativeDb - 6);
    // two octaves above the rise nothing is heard of it
    const gainAt = (taps: ArrayLike<number>, bin: number) => {
      let [re, im] = [0, 0];
      for (let j = 0; j < taps.length; j++) {
        re += taps[j] * Math.cos((2 * Math.PI * bin * j) / 128);
        im += taps[j] * Math.sin((2 * Math.PI * bin * j) / 128);
      }
      return Math.hypot(re, im);
    };
    for (const bin of [12, 20, 40]) expect(gainAt(projected, bin) / gainAt(h, bin)).toBeCloseTo(1, 2);
  });

  test("a cap close to 1 is kept from as near as float32 allows", () => {
    const cap = 0.9999;
    const h = withPeak(64, 2);
    const gain = certifiedGain(projectBelow(h, cap));
    expect(gain).toBeLessThanOrEqual(cap);
    expect(gain).toBeGreaterThan(0.999);
  });

  test("taps that are no numbers are refused", () => {
    expect(() => projectBelow([0.1, Number.NaN, 0.2], 0.99)).toThrow("taps: expected finite numbers");
  });
});
