/**
 * The training examples: every sample of every recording that has all its taps and is not held out, each once as
 * recorded and (if asked) once mirrored, in an order that follows from seed and epoch alone.
 */
import { type Core, WindowReader } from "@neural-string/core-wasm";
import { longestDelay } from "@neural-string/shared";
import * as tf from "@tensorflow/tfjs";
import { holdOut, isTrainable, type Stretch } from "./held-out.ts";
import { type Random, seededRandom, shuffle } from "./random.ts";

/** A batch as tensors; dispose them after use. */
export interface Batch {
  /** [B, T] */
  inputs: tf.Tensor2D;
  /** [B] */
  targets: tf.Tensor1D;
  /** [B], RMS of the taps. */
  tapRms: tf.Tensor1D;
}

export interface ExampleOptions {
  /** Samples, in the order of the network's inputs. */
  delays: Int32Array;
  /** Inputs after the taps (controls and features); 0 in every example. */
  extras: number;
  mirrored: boolean;
  /** RMS of the noise added to the taps, relative to theirs. */
  inputNoise: number;
  batchSize: number;
  seed: number;
  /** Held-out stretches per recording, and their length (samples). */
  stretches: number;
  stretchSamples: number;
}

// How many held-out examples the one-step loss is measured on.
const HELD_OUT_EXAMPLES = 2048;

/** Examples of a set of recordings. */
export class Examples {
  readonly stretches: Stretch[];
  readonly batchSize: number;
  /** Examples of one epoch. */
  readonly count: number;
  readonly #reader: WindowReader;
  readonly #seed: number;
  readonly #recordings: Uint16Array;
  readonly #targets: Uint32Array;
  readonly #extras: number;
  readonly #mirrored: boolean;
  readonly #inputNoise: number;
  /** Order of the current epoch; entry e is example e >> 1, mirrored where its lowest bit is 1. */
  readonly #order: Uint32Array;
  #epoch = -1;

  /**
   * List the examples.
   * @param core keeps the recordings in its memory
   * @param recordings [samples] each
   */
  constructor(core: Core, recordings: readonly Float32Array[], options: ExampleOptions) {
    const { delays, mirrored, stretches, stretchSamples } = options;
    const longest = longestDelay(delays);
    const lengths = recordings.map(({ length }) => length);
    this.stretches = holdOut(lengths, longest, stretches, stretchSamples);
    this.#extras = options.extras;
    this.#seed = options.seed;

    const { from, targets } = listTrainable(lengths, longest, this.stretches);
    this.#recordings = from;
    this.#targets = targets;
    this.#order = new Uint32Array(mirrored ? 2 * targets.length : targets.length);
    this.count = this.#order.length;
    this.batchSize = Math.min(options.batchSize, this.count);
    this.#mirrored = mirrored;
    this.#inputNoise = options.inputNoise;
    this.#reader = new WindowReader(
      core,
      recordings,
      delays,
      options.extras,
      Math.max(this.batchSize, HELD_OUT_EXAMPLES),
    );
  }

  /** Optimisation steps of one epoch; what does not fill a batch waits for the next shuffle. */
  get stepsPerEpoch(): number {
    return Math.floor(this.count / this.batchSize);
  }

  /** The batch of a step, counted from 0 over all epochs. */
  batch(step: number): Batch {
    const epoch = Math.floor(step / this.stepsPerEpoch);
    if (epoch !== this.#epoch) this.#shuffle(epoch);
    const first = (step % this.stepsPerEpoch) * this.batchSize;
    const chosen = this.#order.subarray(first, first + this.batchSize);
    const examples = this.#mirrored ? chosen.map((e) => e >> 1) : chosen;
    return this.#gather(
      Array.from(examples, (e) => this.#recordings[e]),
      Array.from(examples, (e) => this.#targets[e]),
      Array.from(chosen, (e) => (this.#mirrored && e & 1 ? -1 : 1)),
      this.#inputNoise > 0 ? seededRandom(this.#seed, 3, step) : null,
    );
  }

  /** Held-out examples, evenly spread over the stretches; null where nothing is held out. */
  heldOutBatch(): Batch | null {
    const total = this.stretches.reduce((sum, { start, end }) => sum + end - start, 0);
    if (total === 0) return null;
    const hop = Math.max(1, total / HELD_OUT_EXAMPLES);
    const recordings: number[] = [];
    const targets: number[] = [];
    for (const { recording, start, end } of this.stretches) {
      for (let at = start; at < end && targets.length < HELD_OUT_EXAMPLES; at += hop) {
        recordings.push(recording);
        targets.push(Math.floor(at));
      }
    }
    return this.#gather(
      recordings,
      targets,
      targets.map(() => 1),
      null,
    );
  }

  #shuffle(epoch: number): void {
    for (let i = 0; i < this.#order.length; i++) this.#order[i] = i;
    shuffle(this.#order, seededRandom(this.#seed, 2, epoch));
    this.#epoch = epoch;
  }

  /** @param noise where the noise on the taps comes from, null for none */
  #gather(recordings: number[], targets: number[], signs: number[], noise: Random | null): Batch {
    const gathered = this.#reader.gather(recordings, targets, signs);
    const count = targets.length;
    const { taps } = this.#reader;
    const width = taps + this.#extras;
    const inputs = gathered.inputs.slice();
    const rms = new Float32Array(count);
    for (let e = 0; e < count; e++) {
      let sum = 0;
      for (let t = 0; t < taps; t++) sum += inputs[e * width + t] ** 2;
      rms[e] = Math.sqrt(sum / taps);
      if (noise === null) continue;
      // uniform noise: its RMS is its limit over the square root of 3
      const limit = Math.sqrt(3) * this.#inputNoise * rms[e];
      for (let t = 0; t < taps; t++) inputs[e * width + t] += limit * (2 * noise() - 1);
    }
    return {
      inputs: tf.tensor2d(inputs, [count, width]),
      targets: tf.tensor1d(gathered.targets.slice()),
      tapRms: tf.tensor1d(rms),
    };
  }
}

/** Every sample that may be trained on: which recording it is from, and its index there. */
function listTrainable(lengths: readonly number[], longestDelay: number, stretches: readonly Stretch[]) {
  const most = lengths.reduce((sum, length) => sum + length, 0);
  const from = new Uint16Array(most);
  const targets = new Uint32Array(most);
  let count = 0;
  lengths.forEach((length, recording) => {
    const own = stretches.filter((stretch) => stretch.recording === recording);
    for (let target = longestDelay; target < length; target++) {
      if (!isTrainable(target, longestDelay, own)) continue;
      from[count] = recording;
      targets[count++] = target;
    }
  });
  return { from: from.slice(0, count), targets: targets.slice(0, count) };
}

/** Free a batch's memory. */
export function disposeBatch({ inputs, targets, tapRms }: Batch): void {
  tf.dispose([inputs, targets, tapRms]);
}
