import { longestT60 } from "@neural-string/core-wasm";
import type { PartialMetrics } from "@neural-string/shared";
import { filterCurves } from "@neural-string/trainer/report/loop-filters";
import { t60Plot } from "@neural-string/trainer/report/t60-plot";
import { describe, expect, test } from "vitest";
import { makePassiveModel } from "../../support/passive-models.ts";

const F0 = 82.41;
const { model } = makePassiveModel({
  sampleRate: 44100,
  f0: F0,
  taps: 256,
  ahead: 190,
  filters: 2,
  gain: 0.99,
});
const curves = filterCurves(model);

const partials: PartialMetrics[] = [
  { partial: 3, frequency: 250, cents: 0, t60Seconds: 2, t60Ratio: null },
  { partial: 1, frequency: 82.5, cents: 0, t60Seconds: 8, t60Ratio: 0.5 },
  { partial: 4, frequency: 330, cents: 0, t60Seconds: null, t60Ratio: null },
  { partial: 9, frequency: 800, cents: 0, t60Seconds: 1, t60Ratio: 2 },
];

/** The values of a line, where it has any, by frequency. */
function valuesOf(plot: ReturnType<typeof t60Plot>, label: string): Map<number, number> {
  const values = plot?.series.find((line) => line.label === label)?.values ?? [];
  return new Map(values.flatMap((value, i) => (value === null ? [] : [[plot?.xs[i] ?? 0, value] as const])));
}

describe("t60Plot", () => {
  test("keeps every point where it was when curves join", () => {
    const [plain, joined] = [t60Plot(partials, null), t60Plot(partials, curves)];
    for (const label of ["recording", "render"]) {
      expect(valuesOf(joined, label)).toEqual(valuesOf(plain, label));
    }
    expect([...valuesOf(plain, "recording")]).toEqual([
      [82.5, 8],
      [250, 2],
      [800, 1],
    ]);
  });

  test("draws T60(f) = ln(1000) / -ln |H(f)| / f0 of every filter", () => {
    const plot = t60Plot(partials, curves);
    for (const [row, label] of ["second loop", "filter 1", "filter 2"].entries()) {
      const values = valuesOf(plot, label);
      expect(values.size).toBeGreaterThan(100);
      curves.frequencies.forEach((frequency, i) => {
        const drawn = values.get(Number(frequency.toPrecision(5)));
        if (drawn === undefined) return;
        expect(drawn / (Math.log(1000) / -Math.log(curves.gains[row][i]) / F0)).toBeCloseTo(1, 3); // four digits
      });
    }
  });

  test("draws no curve above what the certificate allows, nor far beyond the partials", () => {
    const plot = t60Plot(partials, curves);
    for (const label of ["second loop", "filter 1", "filter 2"]) {
      const values = valuesOf(plot, label);
      expect(Math.max(...values.values())).toBeLessThanOrEqual(longestT60(0.99, F0) * 1.001);
      expect(Math.max(...values.keys())).toBeLessThan(2 * 800);
      expect(Math.min(...values.keys())).toBeGreaterThan(F0 / 2);
    }
  });

  test("breaks a curve off where its filter dies far faster than any partial", () => {
    const loopTaps = model.loopTaps.map((tap, i) => (i < model.taps ? 0.1 * tap : tap));
    const plot = t60Plot(partials, filterCurves({ ...model, loopTaps }));
    expect(valuesOf(plot, "second loop").size).toBe(0); // a T60 of 0.04 s
    expect(valuesOf(plot, "filter 1").size).toBe(plot?.xs.length);
    expect(plot?.series.find(({ label }) => label === "second loop")?.gaps).toBe(true);
  });

  test("leads the unnoticed band straight from point to point, and no further", () => {
    const plot = t60Plot(partials, curves);
    const recording = valuesOf(t60Plot(partials, null), "recording");
    const upper = valuesOf(plot, "longest unnoticed");
    expect(Math.min(...upper.keys())).toBe(82.5);
    expect(Math.max(...upper.keys())).toBe(800);
    for (const [frequency, value] of upper) {
      if (frequency > 250) continue;
      const share = Math.log(frequency / 82.5) / Math.log(250 / 82.5);
      expect(value / (1.4 * 8 * (2 / 8) ** share)).toBeCloseTo(1, 3);
    }
    expect(upper.get(250)).toBeCloseTo(1.4 * (recording.get(250) ?? 0), 3);
  });

  test("draws the curves alone where no partial is known, and nothing where neither is", () => {
    const plot = t60Plot([], curves);
    expect(plot?.series.map(({ label }) => label)).toEqual(["second loop", "filter 1", "filter 2"]);
    expect(plot?.band).toBeUndefined();
    expect(t60Plot([], null)).toBeNull();
  });

  test("draws points alone where the filters are not finite", () => {
    const hollow = filterCurves({
      ...model,
      loopTaps: new Float32Array(model.loopTaps.length).fill(Number.NaN),
    });
    expect(t60Plot(partials, hollow)).toEqual(t60Plot(partials, null));
  });
});
