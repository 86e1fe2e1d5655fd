/**
 * Many rollouts of passive strings at once: the examples of a training step, from one recording or several, of strings
 * that share one mixture network or have none. This is the node-free way, one thread in place, for pages and workers;
 * rollout-pool.ts spreads the same work over threads. Both add results up in the order of the examples, so how many
 * threads there are changes no bit.
 */
import type { RolloutShape } from "@neural-string/core-wasm/rollout";
import { RolloutRunner, RolloutTotals } from "./rollout-runner.ts";

export type { RolloutShape };

/** A recording, and the string that is to sound like it. */
export interface RolloutSource {
  /** The recording. */
  samples: Float32Array;
  /** Magnitude below which a cell of its spectra is noise, for every frame size: [frameSize / 2 + 1] each. */
  floors: readonly Float32Array[];
  /** Its noise energy a frame of the decay loss, in each band; empty without bands. */
  decayNoise: Float32Array;
  /** Further inputs of the mixture's network, [controls]; empty for one filter. */
  controls: Float32Array;
  /** Index into the shapes. */
  shape: number;
}

/** Where a rollout starts, and how far it goes. */
export interface RolloutExample {
  /** Index into the sources. */
  source: number;
  /** Index of the past's first sample; the past is 2 * (near + taps - 1) samples, the target follows it. */
  start: number;
  /** Samples rolled out, 1 to the shape's mostSamples. */
  count: number;
  /** Another stretch of the same string that sounds along; default none. */
  beside?: Beside;
}

/**
 * What is added to an example, past and target alike: what a linear string does from the sum of two pasts is the sum of
 * what it does from each. The sum is scaled to the energy that the example's own past had, times `gain` squared.
 */
export interface Beside {
  /** Index into the sources, of the same shape. */
  source: number;
  /** Index of its past's first sample. */
  start: number;
  /** -1 .. 1; 0 adds nothing. */
  share: number;
  /** Level of the sum, linear. */
  gain: number;
}

/** How the losses count, see the kernels' tasks in core-wasm. */
export interface RolloutWeights {
  /** Samples at the start whose waveform counts. */
  waveSamples: number;
  waveWeight: number;
  spectralWeight: number;
  decayWeight: number;
}

/** What a step's rollouts came to. */
export interface RolloutSums {
  /** Mean over the examples of the sum of the three losses, each weighted. */
  loss: number;
  waveLoss: number;
  spectralLoss: number;
  decayLoss: number;
  /** Of each example, in their order: the sum whose mean `loss` is. */
  losses: Float64Array;
  /** d(mean loss)/dtaps of every source's string, [(1 + K) * N] each; zeros where no example is of that source. */
  gradientTaps: Float64Array[];
  /** d(mean loss)/dnetwork, in the network's order; empty for one filter. */
  gradientNetwork: Float64Array;
}

/** What rollouts are made of. */
export interface RolloutSetup {
  /** The core's train build: its bytes, or the compiled module. */
  module: BufferSource | WebAssembly.Module;
  /** Strings' sizes; filters, hidden and controls are the same in all, the rest may differ. */
  shapes: readonly RolloutShape[];
  sources: readonly RolloutSource[];
}

/** Runs the rollouts of training steps; memory is reserved once. */
export interface Rollouts {
  /** Threads at work, the caller's included. */
  readonly threads: number;
  /**
   * Roll out, compare, and go back through all of it; returns, or resolves, when all is done: threads that share memory
   * with the caller are waited for in place, those that send messages are not. One call at a time.
   * @param examples at least one; their order is the order of summation
   * @param taps of every source's string, [1 + K, N] each; row 0 is the second loop's
   * @param network the mixture's, as all strings share it; empty for one filter
   * @throws RangeError naming the argument that does not fit; Error after dispose
   */
  run(
    examples: readonly RolloutExample[],
    taps: readonly Float32Array[],
    network: Float32Array,
    weights: RolloutWeights,
  ): RolloutSums | Promise<RolloutSums>;
  dispose(): void;
}

/** Rollouts that are done when `run` returns. */
export interface ImmediateRollouts extends Rollouts {
  run(...step: Parameters<Rollouts["run"]>): RolloutSums;
}

/** One thread, in place. */
export class LocalRollouts implements ImmediateRollouts {
  readonly threads = 1;
  #runner: RolloutRunner | null;

  /**
   * Reserve memory for every shape.
   * @throws RangeError naming the part of the setup that makes no sense
   */
  constructor(setup: RolloutSetup) {
    this.#runner = new RolloutRunner(setup);
  }

  run(
    examples: readonly RolloutExample[],
    taps: readonly Float32Array[],
    network: Float32Array,
    weights: RolloutWeights,
  ): RolloutSums {
    const runner = this.#runner;
    if (runner === null) throw new Error("rollouts: disposed");
    runner.check(examples, taps, network, weights);
    const totals = new RolloutTotals(runner);
    const result = new Float64Array(runner.resultSize);
    for (const example of examples) {
      runner.run(example, taps[example.source], network, weights, result);
      totals.add(example.source, result);
    }
    return totals.means();
  }

  /** Let the memory go. */
  dispose(): void {
    this.#runner = null;
  }
}
