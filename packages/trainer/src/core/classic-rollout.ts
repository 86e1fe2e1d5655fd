/**
 * Sequence training of classic strings: the loop runs on its own output from a recorded past, is compared with what the
 * recording did, and the gradient goes back through all of it to the network's variables. What runs is the core's
 * train build; to tfjs it is one operation with a gradient of its own, so any backend will do.
 *
 *   recording   ....[ past ][ target, K periods ]....     both clear of held-out stretches
 *   free run                [ rollout           ]         loss: waveform of the first periods, and floored spectra
 */

import { ClassicRollout } from "@neural-string/core-wasm/classic-rollout";
import {
  type ClassicHeader,
  countExtras,
  type RolloutConfig,
  tapDelays,
  UserError,
} from "@neural-string/shared";
import * as tf from "@tensorflow/tfjs-core";
import type { Stretch } from "./held-out.ts";
import { isOdd, type TrainableMlp } from "./mlp.ts";
import { seededRandom } from "./random.ts";
import { frameSizes, freePieces, type Piece, spectralFloors } from "./rollout-floors.ts";
import type { TrainingOptions } from "./train.ts";

/** Where a rollout starts. */
export interface RolloutExample {
  recording: number;
  /** First sample of the target. */
  start: number;
  /** -1 where past and target are mirrored. */
  sign: 1 | -1;
}

export interface RolloutOptions {
  /** The core's train build: its bytes, or the compiled module. */
  module: BufferSource | WebAssembly.Module;
  config: RolloutConfig;
  header: ClassicHeader;
  withBias: boolean;
  /** [samples] each, at the header's sample rate. */
  recordings: readonly Float32Array[];
  /** Held out of the recordings: neither heard nor measured here. */
  stretches: readonly Stretch[];
  /** Whether half of the rollouts are mirrored. */
  mirrored: boolean;
  seed: number;
}

// Periods whose waveform counts: enough to hold the pitch, few enough that a fraction of a cent is not yet an error.
const WAVE_PERIODS = 16;

// Rollouts start more often early, where the sound changes fast: at u^1.5 of the way, u uniform; and while there is
// something to hear, which after nine seconds of most strings is noise.
const EARLINESS = 1.5;
const LATEST_SECONDS = 9;

/**
 * Make a training's rollouts.
 * @returns null where its config asks for none
 * @throws UserError as RolloutLoss; RangeError where there is no train build
 */
export function createRollouts(
  { config, header, recordings, trainModule }: TrainingOptions,
  stretches: readonly Stretch[],
): RolloutLoss | null {
  const { rollout, seed } = config.training;
  if (rollout === null) return null;
  if (trainModule === undefined) {
    throw new RangeError(
      "trainModule: expected the core's train build, which training.rollout needs, got none",
    );
  }
  const withBias = config.model.bias;
  const mirrored = config.data.symmetric && !isOdd(header, withBias);
  return new RolloutLoss({
    module: trainModule,
    config: rollout,
    header,
    withBias,
    recordings,
    stretches,
    mirrored,
    seed,
  });
}

/** Rollouts of one network over a set of recordings. Holds no tensors. */
export class RolloutLoss {
  /** Samples of a rollout. */
  readonly count: number;
  readonly #options: RolloutOptions;
  readonly #rollout: ClassicRollout;
  readonly #pastSamples: number;
  readonly #waveSamples: number;
  /** Of each recording: where rollouts may start, and below what its spectra are noise. */
  readonly #starts: Piece[][];
  readonly #floors: Float32Array[][];
  /** Recordings with room for a rollout. */
  readonly #usable: number[];

