/**
 * Sequence training's workhorse for classic strings: rollouts of the network's loop on its own output, their losses
 * against what the recording did, and the gradient for every weight. Runs on the train build, which players never
 * load. Used off the audio thread: by the trainer, in Node or in a worker.
 */
import type { Activation } from "./model-file.ts";
import { type LossExports, type LossTask, RolloutLosses } from "./rollout-losses.ts";

/** The train build's exported functions; pointers are byte addresses in `memory`. Described in `assembly/train/`. */
interface TrainExports extends LossExports {
  classicRolloutCreate(
    delays: number,
    taps: number,
    extras: number,
    spec: number,
    layers: number,
    withBias: boolean,
    most: number,
  ): number;
  classicRolloutLine(rollout: number): number;
  classicRolloutErrors(rollout: number): number;
  classicRolloutSetExtra(rollout: number, index: number, value: number): void;
  classicRolloutSetWeights(rollout: number, weights: number): void;
  classicRolloutForward(rollout: number, count: number, limit: number): number;
  classicRolloutBackward(rollout: number, count: number, gradient: number): void;
}

const ACTIVATION_CODES: Record<Activation, number> = { linear: 0, tanh: 1, relu: 2 };

// A rollout this many times louder than the loudest sample recorded around it (30 dB) has blown up: it is held there,
// and the gradient is that of the samples before. Far above what a string that learns overshoots by, low enough that
// the loss stays a number one can compare.
const BLOWN_UP = 32;

export interface ClassicRolloutShape {
  /** Samples, >= 1, in the order of the network's inputs. */
  delays: ArrayLike<number>;
  /** Inputs after the taps: controls, then features. */
  extras: number;
  /** First to last; the last has one unit. */
  layers: readonly { units: number; activation: Activation }[];
  /** Whether layers have biases. */
  bias: boolean;
  /** Longest rollout (samples). */
  mostSamples: number;
  /** Frame sizes of the spectral loss (samples, powers of two); the hop is a quarter. */
  frameSizes: readonly number[];
}

export interface ClassicRolloutTask extends LossTask {
  /** All parameters, layer by layer: weight [out, in], then bias [out] where there are biases. */
  weights: Float32Array;
  /** What controls and features stand at during the rollout; default 0. */
  extras?: ArrayLike<number>;
}

export interface ClassicRolloutResult {
  /** Large but finite where the loop blew up; NaN only where a weight is. */
  loss: number;
  /** What the loop did; a view, valid until the next task. */
  rollout: Float32Array;
  /**
   * dloss/dweights, in their order. Of a loop that blew up: as if the samples from `soundSamples` on, which the loss
   * has heard, could not be helped; finite all the same.
   */
  gradient: Float64Array;
  /** Samples before the loop blew up; all of them where it did not. */
  soundSamples: number;
}

/** Runs tasks of one shape; its memory is reserved once. */
export class ClassicRollout {
  readonly shape: ClassicRolloutShape;
  /** Longest delay (samples): the least a past must have. */
  readonly longestDelay: number;
  /** Numbers in `weights`. */
  readonly weightCount: number;
  readonly #exports: TrainExports;
  readonly #losses: RolloutLosses;
  readonly #handle: number;
  readonly #weights: number;
  readonly #gradient: number;

