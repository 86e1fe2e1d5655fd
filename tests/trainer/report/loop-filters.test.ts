import { longestT60, type PassiveModel } from "@neural-string/core-wasm";
import { filterCurves, gainAt, gainPlot, marginSentence } from "@neural-string/trainer/report/loop-filters";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makePassiveModel } from "../../support/passive-models.ts";

/** A string whose filters have one tap each, so that each gain is that tap at every frequency. */
function flatModel(gains: number[], claimed: number): PassiveModel {
  const { model } = makePassiveModel({ sampleRate: 44100, f0: 82.41, taps: 64, filters: gains.length - 1 });
  const loopTaps = new Float32Array(gains.length * 64);
  gains.forEach((gain, row) => {
    loopTaps[row * 64 + 20] = gain;
  });
  return { ...model, loopTaps, certificate: { ...model.certificate, gain: claimed } };
}

describe("gainAt", () => {
  test("is the magnitude of the sum of the turned taps", () => {
    const taps = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(taps, fc.double({ min: 0, max: Math.PI, noNaN: true }), (h, w) => {
        const re = h.reduce((sum, tap, j) => sum + tap * Math.cos(w * j), 0);
        const im = h.reduce((sum, tap, j) => sum + tap * Math.sin(w * j), 0);
        // Horner's turns round once per tap in float64
        expect(Math.abs(gainAt(h, w) - Math.hypot(re, im))).toBeLessThan(1e-15 * (1 + h.length) ** 2);
      }),
    );
  });
});

describe("filterCurves", () => {
  test("finds what the taps of every filter do, the second loop's first", () => {
    const { gains, frequencies, certificate } = filterCurves(flatModel([0.5, 0.9, 0.95], 0.96));
    expect(gains).toHaveLength(3);
    for (const [row, gain] of [0.5, 0.9, 0.95].entries()) {
      for (const value of gains[row]) expect(value).toBeCloseTo(gain, 6); // float32
    }
    expect(frequencies[0]).toBeLessThan(82.41 / 7);
    expect(frequencies.at(-1)).toBeGreaterThan(0.98 * 22050);
    expect(certificate).toMatchObject({ claimed: 0.96, row: 2, holds: true });
  });

  test("misses no peak: its largest gain lies below what is certified, by a hair", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 3 }), (seed, filters) => {
        const { model } = makePassiveModel({
          sampleRate: 44100,
          f0: 82.41,
          taps: 256,
          ahead: 190,
          filters,
          seed,
        });
        const { certificate, gains } = filterCurves(model);
        expect(certificate.largest).toBeLessThanOrEqual(certificate.certified);
        // the certificate's own slack is 3.8e-5; the rest is what lies between two frequencies of the grid
        expect(certificate.largest).toBeGreaterThan(certificate.certified * (1 - 1e-4));
        expect(Math.max(...gains.map((row) => Math.max(...row)))).toBe(certificate.largest);
        expect(certificate.holds).toBe(true);
      }),
      { numRuns: 12 },
    );
  });
});

describe("gainPlot", () => {
  test("draws each gain by its distance from 1, and the certificate's above all", () => {
    const plot = gainPlot(filterCurves(flatModel([0.5, 0.9, 0.95], 0.96)));
    const values = plot?.series.map((line) => line.values[7] ?? 0) ?? [];
    expect(plot?.y).toMatchObject({ fromOne: true, log: true });
    for (const [i, distance] of [0.5, 0.1, 0.05, 0.04].entries()) expect(values[i]).toBeCloseTo(distance, 3);
    expect(plot?.series.map(({ label }) => label)).toEqual([
      "second loop",
      "filter 1",
      "filter 2",
      "certificate",
    ]);
  });
});

describe("marginSentence", () => {
  test("tells the gain from the claim and from 1, and what the claim means in seconds", () => {
    const sentence = marginSentence(filterCurves(flatModel([0.9, 0.99852], 0.9986)));
    expect(sentence).toMatch(
      /^Largest gain 0\.99852 \(first loop, near \d+ Hz\), certified below 0\.99860: /,
    );
    const seconds = longestT60(0.9986, 82.41).toPrecision(3);
    expect(sentence).toMatch(new RegExp(`nothing rings longer than T60 = ${seconds} s at f0\\.$`));
  });

  test("takes more digits where the margin is small", () => {
    expect(marginSentence(filterCurves(flatModel([0.9, 0.9985], 0.998503)))).toContain(
      "certified below 0.99850",
    );
    expect(marginSentence(filterCurves(flatModel([0.9, 0.9901], 0.990142)))).toMatch(
      /0\.9901 .*below 0\.99014:|0\.99010 .*below 0\.99014:/,
    );
  });

  test("says so where a filter breaks the claim, or holds no numbers; then nothing is drawn of the latter", () => {
    const broken = filterCurves(flatModel([0.9, 0.999], 0.9986));
    expect(marginSentence(broken)).toContain("does not hold");
    expect(marginSentence(broken)).toContain("claims 0.998600");
    const hollow = filterCurves(flatModel([Number.NaN, 0.9], 0.9986));
    expect(hollow.certificate.holds).toBe(false);
    expect(marginSentence(hollow)).toContain("not finite");
    expect(gainPlot(hollow)).toBeNull();
  });
});
