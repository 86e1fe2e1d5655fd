// The spectral form against its own definition and against finite differences, in float64 throughout.
import { SpectralForm } from "@neural-string/trainer/core/passive/spectral-form";
import { describe, expect, test } from "vitest";
import { mulberry32 } from "../../../reference/random.ts";

const form = new SpectralForm(64, 40);
const random = mulberry32(5);
const spectrum = {
  logDamping: Float64Array.from({ length: form.bins }, () => Math.log(0.01 + 0.5 * random())),
  phase: Float64Array.from({ length: form.bins }, () => 0.3 * (random() - 0.5)),
};
// a real signal has no phase at 0 and at half the sample rate
spectrum.phase[0] = 0;
spectrum.phase[form.bins - 1] = 0;

describe("SpectralForm", () => {
  test("without damping and phase the taps are one impulse at the period", () => {
    const still = { logDamping: new Float64Array(form.bins).fill(-40), phase: new Float64Array(form.bins) };
    const taps = form.tapsOf(still);
    taps.forEach((tap, j) => {
      expect(tap).toBeCloseTo(j === form.ahead ? 1 : 0, 12);
    });
  });

  test("damping is the loss per round trip: a constant one scales the impulse by exp(-damping)", () => {
    const damped = {
      logDamping: new Float64Array(form.bins).fill(Math.log(0.25)),
      phase: new Float64Array(form.bins),
    };
    expect(form.tapsOf(damped)[form.ahead]).toBeCloseTo(Math.exp(-0.25), 12);
  });

  test("a linear phase moves the impulse", () => {
    const moved = {
      logDamping: new Float64Array(form.bins).fill(-40),
      phase: Float64Array.from({ length: form.bins }, (_, k) => (-2 * Math.PI * k * 3) / form.taps),
    };
    const taps = form.tapsOf(moved);
    expect(taps[form.ahead + 3]).toBeCloseTo(1, 10);
    expect(Math.abs(taps[form.ahead])).toBeLessThan(1e-10);
  });

  test("gradients equal central differences of the taps", () => {
    const weights = Float64Array.from({ length: form.taps }, () => random() - 0.5);
    const objective = (s: typeof spectrum) => form.tapsOf(s).reduce((sum, h, j) => sum + weights[j] * h, 0);
    const gradient = form.gradientOf(spectrum, weights);
    const step = 1e-6;
    for (const name of ["logDamping", "phase"] as const) {
      for (const k of [0, 1, 7, 20, form.bins - 1]) {
        const at = (by: number) => {
          const values = spectrum[name].slice();
          values[k] += by;
          return objective({ ...spectrum, [name]: values });
        };
        const slope = (at(step) - at(-step)) / (2 * step);
        expect(gradient[name][k], `${name}[${k}]`).toBeCloseTo(slope, 8);
      }
    }
  });

  test("a spectrum is found again from taps that the window does not touch", () => {
    // three taps near the period: nothing at the ends, so windowing changes nothing
    const taps = new Float64Array(form.taps);
    taps[form.ahead - 1] = 0.1;
    taps[form.ahead] = 0.6;
    taps[form.ahead + 1] = 0.2;
    const again = form.tapsOf(form.spectrumOf(taps));
    again.forEach((tap, j) => {
      expect(tap).toBeCloseTo(taps[j], 10);
    });
  });

  test("shapes that make no sense are refused", () => {
    expect(() => new SpectralForm(31, 3)).toThrow("taps: expected an even number from 32 on, got 31");
    expect(() => new SpectralForm(64, 64)).toThrow("ahead: expected a whole number from 0 to 63, got 64");
  });
});
