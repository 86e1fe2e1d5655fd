// The spectral form against its own definition and against finite differences, in float64 throughout.
import { SpectralForm } from "@neural-string/trainer/core/passive/spectral-form";
import { describe, expect, test } from "vitest";
import { mulberry32 } from "../../../reference/random.ts";
import { tapsByDefinition } from "../../../reference/spectral-form.ts";
import { expectWithin } from "../../../support/closeness.ts";

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

  // powers of two go through an FFT, other lengths through the sums; phases of many turns, as stiff strings have
  test.each([
    { taps: 64, ahead: 40, fade: 16 },
    { taps: 90, ahead: 31, fade: 16 },
    { taps: 256, ahead: 190, fade: 16 },
    { taps: 32, ahead: 24, fade: 7 },
    { taps: 192, ahead: 60, fade: 5 },
    { taps: 250, ahead: 240, fade: 31 },
  ])(
    "taps and gradients are the definition's: $taps taps, $ahead ahead, fade $fade",
    ({ taps, ahead, fade }) => {
      const sized = new SpectralForm(taps, ahead, fade);
      const some = {
        logDamping: Float64Array.from({ length: sized.bins }, () => Math.log(0.01 + random())),
        phase: Float64Array.from({ length: sized.bins }, (_, k) => 0.3 * k + random()),
      };
      expectWithin(sized.tapsOf(some), tapsByDefinition(some, taps, ahead, fade), 1e-13);
      const weights = Float64Array.from({ length: taps }, () => random() - 0.5);
      const objective = (s: typeof some) =>
        tapsByDefinition(s, taps, ahead, fade).reduce((sum, h, j) => sum + weights[j] * h, 0);
      const gradient = sized.gradientOf(some, weights);
      const step = 1e-5;
      for (const name of ["logDamping", "phase"] as const) {
        for (const k of [0, 1, 9, sized.bins - 2, sized.bins - 1]) {
          const at = (by: number) =>
            objective({ ...some, [name]: some[name].map((x, i) => (i === k ? x + by : x)) });
          const slope = (at(step) - at(-step)) / (2 * step);
          // differences of 1e-5 err by 1e-10 of the third derivative, and by rounding / 1e-5
          expect(gradient[name][k], `${name}[${k}]`).toBeCloseTo(slope, 9);
        }
      }
    },
  );

  test("shapes that make no sense are refused", () => {
    expect(() => new SpectralForm(31, 3)).toThrow("taps: expected an even number from 32 on, got 31");
    expect(() => new SpectralForm(64, 64)).toThrow("ahead: expected a whole number from 0 to 63, got 64");
    expect(() => new SpectralForm(64, 40, 0)).toThrow("fade: expected a whole number from 1 on, got 0");
    expect(() => new SpectralForm(64, 40, 33)).toThrow("taps: expected an even number from 66 on, got 64");
  });
});
