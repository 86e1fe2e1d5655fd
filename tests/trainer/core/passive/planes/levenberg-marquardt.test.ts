// The solver on problems whose answers are known.
import { improve, type Residuals } from "@neural-string/trainer/core/passive/planes/levenberg-marquardt";
import { expect, test } from "vitest";

async function solve(of: (x: ArrayLike<number>) => number[], start: number[], rounds: number) {
  let x = start;
  let damping = 1;
  const sums: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const residuals: Residuals = async (points) =>
      points.map((point) => Float64Array.from(of(x.map((v, k) => v + point[k]))));
    const found = await improve(residuals, x.length, damping);
    x = x.map((v, k) => v + found.step[k]);
    damping = found.damping;
    sums.push(found.before);
  }
  return { x, sums };
}

test("a straight line is found to rounding", async () => {
  const points = [-2, -1, 0, 1, 2, 3];
  const { x } = await solve((x) => points.map((t) => x[0] + x[1] * t - (4 - 3 * t)), [0, 0], 12);
  expect(x[0]).toBeCloseTo(4, 6);
  expect(x[1]).toBeCloseTo(-3, 6);
});

test("Rosenbrock's valley is followed to its end, the sum never rising", async () => {
  const valley = (x: ArrayLike<number>) => [10 * (x[1] - x[0] * x[0]), 1 - x[0]];
  const { x, sums } = await solve(valley, [-1.2, 1], 40);
  expect(x[0]).toBeCloseTo(1, 3);
  expect(x[1]).toBeCloseTo(1, 3);
  for (let i = 1; i < sums.length; i++) expect(sums[i]).toBeLessThanOrEqual(sums[i - 1]);
});

test("where nothing is better it stays, and asks for more damping", async () => {
  const found = await improve(async (points) => points.map(() => Float64Array.of(1, 2)), 3, 1);
  expect([...found.step]).toEqual([0, 0, 0]);
  expect(found.after).toBe(found.before);
  expect(found.damping).toBeGreaterThan(1);
});