  /**
   * Reserve memory for a shape.
   * @param module the train build's bytes, or the compiled module
   * @throws RangeError where the shape makes no sense
   */
  constructor(module: BufferSource | WebAssembly.Module, shape: ClassicRolloutShape) {
    checkShape(shape);
    const { extras, layers, bias, mostSamples, frameSizes } = shape;
    const delays = Int32Array.from(shape.delays);
    const compiled = module instanceof WebAssembly.Module ? module : new WebAssembly.Module(module);
    this.#exports = new WebAssembly.Instance(compiled, {}).exports as unknown as TrainExports;
    this.shape = shape;
    this.longestDelay = delays.reduce((a, b) => Math.max(a, b));
    this.weightCount = countWeights(delays.length + extras, layers, bias);

    const { allocate, memory } = this.#exports;
    const spec = layers.flatMap(({ units, activation }) => [units, ACTIVATION_CODES[activation]]);
    const delaysAt = allocate(4 * delays.length);
    const specAt = allocate(4 * spec.length);
    new Int32Array(memory.buffer, delaysAt, delays.length).set(delays);
    new Int32Array(memory.buffer, specAt, spec.length).set(spec);
    this.#handle = this.#exports.classicRolloutCreate(
      delaysAt,
      delays.length,
      extras,
      specAt,
      layers.length,
      bias,
      mostSamples,
    );
    this.#weights = allocate(4 * this.weightCount);
    this.#gradient = allocate(8 * this.weightCount);
    this.#losses = new RolloutLosses(this.#exports, mostSamples, frameSizes);
  }

  /**
   * Roll out, compare, and go back through all of it.
   * @throws RangeError where an array has another length than the shape says
   */
  run(task: ClassicRolloutTask): ClassicRolloutResult {
    this.#check(task);
    const { past, target, weights, extras = [] } = task;
    const count = target.length;
    const wasm = this.#exports;
    const handle = this.#handle;
    this.#f32(this.#weights, this.weightCount).set(weights);
    wasm.classicRolloutSetWeights(handle, this.#weights);
    for (let i = 0; i < this.shape.extras; i++) wasm.classicRolloutSetExtra(handle, i, extras[i] ?? 0);

    const line = wasm.classicRolloutLine(handle);
    this.#f32(line - 4 * this.longestDelay, this.longestDelay).set(past.subarray(-this.longestDelay));
    const limit = BLOWN_UP * Math.max(1e-3, peak(past), peak(target));
    const soundSamples = wasm.classicRolloutForward(handle, count, limit);
    const loss = this.#losses.measure(task, line, wasm.classicRolloutErrors(handle));
    wasm.classicRolloutBackward(handle, soundSamples, this.#gradient);
    const gradient = new Float64Array(wasm.memory.buffer, this.#gradient, this.weightCount).slice();
    return { loss, rollout: this.#f32(line, count), gradient, soundSamples };
  }

  #check(task: ClassicRolloutTask): void {
    const { past, weights, extras } = task;
    if (past.length < this.longestDelay) {
      throw new RangeError(`past: expected ${this.longestDelay} samples or more, got ${past.length}`);
    }
    if (weights.length !== this.weightCount) {
      throw new RangeError(`weights: expected ${this.weightCount} numbers, got ${weights.length}`);
    }
    if (extras !== undefined && extras.length !== this.shape.extras) {
      throw new RangeError(`extras: expected ${this.shape.extras} numbers, got ${extras.length}`);
    }
    this.#losses.check(task);
  }

  #f32(address: number, length: number): Float32Array {
    return new Float32Array(this.#exports.memory.buffer, address, length);
  }
}

function checkShape({ delays, extras, layers, mostSamples }: ClassicRolloutShape): void {
  const expectWhole = (name: string, value: number | undefined, least: number) => {
    if (value === undefined || !Number.isInteger(value) || value < least)
      throw new RangeError(`${name}: expected a whole number from ${least} on, got ${value}`);
  };
  expectWhole("delays.length", delays.length, 1);
  for (let i = 0; i < delays.length; i++) expectWhole(`delays.${i}`, delays[i], 1);
  expectWhole("extras", extras, 0);
  expectWhole("layers.length", layers.length, 1);
  layers.forEach(({ units }, i) => {
    expectWhole(`layers.${i}.units`, units, 1);
  });
  expectWhole("mostSamples", mostSamples, 1);
  const outputs = layers[layers.length - 1].units;
  if (outputs !== 1) throw new RangeError(`layers: expected 1 unit in the last one, got ${outputs}`);
}

function countWeights(inputs: number, layers: ClassicRolloutShape["layers"], bias: boolean): number {
  let count = 0;
  let width = inputs;
  for (const { units } of layers) {
    count += units * (width + (bias ? 1 : 0));
    width = units;
  }
  return count;
}

function peak(x: Float32Array): number {
  return x.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
}
