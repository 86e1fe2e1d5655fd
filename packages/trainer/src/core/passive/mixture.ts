/**
 * The weights of a passive string's filters in float64, from what was heard: for excitations and reports. The player's
 * kernel computes the same while it renders (assembly/passive-mixture.ts).
 */
import type { PassiveModel } from "@neural-string/core-wasm";

/** Added to mean squares, so that silence has a level. */
const SILENCE = 1e-9;

/**
 * The weights that hold from a moment on.
 * @param y what was heard, [samples]
 * @param at index of the first sample they hold for; samples before the start of `y` are silence
 * @param controls [model.controls]
 * @returns [filters], squares sum to 1
 */
export function mixtureWeightsAt(
  model: PassiveModel,
  y: ArrayLike<number>,
  at: number,
  controls: readonly number[],
): Float64Array {
  const { filters, mixture } = model;
  if (mixture === null) return Float64Array.of(1);
  const period = Math.round(model.sampleRate / model.f0);
  const level = logMeanSquare(y, at - period, at);
  const before = logMeanSquare(y, at - 2 * period, at - period);
  const change = Math.min(1, Math.max(-1, 5 * (level - before)));
  const inputs = [level / 2 + 1.5, change, ...controls];
  const hidden = dense(model.hiddenWeight, model.hiddenBias, inputs).map(Math.tanh);
  const z = dense(model.outputWeight, model.outputBias, hidden);
  const largest = Math.max(...z);
  const total = z.reduce((sum, value) => sum + Math.exp(value - largest), 0);
  const weights = z.map((value) => Math.exp((value - largest - Math.log(total)) / 2));
  return Float64Array.from(weights.slice(0, filters));
}

function logMeanSquare(y: ArrayLike<number>, from: number, to: number): number {
  let sum = 0;
  for (let n = Math.max(0, from); n < to; n++) sum += y[n] * y[n];
  return Math.log10(sum / (to - from) + SILENCE);
}

function dense(weight: Float32Array, bias: Float32Array, inputs: readonly number[]): number[] {
  return Array.from(bias, (sum, i) =>
    inputs.reduce((all, x, j) => all + weight[i * inputs.length + j] * x, sum),
  );
}
