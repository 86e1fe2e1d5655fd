// How losses are spread: quantiles and histograms, worked out by hand.
import { histograms, quantile, rowQuantiles } from "@neural-string/trainer/report/losses/quantiles";
import { describe, expect, test } from "vitest";

const row = (step: number, ...losses: number[]) => ({ step, losses: Float32Array.from(losses) });

describe("quantile", () => {
  test("lies linearly between neighbours", () => {
    const sorted = [1, 2, 4, 8];
    expect(quantile(sorted, 0)).toBe(1);
    expect(quantile(sorted, 1)).toBe(8);
    expect(quantile(sorted, 0.5)).toBe(3); // halfway from 2 to 4
    expect(quantile(sorted, 0.9)).toBeCloseTo(4 + 0.7 * 4, 12); // 0.9 * 3 = 2.7
    expect(quantile([5], 0.3)).toBe(5);
  });

  test("of a row leaves out what is not finite, and is null where nothing is", () => {
    expect(rowQuantiles(row(0, Number.NaN, 3, 1, Number.POSITIVE_INFINITY), [0, 0.5, 1])).toEqual([1, 2, 3]);
    expect(rowQuantiles(row(0, Number.NaN), [0.5])).toEqual([null]);
  });
});

describe("histograms", () => {
  test("have bars of one width on a logarithmic axis, the same for all rows", () => {
    const found = histograms([row(0, 1, 1, 10, 1000), row(5, 1, 1, 1, 1)], 3);
    expect(found?.log).toBe(true);
    // 1, 10, 100, 1000: what lies on an edge belongs above it, the last edge excepted
    expect(found?.edges.map((edge) => Math.round(edge))).toEqual([1, 10, 100, 1000]);
    expect(found?.shares).toEqual([
      [0.5, 0.25, 0.25],
      [1, 0, 0],
    ]);
  });

  test("are linear where losses are negative, as a ratio in dB may be", () => {
    const found = histograms([row(0, -10, 0, 10, 9)], 2);
    expect(found).toMatchObject({ log: false, edges: [-10, 0, 10], shares: [[0.25, 0.75]] });
  });

  test("keep room for the rest where one loss of thousands is almost 0", () => {
    const losses = Array.from({ length: 3000 }, (_, i) => 1 + i / 3000);
    losses[7] = 1e-30;
    const found = histograms([row(0, ...losses)], 10);
    expect(found?.edges[0]).toBeGreaterThan(0.9);
    expect(found?.shares[0].reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
  });

  test("of nothing finite are null; of one value are one bar", () => {
    expect(histograms([row(0, Number.NaN)], 4)).toBeNull();
    expect(histograms([row(0, 2, 2)], 4)?.shares).toEqual([[1, 0, 0, 0]]);
  });
});
