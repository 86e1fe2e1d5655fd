/**
 * What the threads of a rollout pool share beside the queue of jobs: the step's request, and a place for the result of
 * every example. Written by the owner before it posts a batch, and by each thread at the examples it claims.
 */
import type { RolloutExample, RolloutWeights } from "./core/passive/rollouts.ts";

export interface RolloutMemorySizes {
  /** Examples that there is room for. */
  examples: number;
  /** Numbers in a result. */
  result: number;
  network: number;
  /** Of each source. */
  tapCounts: readonly number[];
}

const WEIGHTS = ["waveSamples", "waveWeight", "spectralWeight", "decayWeight"] as const;
const EXAMPLE_WORDS = 5;
const EXAMPLE_NUMBERS = 2;

/** The layout; each thread makes its own view of the same memory. */
export class RolloutMemory {
  readonly sizes: RolloutMemorySizes;
  /** For the other threads. */
  readonly buffer: SharedArrayBuffer;
  /** Of each example of a batch. */
  readonly results: readonly Float64Array[];
  /** Of each source. */
  readonly taps: readonly Float32Array[];
  readonly network: Float32Array;
  readonly #weights: Float64Array;
  readonly #examples: Int32Array;
  readonly #besides: Float64Array;

  /** Lay out fresh memory, or open what another thread has made. */
  constructor(sizes: RolloutMemorySizes, buffer?: SharedArrayBuffer) {
    const { examples, result, network, tapCounts } = sizes;
    const float64s = WEIGHTS.length + examples * (result + EXAMPLE_NUMBERS);
    const float32s = tapCounts.reduce((sum, count) => sum + count, network);
    this.sizes = sizes;
    this.buffer = buffer ?? new SharedArrayBuffer(8 * float64s + 4 * (float32s + EXAMPLE_WORDS * examples));
    let at = 0;
    const take = <T>(
      View: new (buffer: SharedArrayBuffer, at: number, length: number) => T,
      length: number,
    ) => {
      const view = new View(this.buffer, at, length);
      at += length * (View === (Float64Array as unknown) ? 8 : 4);
      return view;
    };
    // the wider numbers first, so that all are aligned
    this.#weights = take(Float64Array, WEIGHTS.length);
    this.#besides = take(Float64Array, EXAMPLE_NUMBERS * examples);
    this.results = Array.from({ length: examples }, () => take(Float64Array, result));
    this.network = take(Float32Array, network);
    this.taps = tapCounts.map((count) => take(Float32Array, count));
    this.#examples = take(Int32Array, EXAMPLE_WORDS * examples);
  }

  /** Write a step's parameters. */
  setParameters(taps: readonly Float32Array[], network: Float32Array, weights: RolloutWeights): void {
    taps.forEach((values, i) => {
      this.taps[i].set(values);
    });
    this.network.set(network);
    this.#weights.set(WEIGHTS.map((name) => weights[name]));
  }

  /** Write a batch's examples. */
  setExamples(examples: readonly RolloutExample[]): void {
    examples.forEach(({ source, start, count, beside }, i) => {
      const other = beside ?? { source: -1, start: 0, share: 0, gain: 1 };
      this.#examples.set([source, start, count, other.source, other.start], EXAMPLE_WORDS * i);
      this.#besides.set([other.share, other.gain], EXAMPLE_NUMBERS * i);
    });
  }

  /** Read an example. */
  example(i: number): RolloutExample {
    const [source, start, count, other, otherStart] = this.#examples.subarray(EXAMPLE_WORDS * i);
    if (other < 0) return { source, start, count };
    const [share, gain] = this.#besides.subarray(EXAMPLE_NUMBERS * i);
    return { source, start, count, beside: { source: other, start: otherStart, share, gain } };
  }

  /** Read the step's weights. */
  weights(): RolloutWeights {
    const [waveSamples, waveWeight, spectralWeight, decayWeight] = this.#weights;
    return { waveSamples, waveWeight, spectralWeight, decayWeight };
  }
}
