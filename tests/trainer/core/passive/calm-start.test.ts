// A start that can be carried to another pitch rings neither where its recording is silent nor between bins.
import { certifiedGain } from "@neural-string/core-wasm";
import { calm, soundingBins } from "@neural-string/trainer/core/passive/calm-start";
import { SpectralForm } from "@neural-string/trainer/core/passive/spectral-form";
import { stiffPhase } from "@neural-string/trainer/core/passive/start";
import { describe, expect, test } from "vitest";
import { mulberry32 } from "../../../reference/random.ts";
import { SMALL_TUNING } from "../../../support/passive-facts.ts";

const CAP = 0.997;
const LOWEST = 1;
const form = new SpectralForm(SMALL_TUNING.taps, SMALL_TUNING.ahead, SMALL_TUNING.fade);

/** 160 Hz and its partials up to one of them, at 8 kHz. */
function partialsUpTo(most: number): Float32Array {
  return Float32Array.from({ length: 8000 }, (_, n) => {
    let sum = 0;
    for (let k = 1; k <= most; k++) sum += Math.sin((2 * Math.PI * 160 * k * n) / 8000) / k;
    return 0.2 * Math.exp(-n / 4000) * sum;
  });
}

test("bins sound where any recording has a partial", () => {
  const sounding = soundingBins([partialsUpTo(3), partialsUpTo(7)], SMALL_TUNING);
  // bins of 125 Hz: partial 7 lies at 1120 Hz, in bin 9
  expect(Array.from(sounding.subarray(1, 10))).toEqual(new Array(9).fill(1));
  expect(Array.from(sounding.subarray(12))).toEqual(new Array(form.bins - 12).fill(0));
  // where nothing can be told nothing is known to be silent
  for (const samples of [8000, 10]) {
    expect(soundingBins([new Float32Array(samples)], SMALL_TUNING).every((x) => x === 1)).toBe(true);
  }
});

describe("calm", () => {
  const expected = stiffPhase(SMALL_TUNING, 2e-5);
  /** A string's spectrum with, above its last sounding bin, what linear prediction makes of silence; and one bin that rings. */
  function restless(silent?: number) {
    const random = mulberry32(2);
    const sounding = Uint8Array.from({ length: form.bins }, (_, k) => (k <= 16 ? 1 : 0));
    const logDamping = Float64Array.from({ length: form.bins }, (_, k) =>
      Math.log(k > 16 ? 5e-4 : k === 8 ? 1e-3 : 0.02),
    );
    const phase = expected.map((x, k) => (k > 16 ? 6 * random() - 3 : x + (k === 12 ? 1 : 0.1)));
    const spectrum = { logDamping, phase };
    const suggested = expected.map((x) => x + 0.1);
    // the last bin that sounds lies off, as in linear prediction it may
    if (silent !== undefined) {
      sounding[silent] = 0;
      suggested[16] += 2;
      phase[16] += 2;
    }
    const before = certifiedGain(Float32Array.from(form.tapsOf(spectrum)));
    calm(spectrum, expected, suggested, sounding, LOWEST, form, CAP);
    return { spectrum, suggested, before };
  }

  test("brings the gain between bins down to nearly the cap", () => {
    const { spectrum, before } = restless();
    expect(before).toBeGreaterThan(1.1);
    expect(certifiedGain(Float32Array.from(form.tapsOf(spectrum)))).toBeLessThan(CAP + 0.01);
  });

  test("damps bins that ring, and silent ones, like their neighbours", () => {
    const { logDamping } = restless().spectrum;
    const dampings = logDamping.map(Math.exp);
    expect(dampings[8]).toBeGreaterThan(0.02 / 2);
    // the last bins share the fade with the first, which hold nothing
    for (const k of [2, 5, 10, 15, 18, 22, 26, 29]) {
      expect(dampings[k], `bin ${k}`).toBeGreaterThan(0.01);
      expect(dampings[k], `bin ${k}`).toBeLessThan(0.04);
    }
  });

  test("takes phases from the neighbours where a bin's own strays or there is none", () => {
    const { spectrum, suggested } = restless();
    for (const k of [12, 18, 22, 26]) {
      expect(Math.abs(spectrum.phase[k] - (expected[k] + 0.1)), `bin ${k}`).toBeLessThan(0.05);
    }
    expect(suggested[26]).toBeCloseTo(expected[26] + 0.1, 12);
  });

  test("leaves a silent bin between others that sound to its neighbours", () => {
    const { spectrum } = restless(5);
    expect(Math.abs(spectrum.phase[5] - (expected[5] + 0.1))).toBeLessThan(0.05);
    expect(Math.exp(spectrum.logDamping[5])).toBeGreaterThan(0.01);
    expect(Math.exp(spectrum.logDamping[5])).toBeLessThan(0.04);
  });
});
