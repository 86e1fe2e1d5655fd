/**
 * The one-step loss of a classic network on its examples: of a batch in training, of the held-out ones, and of each of
 * those that are followed through training.
 */
import { type ClassicTrainConfig, lossWindow } from "@neural-string/shared";
import * as tf from "@tensorflow/tfjs-core";
import { type Batch, disposeBatch, type Examples } from "./examples.ts";
import { FOLLOWED_SAMPLES, type FollowedFacts } from "./followed-examples.ts";
import { type Loss, lossFunction } from "./loss.ts";
import type { TrainableMlp } from "./mlp.ts";
import { seededRandom } from "./random.ts";

export class OneStepLoss {
  readonly #config: ClassicTrainConfig;
  readonly #network: TrainableMlp;
  readonly #examples: Examples;
  readonly #loss: Loss;
  /** Places of the followed examples. */
  readonly #followed: readonly number[];

  constructor(config: ClassicTrainConfig, network: TrainableMlp, examples: Examples) {
    const { training, selection } = config;
    this.#config = config;
    this.#network = network;
    this.#examples = examples;
    this.#loss = lossFunction(training.loss);
    const wanted = selection.lossExamples ?? FOLLOWED_SAMPLES;
    this.#followed = examples.followed(Math.floor(wanted / lossWindow(training.loss)));
  }

  /**
   * The mean over a batch.
   * @param step whose dropout is wanted; null for a network that is judged
   */
  mean(batch: Batch, step: number | null): tf.Scalar {
    return tf.mean(this.#ofEach(batch, step));
  }

  /** The mean over the held-out examples, undisturbed. */
  heldOut(): number {
    const batch = this.#examples.heldOutBatch() as Batch;
    const loss = tf.tidy(() => this.mean(batch, null).dataSync()[0]);
    disposeBatch(batch);
    return loss;
  }

  /** The examples that `ofFollowed` is of; null where the config wants none. */
  get followed(): FollowedFacts | null {
    if (this.#followed.length === 0) return null;
    const { loss } = this.#config.training;
    const examples = this.#examples.describe(this.#followed);
    return { of: "samples", loss: loss.name, window: lossWindow(loss), examples };
  }

  /** Of every followed example, undisturbed. */
  ofFollowed(): Float32Array {
    const losses = new Float32Array(this.#followed.length);
    let at = 0;
    for (const batch of this.#examples.undisturbed(this.#followed)) {
      const some = tf.tidy(() => this.#ofEach(batch, null).dataSync());
      losses.set(some, at);
      at += some.length;
      disposeBatch(batch);
    }
    return losses;
  }

  #ofEach({ inputs, targets, tapRms }: Batch, step: number | null): tf.Tensor1D {
    const { dropout, seed } = this.#config.training;
    const random = step === null || dropout === 0 ? null : seededRandom(seed, 7, step);
    const prediction = this.#network.predict(inputs, random && { share: dropout, random });
    return this.#loss({ prediction, target: targets, tapRms });
  }
}
