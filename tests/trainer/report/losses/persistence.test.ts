// Whether the same examples stay hard: ranks and their autocorrelation by hand, and the two extremes.
import { seededRandom } from "@neural-string/trainer/core/random";
import {
  persistence,
  persistenceSentence,
  standardRanks,
  trainedRows,
} from "@neural-string/trainer/report/losses/persistence";
import { describe, expect, test } from "vitest";

const rowsOf = (losses: number[][]) =>
  losses.map((values, i) => ({ step: 10 * (i + 1), losses: Float32Array.from(values) }));

describe("standardRanks", () => {
  test("rank, shift and scale: only the order counts", () => {
    // ranks 2, 0, 1; mean 1, variance 2 / 3
    const scale = Math.sqrt(1.5);
    expect([...standardRanks([1000, 1e-3, 5])]).toEqual([scale, -scale, 0]);
  });

  test("ties share the mean of their ranks; where all tie there is no order", () => {
    // ranks 0.5, 0.5, 2: mean 1, variance (0.25 + 0.25 + 1) / 3 = 0.5
    const found = [...standardRanks([4, 4, 9])];
    [-0.5, -0.5, 1].forEach((rank, i) => {
      expect(found[i]).toBeCloseTo(rank / Math.sqrt(0.5), 12);
    });
    expect([...standardRanks([3, 3])]).toEqual([0, 0]);
  });
});

describe("persistence", () => {
  const order = [1, 2, 3, 4, 5, 6, 7, 8];

  test("is 1 where the same are hard, however far all losses fall", () => {
    const found = persistence(rowsOf([1, 0.1, 0.01, 1e-3, 1e-5].map((scale) => order.map((x) => x * scale))));
    expect(found?.lags).toEqual([1, 2, 3]); // five rows; the farthest pair alone would tell little
    for (const r of found?.correlation ?? []) expect(r).toBeCloseTo(1, 6);
    expect([...(found?.hardShare ?? [])]).toEqual([0, 0, 0, 0, 0, 0, 0, 1]);
    expect(found && persistenceSentence(found, 10)).toMatch(
      /^Always the same are hard: .* 1 of 1 place among the hardest tenth belongs,/,
    );
    expect(found && persistenceSentence(found, 1)).toContain("evaluations 1 update apart");
  });

  test("is minus one and one in turn where the order is reversed each time", () => {
    const found = persistence(rowsOf([0, 1, 2, 3, 4].map((t) => (t % 2 === 0 ? order : order.toReversed()))));
    expect(found?.correlation[0]).toBeCloseTo(-1, 12);
    expect(found?.correlation[1]).toBeCloseTo(1, 12);
    expect(found?.hardShare[0]).toBeCloseTo(2 / 5, 12);
  });

  test("of random orders lies within four standard errors of 0, and says chance", () => {
    const random = seededRandom(1);
    const rows = rowsOf(Array.from({ length: 12 }, () => Array.from({ length: 400 }, random)));
    const found = persistence(rows);
    // a correlation of 400 ranks deviates by 1 / sqrt(399); lag 1 averages over 9 pairs or more
    expect(Math.abs(found?.correlation[0] ?? 1)).toBeLessThan(4 / Math.sqrt(399 * 9));
    expect(found && persistenceSentence(found, 10)).toMatch(/^Which are hard is mostly chance: /);
  });

  test("leaves out what came before the string had learned, and broken evaluations", () => {
    const rows = rowsOf([order, order, order, order, order, order]);
    rows[3].losses[0] = Number.NaN;
    expect(trainedRows(rows).map(({ step }) => step)).toEqual([20, 30, 50, 60]);
  });

  test("of too few evaluations or examples is not told", () => {
    expect(persistence([])).toBeNull();
    expect(persistence(rowsOf([order, order, order]))).toBeNull();
    expect(persistence(rowsOf(Array.from({ length: 9 }, () => [1, 2, 3])))).toBeNull();
  });
});
