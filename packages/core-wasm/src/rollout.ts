/**
 * Sequence training's workhorse: rollouts of the passive string (two loops in cascade, the first a filter or a mixture
 * of filters), their losses against what the recording did, and the gradients for all taps and for the mixture's
 * network. Runs on the train build, which players never load. Used off the audio thread: by the trainer, in Node or in
 * a worker.
 */

import { type DecayExports, DecayLoss, type DecayTask } from "./rollout-decay.ts";
import { type LossExports, type LossTask, RolloutLosses } from "./rollout-losses.ts";
import { checkShape, networkSizes, type ResidualShape, type RolloutShape } from "./rollout-shape.ts";

export { pastOffset } from "./past-offset.ts";
export type { ResidualShape, RolloutShape };

/** The train build's exported functions; pointers are byte addresses in `memory`. Described in `assembly/train/`. */
interface TrainExports extends LossExports, DecayExports {
  rolloutCreate(
    taps: number,
    near: number,
    period: number,
    filters: number,
    hop: number,
    hidden: number,
    controls: number,
    units: number,
    residualFirst: number,
    residualTaps: number,
    most: number,
  ): number;
  rolloutForward(rollout: number, count: number): void;
  rolloutBackward(rollout: number, count: number): void;
}

/** What a rollout holds, in the order in which the handle lists the addresses. */
const FIELDS = [
  "past",
  "y",
  "taps",
  "network",
  "controls",
  "weights",
  "gy",
  "gradientTaps",
  "gradientNetwork",
  "residual",
  "gradientResidual",
] as const;

type Addresses = Record<(typeof FIELDS)[number], number>;

/** What starts a rollout and shapes it. */
export interface RolloutStart {
  /** What was recorded before: 2 * longestDelay samples. */
  past: Float32Array;
  /** Taps of all filters, [1 + K, N]: row 0 is the second loop's; tap j is the gain at delay near + j. */
  taps: Float32Array;
  /**
   * The mixture's network: W1 [hidden, 2 + controls], b1 [hidden], W2 [K, hidden], b2 [K]; nothing for one filter. Then
   * the residual's, where there is one: W1 [units, taps], W2 [units].
   */
  network: Float32Array;
  /** Further inputs of the network, [controls]; empty for one filter. */
  controls: Float32Array;
}

export interface RolloutTask extends RolloutStart, LossTask, DecayTask {}

/** What a rollout sounded like. Views, valid until the next task. */
export interface RolloutSound {
  rollout: Float32Array;
  /** The filters' weights, [hops, K]; empty for one filter. */
  weights: Float32Array;
}

export interface RolloutResult extends RolloutSound {
  /** Sum of the three. */
  loss: number;
  waveLoss: number;
  spectralLoss: number;
  /** 0 where the rollout has fewer than 2048 samples. */
  decayLoss: number;
  /** dloss/dtaps, [1 + K, N]. */
  gradientTaps: Float64Array;
  /** dloss/dnetwork, in the network's order. */
  gradientNetwork: Float64Array;
}

/** Runs tasks of one shape; its memory is reserved once. */
export class RolloutTrainer {
  readonly shape: RolloutShape;
  /** Longest delay F = near + taps - 1 (samples); a past is twice that. */
  readonly longestDelay: number;
  /** Numbers in the networks: 0 for one filter without a residual. */
  readonly networkSize: number;
  readonly #sizes: ReturnType<typeof networkSizes>;
  readonly #exports: TrainExports;
  readonly #handle: number;
  readonly #at: Addresses;
  // two, so that the result can tell their parts
  readonly #wave: RolloutLosses;
  readonly #spectra: RolloutLosses;
  readonly #decay: DecayLoss;

