/**
 * The one-step losses, by name. Each says how wrong single predictions are; what they are averaged over and how they
 * are minimised is decided elsewhere. To add one: an entry in `LossSchema` (shared) and a function here.
 */
import type { LossConfig } from "@neural-string/shared";
import * as tf from "@tensorflow/tfjs";

/** One batch as a loss sees it; all [B]. */
export interface Predictions {
  prediction: tf.Tensor1D;
  target: tf.Tensor1D;
  /** RMS of each example's taps: how loud the string is there (linear amplitude). */
  tapRms: tf.Tensor1D;
}

/** Loss of every example. @returns [B] */
export type Loss = (predictions: Predictions) => tf.Tensor1D;

/** Find a loss by its config. */
export function lossFunction(config: LossConfig): Loss {
  switch (config.name) {
    case "mse":
      return ({ prediction, target }) => tf.square(tf.sub(prediction, target));
    case "energy_l1_with_penalty":
      // precision in proportion to what the inputs carry; a prediction louder than its target costs more, because
      // that is how a loop comes to ring forever
      return ({ prediction, target, tapRms }) => {
        const error = tf.abs(tf.sub(prediction, target));
        const louder = tf.relu(tf.sub(tf.abs(prediction), tf.abs(target)));
        return tf.div(tf.add(error, tf.mul(config.alpha, louder)), tf.add(tapRms, config.floor));
      };
  }
}
