// A start that can be carried to another pitch rings neither where its recording is silent nor between bins.
import { certifiedGain } from "@neural-string/core-wasm";
import { calm, lastSoundingBin } from "@neural-string/trainer/core/passive/calm-start";
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

test("the last bin that sounds is that of the highest partial of any recording", () => {
  // bins of 125 Hz: partial 3 lies at 480 Hz, partial 7 at 1120 Hz, in bin 9; a window reaches somewhat further
  expect(lastSoundingBin([partialsUpTo(3)], SMALL_TUNING)).toBeLessThan(9);
  const last = lastSoundingBin([partialsUpTo(3), partialsUpTo(7)], SMALL_TUNING);
  expect(last).toBeGreaterThanOrEqual(9);
  expect(last).toBeLessThan(12);
  // where nothing can be told nothing is known to be silent
  for (const samples of [8000, 10]) {
    expect(lastSoundingBin([new Float32Array(samples)], SMALL_TUNING)).toBe(form.bins - 1);
  }
});

describe("calm", () => {
  const expected = stiffPhase(SMALL_TUNING, 2e-5);
  const LAST = 16;
  /** A string's spectrum with, above its last sounding bin, what linear prediction makes of silence; and one bin that rings. */
  function restless({ lastOff = 0 } = {}) {
    const random = mulberry32(2);
    const logDamping = Float64Array.from({ length: form.bins }, (_, k) =>
      Math.log(k > LAST ? 5e-4 : k === 8 ? 1e-3 : 0.02),
    );
    const phase = expected.map((x, k) => (k > LAST ? 6 * random() - 3 : x + (k === 12 ? 1 : 0.1)));
    const spectrum = { logDamping, phase };
    const suggested = expected.map((x) => x + 0.1);
    suggested[LAST] += lastOff;
    phase[LAST] += lastOff;
    const before = certifiedGain(Float32Array.from(form.tapsOf(spectrum)));
    calm(spectrum, expected, suggested, LAST, LOWEST, form, CAP);
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

  test("a last bin whose phase lies off does not pull those below it along", () => {
    const { spectrum } = restless({ lastOff: 2 });
    for (const k of [5, 10]) {
      expect(Math.abs(spectrum.phase[k] - (expected[k] + 0.1)), `bin ${k}`).toBeLessThan(0.05);
    }
  });
});
