/**
 * A price on loop gain where it would let a frequency ring too long. A recording says nothing of the bands it has no
 * sound in, so there a one-step loss leaves the loop's gain to chance, and above 1 the closed loop blows up. For small
 * signals the network is linear, so its gain is a frequency response that can be looked at and pulled down directly.
 *
 *   J = W_L D W_(L-1) ... D W_1   (D: slopes of the activations at rest)     H(w) = sum over taps of J e^(-j w delay)
 *
 * This is a nudge, not a proof: between the grid's frequencies, and for large signals, nothing is promised.
 */
import { longestDelay } from "@neural-string/shared";
import * as tf from "@tensorflow/tfjs-core";
import type { TrainableMlp } from "./mlp.ts";

// Frequencies per period of the fastest ripple H can have: its delays reach over `longest` samples.
const OVERSAMPLING = 4;
// How dear gain above the limit is, in units of the loss. Tried on a guitar and a piano string (docs/LOG.md,
// 2026-11-22): 0.3 kills strings within a second, 0.003 lets some of them blow up.
const WEIGHT = 0.03;

/** Prices a network's loop gain. Holds two constant tensors: call `dispose` at the end. */
export class LoopGain {
  /** [F, taps] */
  readonly #cosines: tf.Tensor2D;
  readonly #sines: tf.Tensor2D;
  readonly #limit: number;

  /**
   * Prepare a frequency grid.
   * @param delays samples, in the order of the network's inputs
   * @param limit largest gain per round trip that costs nothing, below 1
   */
  constructor(delays: Int32Array, limit: number) {
    this.#limit = limit;
    const frequencies = OVERSAMPLING * longestDelay(delays);
    const table = (wave: (x: number) => number) => {
      const values = new Float32Array(frequencies * delays.length);
      for (let f = 0; f < frequencies; f++) {
        const w = (Math.PI * (f + 0.5)) / frequencies;
        delays.forEach((delay, t) => {
          values[f * delays.length + t] = wave(w * delay);
        });
      }
      return tf.tensor2d(values, [frequencies, delays.length]);
    };
    this.#cosines = table(Math.cos);
    this.#sines = table(Math.sin);
  }

  /** What the network's gain costs. @returns scalar, 0 where no frequency exceeds the limit */
  price(network: TrainableMlp): tf.Scalar {
    const excess = tf.relu(tf.sub(this.#gainSquared(network), this.#limit ** 2));
    return tf.mul(WEIGHT, tf.sum(excess)) as tf.Scalar;
  }

  /** The largest gain on the grid. */
  largest(network: TrainableMlp): number {
    return tf.tidy(() => Math.sqrt(tf.max(this.#gainSquared(network)).dataSync()[0]));
  }

  dispose(): void {
    tf.dispose([this.#cosines, this.#sines]);
  }

  /** |H|^2 on the grid. @returns [F] */
  #gainSquared(network: TrainableMlp): tf.Tensor {
    const taps = this.#cosines.shape[1];
    const response = tf.reshape(tf.slice(network.smallSignalResponse(), [0, 0], [1, taps]), [taps, 1]);
    const real = tf.matMul(this.#cosines, response as tf.Tensor2D);
    const imaginary = tf.matMul(this.#sines, response as tf.Tensor2D);
    return tf.add(tf.square(real), tf.square(imaginary));
  }
}
