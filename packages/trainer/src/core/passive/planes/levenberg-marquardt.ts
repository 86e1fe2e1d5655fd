/**
 * Least squares with some hundred unknowns whose residuals have no gradient at hand: a Jacobian by differences, a damped
 * Gauss-Newton step, and of several dampings the one that ends lowest.
 * Source: Nocedal and Wright, Numerical Optimization, chapter 10.
 */
import { CholeskyDecomposition, Matrix } from "ml-matrix";

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

/** One round, from 0. @param unknowns how many @param damping relative to the mean curvature */
export async function improve(residuals: Residuals, unknowns: number, damping: number): Promise<Improvement> {
  const points = Array.from({ length: unknowns + 1 }, (_, i) => {
    const point = new Float64Array(unknowns);
    if (i > 0) point[i - 1] = DIFFERENCE;
    return point;
  });
  const [base, ...shifted] = await residuals(points);
  const slopes = shifted.map((r) => r.map((x, i) => (x - base[i]) / DIFFERENCE));
  const curvature = new Matrix(unknowns, unknowns);
  const gradient = new Matrix(unknowns, 1);
  for (let i = 0; i < unknowns; i++) {
    gradient.set(i, 0, dot(slopes[i], base));
    for (let j = i; j < unknowns; j++) {
      const sum = dot(slopes[i], slopes[j]);
      curvature.set(i, j, sum);
      curvature.set(j, i, sum);
    }
  }
  const mean = curvature.diagonal().reduce((sum, x) => sum + x, 0) / unknowns;
  const steps = TRIED.flatMap((factor) => {
    const lambda = damping * factor;
    const damped = curvature.clone();
    for (let i = 0; i < unknowns; i++) {
      damped.set(i, i, curvature.get(i, i) * (1 + lambda * OWN) + lambda * mean);
    }
    const solver = new CholeskyDecomposition(damped);
    if (!solver.isPositiveDefinite()) return [];
    return [{ lambda, step: Float64Array.from(solver.solve(gradient).to1DArray(), (x) => -x) }];
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
