/**
 * The pluck itself, taken out of a recording: what must be added to a passive string at rest so that it sounds exactly
 * as recorded. With it a model can be played, not only resumed, and reproduces the attack.
 *
 *   r = y - first loop(y),   e = r - second loop(r),   from silence before the onset
 */
import type { PassiveModel } from "@neural-string/core-wasm";
import { mixtureWeightsAt } from "./mixture.ts";

/**
 * Extract an excitation.
 * @param recording from the note's onset on
 * @param length samples of excitation; the string is on its own after them
 * @returns [length]: adding it to the second loop of a string at rest gives the recording's first `length` samples
 */
export function extractExcitation(
  model: PassiveModel,
  recording: Float32Array,
  length: number,
  controls: readonly number[],
): Float32Array {
  const y = recording.subarray(0, length);
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

/** A loop filter's output: sum over j of h[j] x[n - near - j], from silence. */
function delayed(x: Float64Array, h: Float32Array, near: number): Float64Array {
  const out = new Float64Array(x.length);
  for (let n = near; n < x.length; n++) {
    const most = Math.min(h.length, n - near + 1);
    let sum = 0;
    for (let j = 0; j < most; j++) sum += h[j] * x[n - near - j];
    out[n] = sum;
  }
  return out;
}
