/**
 * Training's reader: recordings stay in WASM memory, and each batch's tap windows and targets are gathered from
 * them there. No feature matrix of the whole recording is ever made.
 */
import type { Core } from "./core.ts";

/** Recordings, one after the other, and where each begins. */
export class WindowReader {
  readonly taps: number;
  readonly #core: Core;
  readonly #signal: number;
  readonly #starts: number[];
  readonly #lengths: number[];
  readonly #delays: number;
  readonly #longest: number;
  readonly #stride: number;
  readonly #positions: number;
  readonly #signs: number;
  readonly #inputs: number;
  readonly #targets: number;
  readonly #most: number;

  /**
   * Keep recordings and room for batches.
   * @param delays samples, >= 1, in the order of the network's inputs
   * @param extras numbers after the taps in every row, left to the caller
   * @param mostExamples largest batch
   */
  constructor(
    core: Core,
    recordings: readonly Float32Array[],
    delays: Int32Array,
    extras: number,
    mostExamples: number,
  ) {
    this.#core = core;
    this.taps = delays.length;
    this.#longest = delays.reduce((a, b) => Math.max(a, b), 0);
    this.#stride = delays.length + extras;
    this.#most = mostExamples;
    this.#lengths = recordings.map((r) => r.length);
    this.#starts = [];
    const total = this.#lengths.reduce((a, b) => a + b, 0);
    this.#signal = core.allocate(4 * total);
    let at = 0;
    for (const recording of recordings) {
      core.f32(this.#signal + 4 * at, recording.length).set(recording);
      this.#starts.push(at);
      at += recording.length;
    }
    this.#delays = core.put(delays);
    this.#positions = core.allocate(4 * mostExamples);
    this.#signs = core.allocate(4 * mostExamples);
    this.#inputs = core.allocate(4 * mostExamples * this.#stride);
    this.#targets = core.allocate(4 * mostExamples);
  }

  /** First sample of a recording that has all its taps. */
  get firstTarget(): number {
    return this.#longest;
  }

  /**
   * Gather examples.
   * @param recordings which recording each example is from
   * @param targets index within it of the sample to be predicted, firstTarget .. length - 1
   * @param signs 1, or -1 for a mirrored example
   * @returns views, valid until the next call or allocation: inputs f32 [count, taps + extras], targets f32 [count]
   * @throws RangeError for an example outside its recording or a batch that is too large
   */
  gather(
    recordings: ArrayLike<number>,
    targets: ArrayLike<number>,
    signs: ArrayLike<number>,
  ): { inputs: Float32Array; targets: Float32Array } {
    const count = targets.length;
    if (count > this.#most) throw new RangeError(`examples: expected at most ${this.#most}, got ${count}`);
    const positions = this.#core.i32(this.#positions, count);
    for (let i = 0; i < count; i++) {
      if (!(targets[i] >= this.#longest && targets[i] < this.#lengths[recordings[i]])) {
        throw new RangeError(
          `example ${i}: sample ${targets[i]} of recording ${recordings[i]} has no full window`,
        );
      }
      positions[i] = this.#starts[recordings[i]] + targets[i];
    }
    this.#core.f32(this.#signs, count).set(signs);
    this.#core.exports.gatherWindows(
      this.#signal,
      this.#positions,
      this.#signs,
      count,
      this.#delays,
      this.taps,
      this.#inputs,
      this.#stride,
      this.#targets,
    );
    return {
      inputs: this.#core.f32(this.#inputs, count * this.#stride),
      targets: this.#core.f32(this.#targets, count),
    };
  }
}
