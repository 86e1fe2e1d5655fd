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
import type { PassiveModel } from "@neural-string/core-wasm";
import { mixtureWeightsAt } from "./mixture.ts";

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
  const { filters, taps, ahead, loopTaps, mixture } = model;
  const near = Math.round(model.sampleRate / model.f0) - ahead;
  const residual = Float64Array.from(y);
  // weights hold for a hop; the samples that a filter hears carry the weights that held when they sounded
  const hop = mixture?.hop ?? y.length;
  const weights = Array.from({ length: Math.ceil(y.length / hop) }, (_, i) =>
    mixtureWeightsAt(model, y, i * hop, controls),
  );
  const weightAt = (n: number, filter: number) => weights[Math.floor(n / hop)][filter];
  for (let filter = 0; filter < filters; filter++) {
    const line = Float64Array.from(y, (sample, n) => weightAt(n, filter) * sample);
    const h = loopTaps.subarray((1 + filter) * taps, (2 + filter) * taps);
    const returned = delayed(line, h, near);
    for (let n = 0; n < y.length; n++) residual[n] -= weightAt(n, filter) * returned[n];
  }
  const second = delayed(residual, loopTaps.subarray(0, taps), near);
  return Float32Array.from(residual, (r, n) => r - second[n]);
}

function extractFromPlanes(
  { filters, taps, loopTaps, coupling, mixture, ...model }: PassiveModel,
  y: Float32Array,
  controls: readonly number[],
): Float32Array {
  const near = Math.round(model.sampleRate / model.f0) - model.ahead;
  const whole = { filters, taps, loopTaps, coupling, mixture, ...model };
  const hop = mixture?.hop ?? y.length;
  const weights = Array.from({ length: Math.ceil(y.length / hop) }, (_, i) =>
    mixtureWeightsAt(whole, y, i * hop, controls),
  );
  const rows = Array.from({ length: 1 + filters }, (_, row) =>
    loopTaps.subarray(row * taps, (row + 1) * taps),
  );
  const lines = Array.from({ length: filters }, () => new Float64Array(y.length));
  const u = new Float64Array(y.length);
  const e = new Float64Array(y.length);
  for (let n = 0; n < y.length; n++) {
    const s = weights[Math.floor(n / hop)];
    u[n] = returned(u, rows[0], near, n) + returned(e, coupling, near, n);
    let first = 0;
    for (let k = 0; k < filters; k++) first += s[k] * returned(lines[k], rows[1 + k], near, n);
    const a = y[n] - u[n];
    e[n] = a - first;
    for (let k = 0; k < filters; k++) lines[k][n] = s[k] * a;
  }
  return Float32Array.from(e);
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
