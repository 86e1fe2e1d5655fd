/**
 * The pluck itself, taken out of a recording: what must be added to a passive string at rest so that it sounds exactly
 * as recorded. With it a model can be played, not only resumed, and reproduces the attack.
 *
 *   r = y - first loop(y),   e = r - second loop(r),   from silence before the onset
 *
 * Of parallel planes a and u, y = a + u, of which the second hears the pluck through the coupling filter c:
 *
 *   e = y - first loop(a) - second loop(u) - c(e)       sample by sample, since all three look back
 */
import { mixtureWeightsAlong, type PassiveModel } from "@neural-string/core-wasm";
import { nearestDelay } from "./tuning.ts";

/**
 * Extract an excitation.
 * @param recording from the note's onset on
 * @param length samples of excitation; the string is on its own after them
 * @returns [length]: driving a string at rest with it gives the recording's first `length` samples
 */
export function extractExcitation(
  model: PassiveModel,
  recording: Float32Array,
  length: number,
  controls: readonly number[],
): Float32Array {
  const y = recording.subarray(0, length);
  if (model.coupling.length > 0) return extractFromPlanes(model, y, controls);
  const near = nearestDelay(model);
  const residual = Float64Array.from(y);
  mixtureWeightsAlong(model, y, controls).forEach((weights, k) => {
    const line = weights.map((s, n) => s * y[n]);
    const returned = delayed(line, rowOf(model, 1 + k), near);
    for (let n = 0; n < y.length; n++) residual[n] -= weights[n] * returned[n];
  });
  const second = delayed(residual, rowOf(model, 0), near);
  return Float32Array.from(residual, (r, n) => r - second[n]);
}

function extractFromPlanes(model: PassiveModel, y: Float32Array, controls: readonly number[]): Float32Array {
  const { filters, coupling } = model;
  const near = nearestDelay(model);
  const weights = mixtureWeightsAlong(model, y, controls);
  const rows = Array.from({ length: 1 + filters }, (_, row) => rowOf(model, row));
  const lines = Array.from({ length: filters }, () => new Float64Array(y.length));
  const u = new Float64Array(y.length);
  const e = new Float64Array(y.length);
  for (let n = 0; n < y.length; n++) {
    u[n] = returned(u, rows[0], near, n) + returned(e, coupling, near, n);
    let first = 0;
    for (let k = 0; k < filters; k++) first += weights[k][n] * returned(lines[k], rows[1 + k], near, n);
    const a = y[n] - u[n];
    e[n] = a - first;
    for (let k = 0; k < filters; k++) lines[k][n] = weights[k][n] * a;
  }
  return Float32Array.from(e);
}

/** A loop filter's taps. */
function rowOf({ loopTaps, taps }: PassiveModel, row: number): Float32Array {
  return loopTaps.subarray(row * taps, (row + 1) * taps);
}

/** A loop filter's output: sum over j of h[j] x[n - near - j], from silence. */
function delayed(x: Float64Array, h: Float32Array, near: number): Float64Array {
  return x.map((_, n) => returned(x, h, near, n));
}

/** One sample of it. */
function returned(x: Float64Array, h: Float32Array, near: number, n: number): number {
  const most = Math.min(h.length, n - near + 1);
  let sum = 0;
  for (let j = 0; j < most; j++) sum += h[j] * x[n - near - j];
  return sum;
}
