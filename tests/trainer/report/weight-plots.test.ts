// What hidden units hear: sizes and frequency responses of two filters that are known by hand.
import type { ModelFile } from "@neural-string/shared";
import { sizeCurve, unitCurves } from "@neural-string/trainer/commands/inspect-curves";
import {
  type FirstLayer,
  firstLayer,
  unitResponse,
  unitsBySize,
  weightPlots,
} from "@neural-string/trainer/report/weight-plots";
import { describe, expect, test } from "vitest";

// taps 2 and 1 samples ago, and a feature that is none
const LAYER: FirstLayer = {
  weight: Float32Array.of(0.5, 0.5, 100, -1, 1, 100),
  units: 2,
  delays: Int32Array.of(2, 1),
  sampleRate: 8000,
  f0: 100,
};
const FREQUENCIES = [0, 2000, 4000];

describe("the first layer", () => {
  test("units come by the RMS of their tap weights, whatever stands beside the taps", () => {
    expect(unitsBySize(LAYER)).toEqual([
      { unit: 1, rms: 1 },
      { unit: 0, rms: 0.5 },
    ]);
  });

  test("the mean of two neighbours is a low pass, their difference a high pass", () => {
    // |cos(w / 2)| and 2 |sin(w / 2)|, w = 0, pi / 2, pi
    unitResponse(LAYER, 0, FREQUENCIES).forEach((gain, i) => {
      expect(gain).toBeCloseTo([1, Math.SQRT1_2, 0][i], 12);
    });
    unitResponse(LAYER, 1, FREQUENCIES).forEach((gain, i) => {
      expect(gain).toBeCloseTo([0, Math.SQRT2, 2][i], 12);
    });
  });

  test("is drawn by ascending delay, the largest unit first", () => {
    const { taps, responses, sizes, shown } = weightPlots(LAYER);
    expect(shown).toBe(2);
    expect(taps.xs).toEqual([1, 2]);
    expect(taps.series.map(({ label, values }) => [label, values])).toEqual([
      ["unit 2", [1, -1]],
      ["unit 1", [0.5, 0.5]],
    ]);
    expect(responses.xs[0]).toBe(50);
    expect(responses.xs.at(-1)).toBe(4000);
    // at half the sample rate the low pass lets nothing through that a logarithmic axis has room for
    expect(responses.series[0].values.at(-1)).toBe(2);
    expect(responses.series[1].values.at(-1) ?? 0).toBeLessThan(1e-9);
    expect(sizes?.series[0].values).toEqual([1, 0.5]);
    expect(weightPlots({ ...LAYER, weight: Float32Array.of(1, 2), units: 1 }).sizes).toBeNull();
  });

  test("of many units shows the twelve largest", () => {
    const weight = Float32Array.from({ length: 60 }, (_, i) => 1 + Math.floor(i / 2));
    const { taps, shown, sizes } = weightPlots({ ...LAYER, weight, units: 30 });
    expect(shown).toBe(12);
    expect(taps.series.map(({ label }) => label)).toContain("unit 30");
    expect(sizes?.xs).toHaveLength(30);
  });

  test("of a file is found where it is a classic string's; inspect draws it in lines", () => {
    const tapPattern = [{ periodFraction: 0, before: 0, after: 2 }];
    const header = { kind: "classic", sampleRate: 8000, f0: 100, tapPattern };
    const tensors = new Map([
      ["layers.0.weight", { shape: [2, 2], data: Float32Array.of(0.5, 0.5, 0.25, -0.25) }],
    ]);
    const file = { header, tensors } as unknown as ModelFile;
    expect(firstLayer(file)).toMatchObject({ units: 2, delays: Int32Array.of(1, 2) });
    expect(sizeCurve(file)).toBe("█▅");
    const [low, high] = unitCurves(file);
    expect(low).toMatch(/hears {5}█.*▁ unit 1, .*0-4 kHz, RMS 0\.5$/);
    expect(high).toMatch(/hears {5}▁.*█ unit 2, /);
    expect(
      firstLayer({ ...file, header: { ...header, kind: "passive" } } as unknown as ModelFile),
    ).toBeNull();
    expect(unitCurves({ ...file, tensors: new Map() } as unknown as ModelFile)).toEqual([]);
  });
});
