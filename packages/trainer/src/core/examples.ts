/**
 * The training examples: every listed sample of every recording, each once as recorded and (if asked) once mirrored, in
 * an order that follows from seed and epoch alone. A loss of windows gets whole windows, one sample after the other.
 */
import { type Core, slidingEnergy } from "@neural-string/core-wasm";
import { longestDelay } from "@neural-string/shared";
import * as tf from "@tensorflow/tfjs-core";
import { addBurst, addNoise, type SineBursts } from "./disturbances.ts";
import { type ExampleList, exampleLevels, listExamples, thinExamples } from "./example-list.ts";
import { type FollowedFacts, followedColumns, spread } from "./followed-examples.ts";
import { holdOut, type Stretch } from "./held-out.ts";
import { seededRandom, shuffle } from "./random.ts";
import { type Gathered, TapReader } from "./tap-reader.ts";

/** A batch as tensors; dispose them after use. */
export interface Batch {
  /** [B, T] */
  inputs: tf.Tensor2D;
  /** [B] */
  targets: tf.Tensor1D;
  /** [B], RMS of the taps as recorded. */
  tapRms: tf.Tensor1D;
}

export interface ExampleOptions {
  /** Samples, in the order of the network's inputs; one list for all recordings, or one for each, equally long. */
  delays: Int32Array | readonly Int32Array[];
  /** Inputs after the taps (controls and features). */
  extras: number;
  /** Their values: for each recording one number, or one [samples] of numbers, for each extra. Default: 0. */
  besides?: readonly (readonly (number | Float32Array)[])[];
  mirrored: boolean;
  /** RMS of the noise added to the taps, relative to theirs. */
  inputNoise: number;
  sineBursts?: SineBursts | null;
  /** Samples; of a loss of windows rounded down to whole ones. */
  batchSize: number;
  seed: number;
  /** Held-out stretches per recording, and their length (samples). */
  stretches: number;
  stretchSamples: number;
  /** How many of the recordings, from the first on, stretches are held out of. Default: all. */
  spared?: number;
  /** Consecutive samples that a loss looks at together. Default 1. */
  window?: number;
  /** Samples to train on at most, thinned by level; null = all. */
  maxFrames?: number | null;
  /** Samples over which a level is measured. Default: the longest delay. */
  levelWindow?: number;
}

// How many held-out examples the one-step loss is measured on.
const HELD_OUT_EXAMPLES = 2048;

/** Examples of a set of recordings. */
export class Examples {
  readonly stretches: Stretch[];
  /** Samples. */
  readonly batchSize: number;
  /** Examples of one epoch. */
  readonly count: number;
  readonly #options: ExampleOptions;
  readonly #recordings: readonly Float32Array[];
  readonly #reader: TapReader;
  readonly #levels: readonly Float32Array[];
  /** All there were, and those that are trained on. */
  readonly #all: ExampleList;
  readonly #list: ExampleList;
  /** Windows of a batch. */
  readonly #perBatch: number;
  /** Order of the current epoch; entry e is window e >> 1, mirrored where its lowest bit is 1. */
  readonly #order: Uint32Array;
  #epoch = -1;

