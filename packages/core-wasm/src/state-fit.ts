/**
 * How near a passive string's free run can come to a recorded stretch, from the best state it can have started in:
 * what `tune.ts` compares pitches by.
 */
import type { FreeRun } from "./free-run.ts";

const PRE_EMPHASIS = 0.95;
const CG_STEPS = 10;

// What the state may cost, energy for energy: u is small (else it could pass for any detuning), y all but known.
const COST_U = 0.3;
const COST_Y = 0.03;

/**
 * Fit the state before a stretch to what follows, by conjugate gradients on
 *   |D (y - recorded)|^2 + costU |u|^2 + costY |y - recorded|^2 of the state,   D the pre-emphasis
 * from y as recorded and u = 0.
 * @param recorded [F + count] @returns the sum at the end
 */
export function bestFreeRun(run: FreeRun, recorded: Float64Array): number {
  const { state, count } = run;
  const y = new Float64Array(state + count);
  const u = new Float64Array(state + count);
  const cost = (n: number) => (n < state ? COST_Y : COST_U);
  // the run of a state, [2 F], emphasised
  const heard = (of: Float64Array) => {
    y.set(of.subarray(0, state));
    u.set(of.subarray(state));
    return emphasised(run.run(y, u));
  };
  const found = new Float64Array(2 * state);
  found.set(recorded.subarray(0, state));
  const left = emphasised(recorded.subarray(state));
  subtract(left, heard(found), 1);
  let downhill = pulled(run, left);
  const direction = downhill.slice();
  const moved = new Float64Array(2 * state);
  let slope = sumOfSquares(downhill);
  for (let i = 0; i < CG_STEPS && slope > 0; i++) {
    const change = heard(direction);
    let bend = sumOfSquares(change);
    for (let n = 0; n < 2 * state; n++) bend += cost(n) * direction[n] ** 2;
    const step = slope / bend;
    subtract(moved, direction, -step);
    subtract(left, change, step);
    downhill = pulled(run, left);
    for (let n = 0; n < 2 * state; n++) downhill[n] -= cost(n) * moved[n];
    const next = sumOfSquares(downhill);
    for (let n = 0; n < 2 * state; n++) direction[n] = downhill[n] + (next / slope) * direction[n];
    slope = next;
  }
  let sum = sumOfSquares(left);
  for (let n = 0; n < 2 * state; n++) sum += cost(n) * moved[n] ** 2;
  return sum;
}

/** The adjoint of an emphasised run. */
function pulled(run: FreeRun, left: Float64Array): Float64Array {
  const gradient = new Float64Array(2 * run.state + run.count);
  for (let n = 0; n < run.count; n++) {
    const next = n + 1 < run.count ? left[n + 1] : 0;
    gradient[run.state + n] = (n === 0 ? 1 - PRE_EMPHASIS : 1) * left[n] - PRE_EMPHASIS * next;
  }
  return run.back(gradient);
}

/** x[n] - 0.95 x[n - 1]; before the first sample, the first. */
export function emphasised(x: Float64Array): Float64Array {
  return x.map((v, n) => v - PRE_EMPHASIS * x[Math.max(0, n - 1)]);
}

/** Energy. */
export function sumOfSquares(x: Float32Array | Float64Array): number {
  let sum = 0;
  for (let n = 0; n < x.length; n++) sum += x[n] * x[n];
  return sum;
}

/** a -= factor b */
function subtract(a: Float64Array, b: Float64Array, factor: number): void {
  for (let n = 0; n < a.length; n++) a[n] -= factor * b[n];
}