  /**
   * Find where rollouts may start, and measure the recordings' noise.
   * @throws UserError where no recording has room for a rollout between its held-out stretches
   */
  constructor(options: RolloutOptions) {
    const { module, config, header, withBias, recordings, stretches } = options;
    const { sampleRate, f0, layers, tapPattern } = header;
    const period = sampleRate / f0;
    this.#options = options;
    this.count = Math.round(config.periods * period);
    this.#waveSamples = Math.round(WAVE_PERIODS * period);
    const sizes = frameSizes(sampleRate, this.count);
    const delays = tapDelays(tapPattern, sampleRate, f0);
    this.#rollout = new ClassicRollout(module, {
      delays,
      extras: countExtras(header),
      layers,
      bias: withBias,
      mostSamples: this.count,
      frameSizes: sizes,
    });
    this.#pastSamples = Math.max(this.#rollout.longestDelay, Math.round(2 * period));
    const own = (recording: number) => stretches.filter((stretch) => stretch.recording === recording);
    this.#starts = recordings.map(({ length }, i) => this.#startsIn(freePieces(length, own(i))));
    this.#usable = this.#starts.flatMap((pieces, i) => (pieces.length > 0 ? [i] : []));
    this.#checkRoom();
    this.#floors = recordings.map((samples, i) => spectralFloors(samples, sampleRate, own(i), sizes));
  }

  /** Where rollouts may start in the free pieces of a recording: early ones if there are any. */
  #startsIn(pieces: readonly Piece[]): Piece[] {
    const latest = LATEST_SECONDS * this.#options.header.sampleRate;
    const starts = pieces
      .map(({ from, to }) => ({ from: from + this.#pastSamples, to: to - this.count + 1 }))
      .filter(({ from, to }) => from < to);
    const early = starts.filter(({ from }) => from < latest);
    return early.length > 0 ? early.map(({ from, to }) => ({ from, to: Math.min(to, latest) })) : starts;
  }

  /** The rollouts of a step: they follow from seed and step alone. */
  examples(step: number): RolloutExample[] {
    const { config, seed, mirrored } = this.#options;
    const random = seededRandom(seed, 4, step);
    return Array.from({ length: config.batchSize }, () => {
      const recording = this.#usable[Math.floor(random() * this.#usable.length)];
      const pieces = this.#starts[recording];
      const choices = pieces.reduce((sum, { from, to }) => sum + to - from, 0);
      let at = Math.floor(choices * random() ** EARLINESS);
      const sign = random() < 0.5 && mirrored ? -1 : 1;
      const piece = pieces.find(({ from, to }) => {
        if (at < to - from) return true;
        at -= to - from;
        return false;
      }) as Piece;
      return { recording, start: piece.from + at, sign };
    });
  }

  /**
   * Mean loss of some rollouts, controls and features at 0, times the config's weight. Its gradient is the mean of the
   * rollouts' gradients, each scaled down to the config's largest norm first: one that blows up must not drown the
   * others, nor what the optimiser remembers of gradients' sizes.
   * @returns scalar; differentiable in the network's variables
   */
  loss(network: TrainableMlp, examples: readonly RolloutExample[]): tf.Scalar {
    const variables = [...network.variables.values()];
    const operation = tf.customGrad((...inputs) => {
      // tfjs hands over a function to keep tensors with after the inputs: nothing to keep, the gradient is known
      const tensors = inputs.slice(0, variables.length) as tf.Tensor[];
      const { loss, gradient } = this.#run(tensors, examples);
      const gradFunc = (dy: tf.Tensor): tf.Tensor[] => {
        let offset = 0;
        return tensors.map(({ size, shape }) => {
          const part = tf.tensor(gradient.slice(offset, offset + size), shape, "float32");
          offset += size;
          return tf.mul(part, dy);
        });
      };
      return { value: tf.scalar(loss), gradFunc };
    });
    return operation(...variables) as tf.Scalar;
  }

  /** @returns weighted mean loss, and its gradient for all parameters one after the other */
  #run(parameters: readonly tf.Tensor[], examples: readonly RolloutExample[]) {
    const { weight, clip, waveWeight, spectralWeight } = this.#options.config;
    const weights = new Float32Array(this.#rollout.weightCount);
    let offset = 0;
    for (const tensor of parameters) {
      weights.set(tensor.dataSync(), offset);
      offset += tensor.size;
    }
    let loss = 0;
    const sum = new Float64Array(weights.length);
    for (const { recording, start, sign } of examples) {
      const samples = this.#options.recordings[recording];
      const cut = (from: number, to: number) => samples.slice(from, to).map((x) => sign * x);
      const result = this.#rollout.run({
        past: cut(start - this.#pastSamples, start),
        target: cut(start, start + this.count),
        weights,
        floors: this.#floors[recording],
        waveSamples: this.#waveSamples,
        waveWeight,
        spectralWeight,
      });
      const share = weight / examples.length;
      loss += share * result.loss;
      const norm = Math.sqrt(result.gradient.reduce((power, g) => power + g * g, 0));
      const scale = share * Math.min(1, clip / norm || 1);
      result.gradient.forEach((g, i) => {
        sum[i] += scale * g;
      });
    }
    return { loss, gradient: Float32Array.from(sum) };
  }

  #checkRoom(): void {
    if (this.#usable.length > 0) return;
    const { recordings, stretches, header, config } = this.#options;
    const pieces = recordings.flatMap(({ length }, i) =>
      freePieces(
        length,
        stretches.filter(({ recording }) => recording === i),
      ),
    );
    const longest = pieces.reduce((most, { from, to }) => Math.max(most, to - from), 0);
    const seconds = (samples: number) => (samples / header.sampleRate).toFixed(2);
    throw new UserError(
      `training.rollout.periods: ${config.periods} periods and the past they start from need ${seconds(this.#pastSamples + this.count)} s of a recording without a held-out stretch, the longest such piece has ${seconds(longest)} s; use fewer periods, or shorter or fewer selection.stretches`,
    );
  }
}
