/**
 * Least squares with some hundred unknowns whose residuals have no gradient at hand: a Jacobian by differences, a damped
 * Gauss-Newton step, and of several dampings the one that ends lowest.
 * Source: Nocedal and Wright, Numerical Optimization, chapter 10.
 */
import { solveSymmetric } from "../linear-prediction.ts";

/** Residuals of many points at once, in the order given; may run on several threads. */
export type Residuals = (points: readonly Float64Array[]) => Promise<Float64Array[]>;

/** Differences are taken over this much of a step. */
const DIFFERENCE = 0.05;
/** Dampings that are tried, relative to the last one that was best. */
const TRIED = [1 / 30, 1 / 10, 1 / 3, 1, 3, 10, 100];
/** Part of the damping that is each unknown's own curvature; the rest is the mean of them all. */
const OWN = 0.1;
/** Where no damping helps, the next round begins with this many times as much. */
const MORE = 30;

export interface Improvement {
  /** [unknowns], from where the round began; all 0 where nothing was better. */
  step: Float64Array;
  /** Sums of squares before and after. */
  before: number;
  after: number;
  /** To go on with. */
  damping: number;
}

/** How many points a round asks for. */
export function pointsOf(unknowns: number): number {
  return 1 + unknowns + TRIED.length;
}

/** One round, from 0. @param unknowns how many @param damping relative to the mean curvature */
export async function improve(residuals: Residuals, unknowns: number, damping: number): Promise<Improvement> {
  const points = Array.from({ length: unknowns + 1 }, (_, i) => {
    const point = new Float64Array(unknowns);
    if (i > 0) point[i - 1] = DIFFERENCE;
    return point;
  });
  const [base, ...shifted] = await residuals(points);
  const slopes = shifted.map((r) => r.map((x, i) => (x - base[i]) / DIFFERENCE));
  const gradient = Float64Array.from(slopes, (slope) => -dot(slope, base));
  // upper triangle
  const curvature = slopes.map((slope, i) =>
    Float64Array.from(slopes, (other, j) => (j < i ? 0 : dot(slope, other))),
  );
  const mean = curvature.reduce((sum, row, i) => sum + row[i], 0) / unknowns;
  const steps = TRIED.map((factor) => {
    const lambda = damping * factor;
    const damped = curvature.map((row, i) =>
      row.map((x, j) => (j === i ? x * (1 + lambda * OWN) + lambda * mean : x)),
    );
    return { lambda, step: solveSymmetric(damped, gradient) };
  });
  const ends = await residuals(steps.map(({ step }) => step));
  const before = dot(base, base);
  let best: Improvement = {
    step: new Float64Array(unknowns),
    before,
    after: before,
    damping: damping * MORE,
  };
  ends.forEach((end, i) => {
    const after = dot(end, end);
    if (after < best.after) best = { step: steps[i].step, before, after, damping: steps[i].lambda };
  });
  return best;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