  /**
   * Reserve memory for a shape.
   * @param module the train build's bytes, or the compiled module
   * @throws RangeError where the shape makes no sense
   */
  constructor(module: BufferSource | WebAssembly.Module, shape: RolloutShape) {
    checkShape(shape);
    const { taps, near, period, filters, hop, hidden, controls, mostSamples, frameSizes, decayBands } = shape;
    this.shape = shape;
    this.longestDelay = near + taps - 1;
    this.#sizes = networkSizes(shape);
    this.networkSize = this.#sizes.mixture + this.#sizes.residual;
    const compiled = module instanceof WebAssembly.Module ? module : new WebAssembly.Module(module);
    this.#exports = new WebAssembly.Instance(compiled, {}).exports as unknown as TrainExports;
    const wasm = this.#exports;
    const residual = shape.residual ?? { units: 0, first: near, taps: 1 };
    this.#handle = wasm.rolloutCreate(
      taps,
      near,
      period,
      filters,
      hop,
      hidden,
      controls,
      residual.units,
      residual.first,
      residual.taps,
      mostSamples,
    );
    const addresses = new Uint32Array(wasm.memory.buffer, this.#handle, FIELDS.length);
    this.#at = Object.fromEntries(FIELDS.map((name, i) => [name, addresses[i]])) as Addresses;
    this.#wave = new RolloutLosses(wasm, mostSamples, []);
    this.#spectra = new RolloutLosses(wasm, mostSamples, frameSizes);
    this.#decay = new DecayLoss(wasm, mostSamples, decayBands);
  }

  /**
   * Roll out only: no losses, no gradients.
   * @param task `count`: samples to render, 1 to mostSamples
   * @throws RangeError where an array has another length than the shape says
   */
  roll(task: RolloutStart & { count: number }): RolloutSound {
    this.#load(task, task.count, "count");
    this.#exports.rolloutForward(this.#handle, task.count);
    return this.#sound(task.count);
  }

  /**
   * Roll out, compare, and go back through all of it.
   * @throws RangeError where an array has another length than the shape says
   */
  run(task: RolloutTask): RolloutResult {
    const { target } = task;
    const count = target.length;
    this.#spectra.check(task);
    this.#decay.check(task);
    this.#load(task, count, "target");
    const { y, gy, gradientTaps, gradientNetwork, gradientResidual } = this.#at;
    const tapNumbers = this.#f64(gradientTaps, task.taps.length);
    const networkNumbers = this.#f64(gradientNetwork, this.#sizes.mixture);
    const residualNumbers = this.#f64(gradientResidual, this.#sizes.residual);
    this.#f32(gy, count).fill(0);
    for (const numbers of [tapNumbers, networkNumbers, residualNumbers]) numbers.fill(0);

    const wasm = this.#exports;
    wasm.rolloutForward(this.#handle, count);
    const waveLoss = this.#wave.measure(task, y, gy);
    const spectralLoss = this.#spectra.measure({ ...task, waveWeight: 0 }, y, gy);
    const decayLoss = this.#decay.measure(task, y, gy);
    wasm.rolloutBackward(this.#handle, count);
    return {
      loss: waveLoss + spectralLoss + decayLoss,
      waveLoss,
      spectralLoss,
      decayLoss,
      ...this.#sound(count),
      gradientTaps: tapNumbers.slice(),
      gradientNetwork: Float64Array.of(...networkNumbers, ...residualNumbers),
    };
  }

  /** Check what starts a rollout, and copy it into the module's memory. */
  #load({ past, taps, network, controls }: RolloutStart, count: number, countName: string): void {
    const { shape } = this;
    if (!(count >= 1 && count <= shape.mostSamples && Number.isInteger(count))) {
      throw new RangeError(`${countName}: expected 1 to ${shape.mostSamples} samples, got ${count}`);
    }
    const lengths = {
      past: 2 * this.longestDelay,
      taps: (1 + shape.filters) * shape.taps,
      network: this.networkSize,
      controls: shape.filters === 1 ? 0 : shape.controls,
    };
    for (const [name, array] of Object.entries({ past, taps, network, controls })) {
      const key = name as keyof typeof lengths;
      if (array.length !== lengths[key])
        throw new RangeError(`${name}: expected ${lengths[key]} numbers, got ${array.length}`);
      if (key !== "network") this.#f32(this.#at[key], array.length).set(array);
    }
    const { mixture, residual } = this.#sizes;
    this.#f32(this.#at.network, mixture).set(network.subarray(0, mixture));
    this.#f32(this.#at.residual, residual).set(network.subarray(mixture));
  }

  #sound(count: number): RolloutSound {
    const { filters, hop } = this.shape;
    const weights = filters === 1 ? 0 : Math.ceil(count / hop) * filters;
    return { rollout: this.#f32(this.#at.y, count), weights: this.#f32(this.#at.weights, weights) };
  }

  #f32(address: number, length: number): Float32Array {
    return new Float32Array(this.#exports.memory.buffer, address, length);
  }

  #f64(address: number, length: number): Float64Array {
    return new Float64Array(this.#exports.memory.buffer, address, length);
  }
}