  /**
   * List the examples.
   * @param core keeps the recordings in its memory
   * @param recordings [samples] each
   */
  constructor(core: Core, recordings: readonly Float32Array[], options: ExampleOptions) {
    const { delays, mirrored, stretches, stretchSamples, seed, window = 1, maxFrames = null } = options;
    const delaysOf = recordings.map((_, i) => (delays instanceof Int32Array ? delays : delays[i]));
    const longest = delaysOf.reduce((most, own) => Math.max(most, longestDelay(own)), 0);
    const lengths = recordings.map(({ length }) => length);
    this.#options = options;
    this.#recordings = recordings;
    this.stretches = holdOut(lengths.slice(0, options.spared), longest, stretches, stretchSamples);

    const levelWindow = options.levelWindow ?? longest;
    this.#levels = recordings.map((samples) => slidingEnergy(core, samples, levelWindow));
    this.#all = listExamples(lengths, { longestDelay: longest, stretches: this.stretches, window });
    this.#list = thinExamples(this.#all, this.#levelDb, maxFrames, seed);
    const windows = this.#list.targets.length;
    this.#order = new Uint32Array(mirrored ? 2 * windows : windows);
    this.count = this.#order.length * window;
    this.#perBatch = Math.max(1, Math.floor(Math.min(options.batchSize, this.count) / window));
    this.batchSize = this.#perBatch * window;
    this.#reader = new TapReader(
      core,
      recordings,
      delaysOf,
      options.extras,
      Math.max(this.batchSize, HELD_OUT_EXAMPLES + window),
    );
  }

  /** Optimisation steps of one epoch; what does not fill a batch waits for the next shuffle. */
  get stepsPerEpoch(): number {
    return Math.floor(this.#order.length / this.#perBatch);
  }

  /** The batch of a step, counted from 0 over all epochs. */
  batch(step: number): Batch {
    const epoch = Math.floor(step / this.stepsPerEpoch);
    if (epoch !== this.#epoch) this.#shuffle(epoch);
    const first = (step % this.stepsPerEpoch) * this.#perBatch;
    return tensors(this.#disturbed(this.#chosen(this.#order.subarray(first, first + this.#perBatch)), step));
  }

  /** Held-out examples, evenly spread over the stretches; null where nothing is held out. */
  heldOutBatch(): Batch | null {
    const { window } = this.#list;
    const total = this.stretches.reduce((sum, { start, end }) => sum + end - start, 0);
    if (total < window) return null;
    const hop = Math.max(window, (window * total) / HELD_OUT_EXAMPLES);
    const windows: { recording: number; target: number; sign: number }[] = [];
    for (const { recording, start, end } of this.stretches) {
      for (let at = start; at + window <= end && windows.length * window < HELD_OUT_EXAMPLES; at += hop) {
        windows.push({ recording, target: Math.floor(at), sign: 1 });
      }
    }
    return windows.length === 0 ? null : tensors(this.#gather(windows));
  }

  /** Choose windows to be followed, over all that are trained on. @returns their places in the list, ascending */
  followed(count: number): number[] {
    return spread(this.#list.targets.length, count, this.#options.seed);
  }

  /** What is known of followed windows. */
  describe(places: readonly number[]): FollowedFacts["examples"] {
    const { recordings, targets } = this.#list;
    const chosen = places.map((i) => ({ recording: recordings[i], sample: targets[i] }));
    return followedColumns(chosen, this.#levelDb, (recording, sample) => this.#recordings[recording][sample]);
  }

  /** Followed windows as they were recorded, in batches. */
  *undisturbed(places: readonly number[]): Iterable<Batch> {
    const { recordings, targets, window } = this.#list;
    const perBatch = Math.max(1, Math.floor(HELD_OUT_EXAMPLES / window));
    for (let from = 0; from < places.length; from += perBatch) {
      const chosen = places.slice(from, from + perBatch);
      yield tensors(
        this.#gather(chosen.map((i) => ({ recording: recordings[i], target: targets[i], sign: 1 }))),
      );
    }
  }

  /** Levels (dB) of the windows there were, and of those that are trained on; a mirrored one counts as one. */
  levels(): { all: Float64Array; used: Float64Array } {
    return {
      all: exampleLevels(this.#all, this.#levelDb),
      used: exampleLevels(this.#list, this.#levelDb),
    };
  }

  /**
   * Some of an epoch's examples, evenly chosen, as recorded and as a step gets them.
   * @param examples how many samples at most, up to 2048
   */
  preview(examples: number): { clean: Gathered; trained: Gathered } {
    const most = Math.max(1, Math.floor(Math.min(examples, HELD_OUT_EXAMPLES) / this.#list.window));
    const hop = Math.max(1, Math.floor(this.#order.length / most));
    const entries = Uint32Array.from({ length: Math.min(most, this.#order.length) }, (_, i) => i * hop);
    // evenly over mirrored ones and others
    const mirrored = this.#options.mirrored;
    const chosen = () => this.#chosen(mirrored ? entries.map((e, i) => (e & ~1) | (i & 1)) : entries);
    return { clean: this.#gather(chosen()), trained: this.#disturbed(chosen(), 0) };
  }

  readonly #levelDb = (recording: number, sample: number): number =>
    10 * Math.log10(this.#levels[recording][Math.max(0, sample - 1)] + 1e-18);

  #shuffle(epoch: number): void {
    for (let i = 0; i < this.#order.length; i++) this.#order[i] = i;
    shuffle(this.#order, seededRandom(this.#options.seed, 2, epoch));
    this.#epoch = epoch;
  }

  #chosen(entries: Uint32Array): { recording: number; target: number; sign: number }[] {
    const { mirrored } = this.#options;
    return Array.from(entries, (entry) => {
      const i = mirrored ? entry >> 1 : entry;
      const sign = mirrored && entry & 1 ? -1 : 1;
      return { recording: this.#list.recordings[i], target: this.#list.targets[i], sign };
    });
  }

  /** Gather windows, with what is added to the taps at a step. */
  #disturbed(windows: { recording: number; target: number; sign: number }[], step: number): Gathered {
    const { seed, inputNoise, sineBursts } = this.#options;
    const gathered = this.#gather(windows);
    if (inputNoise > 0) {
      const random = seededRandom(seed, 3, step);
      gathered.rms.forEach((rms, e) => {
        addNoise(gathered.taps(e), inputNoise * rms, random);
      });
    }
    if (sineBursts) {
      const random = seededRandom(seed, 5, step);
      gathered.rms.forEach((rms, e) => {
        const delays = gathered.delays(e);
        addBurst(gathered.taps(e), delays, longestDelay(delays), rms, sineBursts, random);
      });
    }
    return gathered;
  }

  #gather(windows: { recording: number; target: number; sign: number }[]): Gathered {
    const { window } = this.#list;
    const { besides } = this.#options;
    const examples = windows.flatMap(({ recording, target, sign }) =>
      Array.from({ length: window }, (_, i) => ({ recording, target: target + i, sign })),
    );
    const gathered = this.#reader.gather(examples);
    if (besides === undefined) return gathered;
    examples.forEach(({ recording, target }, e) => {
      const extras = gathered.extras(e);
      besides[recording].forEach((value, i) => {
        extras[i] = typeof value === "number" ? value : value[target];
      });
    });
    return gathered;
  }
}

function tensors({ inputs, targets, rms }: Gathered): Batch {
  return {
    inputs: tf.tensor2d(inputs, [targets.length, inputs.length / targets.length]),
    targets: tf.tensor1d(targets),
    tapRms: tf.tensor1d(rms),
  };
}

/** Free a batch's memory. */
export function disposeBatch({ inputs, targets, tapRms }: Batch): void {
  tf.dispose([inputs, targets, tapRms]);
}
