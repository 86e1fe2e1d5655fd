// Medians, paired ratios and percentiles on numbers whose answers are known.
import { describe, expect, test } from "vitest";
import { median, pairedRatio, percentile } from "./statistics.ts";

describe("pairedRatio", () => {
  test("is the median of the rounds' ratios: what slows a whole round down cancels", () => {
    const b = [10, 11, 10, 50, 10];
    const a = b.map((time) => 3 * time);
    expect(pairedRatio(a, b)).toBe(3);
    // the ratio of the medians would be far off where one side alone met the slow rounds
    expect(pairedRatio([20, 20, 20], [10, 10, 1000])).toBe(2);
  });

  test("of other rounds is refused", () => {
    expect(() => pairedRatio([1, 2], [1])).toThrow(
      "rounds: expected as many of both, one or more, got 2 and 1",
    );
    expect(() => pairedRatio([], [])).toThrow("got 0 and 0");
  });
});

test("median: the middle, or the mean of the two in the middle", () => {
  expect(median([5, 1, 100])).toBe(5);
  expect(median([4, 1, 2, 100])).toBe(3);
});

test("percentile: the value that the share of all does not exceed; its ends are the least and the most", () => {
  const values = Array.from({ length: 1000 }, (_, i) => ((i * 7) % 1000) + 1); // 1 .. 1000, in disorder
  expect(percentile(values, 0.99)).toBe(990);
  expect(percentile(values, 0.5)).toBe(500);
  expect(percentile(values, 1)).toBe(1000);
  expect(percentile(values, 0)).toBe(1);
  expect(percentile([3], 0.99)).toBe(3);
  expect(percentile([3, 1, 2], 0.5)).toBe(2);
});
