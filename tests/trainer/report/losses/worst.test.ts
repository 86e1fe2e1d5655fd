// The hardest examples by each measure, and losses in bins, worked out by hand.
import { binned } from "@neural-string/trainer/report/losses/binned";
import { zeroCrossingRatio } from "@neural-string/trainer/report/losses/loss-plots";
import { exampleLosses, worstExamples } from "@neural-string/trainer/report/losses/worst";
import { describe, expect, test } from "vitest";

// four examples over five evaluations, of which the first is that of an untrained string
const ROWS = [
  [90, 90, 90, 90],
  [1, 0, 3, 2],
  [1, 0, 3, 2],
  [1, 0, 3, 2],
  [1, 16, 3, 2],
].map((losses, i) => ({ step: 100 * i, losses: Float32Array.from(losses) }));

describe("the hardest examples", () => {
  const losses = exampleLosses(ROWS);

  test("mean, largest and 90 % quantile of the evaluations after the first fifth", () => {
    expect([...(losses?.mean ?? [])]).toEqual([1, 4, 3, 2]);
    expect([...(losses?.max ?? [])]).toEqual([1, 16, 3, 2]);
    // of 0, 0, 0, 16: 0.9 * 3 = 2.7, so 0.7 of the way to 16
    expect(losses?.quantile[1]).toBeCloseTo(11.2, 12);
    expect(exampleLosses([])).toBeNull();
  });

  test("are listed once, by their mean, with their place by each measure", () => {
    const found = worstExamples(
      { mean: Float64Array.of(1, 4, 3), max: Float64Array.of(9, 4, 3), quantile: Float64Array.of(1, 2, 2) },
      1,
    );
    expect(found).toEqual([
      { example: 1, places: { mean: 1, quantile: 1 } },
      { example: 0, places: { max: 1 } },
    ]);
  });
});

describe("losses against something", () => {
  test("fall into bins of one width, the upper end included; bins of too few say nothing", () => {
    const found = binned([1, 3, 5, 7, 100, 9], [0, 0.4, 0.9, 1.5, 5, 2], {
      from: 0,
      to: 2,
      bins: 2,
      fewest: 2,
    });
    expect(found.centres).toEqual([0.5, 1.5]);
    expect(found.counts).toEqual([3, 2]);
    expect(found.median).toEqual([3, 8]);
    expect(found.high[0]).toBeCloseTo(4.6, 12); // 0.9 * 2 = 1.8: from 3 to 5
    expect(binned([1, 2], [0, 2], { from: 0, to: 2, bins: 2, fewest: 2 }).median).toEqual([null, null]);
  });

  test("zero crossings are compared with the rest by medians", () => {
    // near 0: losses 4 and 6; elsewhere 1, 2 and 3
    expect(zeroCrossingRatio([4, 6, 1, 2, 3], [0.1, -0.1, 1, -1, 0.2])).toBe(2.5);
    expect(zeroCrossingRatio([1, 2], [1, 1])).toBeNull();
  });
});
