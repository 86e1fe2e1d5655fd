/**
 * The authority on rollouts of the classic string and their losses: float64, the exact tanh, straight from the
 * equations. Gradients are had from it by finite differences.
 */
import { spectralLoss, waveLoss } from "./rollout.ts";
import { evaluateMlp, type LoopFilter } from "./string-loop.ts";

export interface ReferenceShape {
  delays: readonly number[];
  extras: number;
  layers: readonly { units: number; activation: "linear" | "tanh" | "relu" }[];
  bias: boolean;
  frameSizes: readonly number[];
}

export interface ReferenceTask {
  past: ArrayLike<number>;
  target: ArrayLike<number>;
  /** Layer by layer: weight [out, in], then bias [out] where there are biases. */
  weights: ArrayLike<number>;
  extras: readonly number[];
  floors: readonly ArrayLike<number>[];
  waveSamples: number;
  waveWeight: number;
  spectralWeight: number;
}

/** Cut the parameters into layers. */
export function cutLayers(
  { delays, extras, layers, bias }: ReferenceShape,
  weights: ArrayLike<number>,
): LoopFilter["layers"] {
  const all = Array.from(weights);
  let inputs = delays.length + extras;
  return layers.map(({ units, activation }) => {
    const layer = {
      inputs,
      units,
      activation,
      weight: all.splice(0, units * inputs),
      bias: bias ? all.splice(0, units) : null,
    };
    inputs = units;
    return layer;
  });
}

/** y[n] = MLP([y[n - d] for d in delays] ++ extras), each sample held within +-limit. @returns [target.length] */
export function rollOutClassic(shape: ReferenceShape, task: ReferenceTask, limit = 1e9): number[] {
  const layers = cutLayers(shape, task.weights);
  const y = Array.from(task.past);
  for (let n = 0; n < task.target.length; n++) {
    const taps = shape.delays.map((d) => y[y.length - d]);
    const [next] = Array.from(evaluateMlp(layers, [...taps, ...task.extras]));
    y.push(Math.max(-limit, Math.min(limit, next)));
  }
  return y.slice(task.past.length);
}

/** What a rollout costs. */
export function classicRolloutLoss(
  { frameSizes }: ReferenceShape,
  task: ReferenceTask,
  rollout: ArrayLike<number>,
): number {
  const { past, target, floors, waveSamples, waveWeight, spectralWeight } = task;
  const rms = Math.sqrt(Array.from(past).reduce((sum, x) => sum + x * x, 0) / past.length);
  const wave = waveLoss(rollout, target, Math.min(waveSamples, target.length), 1 / (rms + 1e-5));
  const spectral = frameSizes.reduce(
    (sum, size, i) => sum + spectralLoss(rollout, target, size, floors[i]),
    0,
  );
  return waveWeight * wave + spectralWeight * spectral;
}
