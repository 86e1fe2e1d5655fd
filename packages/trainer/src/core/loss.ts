/**
 * The one-step losses, by name. Each says how wrong single predictions are, or windows of consecutive ones; what they
 * are averaged over and how they are minimised is decided elsewhere. To add one: an entry in `LossSchema` (shared) and
 * a function here.
 */
import type { LossConfig } from "@neural-string/shared";
import * as tf from "@tensorflow/tfjs-core";

/** One batch as a loss sees it; all [B]. A loss of windows finds the samples of each window one after the other. */
export interface Predictions {
  prediction: tf.Tensor1D;
  target: tf.Tensor1D;
  /** RMS of each example's taps: how loud the string is there (linear amplitude). */
  tapRms: tf.Tensor1D;
}

/** Loss of every example. @returns [B], or one number a window: [B / window] */
export type Loss = (predictions: Predictions) => tf.Tensor1D;

/** Find a loss by its config. */
export function lossFunction(config: LossConfig): Loss {
  switch (config.name) {
    case "mse":
      return ({ prediction, target }) => tf.squaredDifference(prediction, target);
    case "relative_mse":
      return ({ prediction, target }) =>
        tf.div(tf.squaredDifference(prediction, target), tf.add(tf.square(target), config.floor));
    case "relative_l1":
      return (batch) => l1(batch, 0, tf.add(tf.abs(batch.target), config.floor));
    case "relative_l1_with_penalty":
      return (batch) => l1(batch, config.alpha, tf.add(tf.abs(batch.target), config.floor));
    case "energy_l1":
      return (batch) => l1(batch, 0, tf.add(batch.tapRms, config.floor));
    case "energy_l1_with_penalty":
      // precision in proportion to what the inputs carry; a prediction louder than its target costs more, because
      // that is how a loop comes to ring forever
      return (batch) => l1(batch, config.alpha, tf.add(batch.tapRms, config.floor));
    case "log_magnitude":
      return ({ prediction, target }) => {
        const level = (x: tf.Tensor1D) => tf.log(tf.add(tf.abs(x), config.floor));
        return tf.squaredDifference(level(prediction), level(target));
      };
    case "window_normalized_mse":
      // the mean of squares over R^2, which is the mean of ((p - t) / R)^2
      return windowed(config.window, (error, target) =>
        tf.div(meanSquare(error), tf.add(meanSquare(target), config.floor)),
      );
    case "inverse_rms_mse":
      return windowed(config.window, (error, target) =>
        tf.div(
          meanSquare(error),
          tf.maximum(tf.sqrt(tf.add(meanSquare(target), config.floor)), config.least),
        ),
      );
    case "si_snr":
      return windowed(config.window, (error, target) => siSnr(error, target, config.floor));
  }
}

/** (|p - t| + alpha relu(|p| - |t|)) / divisor. */
function l1({ prediction, target }: Predictions, alpha: number, divisor: tf.Tensor): tf.Tensor1D {
  const error = tf.abs(tf.sub(prediction, target));
  if (alpha === 0) return tf.div(error, divisor);
  const louder = tf.relu(tf.sub(tf.abs(prediction), tf.abs(target)));
  return tf.div(tf.add(error, tf.mul(alpha, louder)), divisor);
}

/**
 * A loss of windows.
 * @param loss of each: error p - t and target, both [W, window], to [W]
 */
function windowed(window: number, loss: (error: tf.Tensor2D, target: tf.Tensor2D) => tf.Tensor): Loss {
  return ({ prediction, target }) => {
    const shape: [number, number] = [target.size / window, window];
    return loss(tf.reshape(tf.sub(prediction, target), shape), tf.reshape(target, shape)) as tf.Tensor1D;
  };
}

function meanSquare(x: tf.Tensor2D): tf.Tensor1D {
  return tf.mean(tf.square(x), 1);
}

/** -10 log10 of the energy of what of p looks like t over that of the rest. */
function siSnr(error: tf.Tensor2D, target: tf.Tensor2D, floor: number): tf.Tensor {
  const centred = (x: tf.Tensor) => tf.sub(x, tf.mean(x, 1, true));
  const t = centred(target);
  const p = centred(tf.add(error, target));
  const energy = (x: tf.Tensor) => tf.sum(tf.square(x), 1, true);
  const share = tf.div(tf.sum(tf.mul(p, t), 1, true), tf.add(energy(t), floor));
  const wanted = tf.mul(share, t);
  const ratio = tf.div(tf.add(energy(wanted), floor), tf.add(energy(tf.sub(p, wanted)), floor));
  return tf.mul(-10 / Math.LN10, tf.reshape(tf.log(ratio), [-1]));
}
