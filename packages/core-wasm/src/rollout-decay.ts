/**
 * How differently a rollout and the recording decay, band by band: the energy still to come after each frame
 * (described in assembly/train/decay-loss.ts). Used by the trainer's rollouts; runs on the train build, off the audio
 * thread.
 */

/** Length of a frame (samples): long enough to tell neighbouring partials apart. */
export const DECAY_FRAME = 2048;
const HOP = 512;

/** The train build's exported functions for it; pointers are byte addresses in `memory`. */
export interface DecayExports {
  memory: WebAssembly.Memory;
  allocate(bytes: number): number;
  decayLossCreate(size: number, hop: number, most: number, edges: number, bands: number): number;
  decayLossApply(
    loss: number,
    y: number,
    t: number,
    count: number,
    noise: number,
    weight: number,
    gy: number,
  ): number;
}

export interface DecayTask {
  /** What was recorded after: as many samples as the rollout has. */
  target: Float32Array;
  /** The recording's noise energy a frame in each band (sum of |X|^2, Hann window), [bands]; empty without bands. */
  decayNoise: Float32Array;
  decayWeight: number;
}

/** The decay loss of rollouts of up to a number of samples; its memory is reserved once. */
export class DecayLoss {
  readonly #exports: DecayExports;
  readonly #bands: number;
  readonly #handle: number;
  readonly #noise: number;
  readonly #target: number;

  /**
   * Reserve memory.
   * @param mostSamples longest rollout
   * @param edges bands + 1 ascending bins, 0 to 1025; null for no decay loss at all
   */
  constructor(exports: DecayExports, mostSamples: number, edges: Int32Array | null) {
    this.#exports = exports;
    this.#bands = edges ? edges.length - 1 : 0;
    this.#noise = exports.allocate(4 * this.#bands);
    this.#target = exports.allocate(edges ? 4 * mostSamples : 0);
    const kept = exports.allocate(4 * (this.#bands + 1));
    if (edges) new Int32Array(exports.memory.buffer, kept, edges.length).set(edges);
    this.#handle = edges ? exports.decayLossCreate(DECAY_FRAME, HOP, mostSamples, kept, this.#bands) : 0;
  }

  /** Refuse a task that does not fit. @throws RangeError naming the array */
  check({ decayNoise }: DecayTask): void {
    if (decayNoise.length !== this.#bands)
      throw new RangeError(`decayNoise: expected ${this.#bands} numbers, got ${decayNoise.length}`);
  }

  /**
   * Measure a rollout and add its gradient.
   * @param rollout address of f32 x target.length
   * @param errors address of f32 x target.length: dL/dy is added
   * @returns the loss; 0 where the rollout has fewer than 2048 samples
   */
  measure({ target, decayNoise, decayWeight }: DecayTask, rollout: number, errors: number): number {
    if (this.#bands === 0 || decayWeight === 0) return 0;
    const { memory, decayLossApply } = this.#exports;
    new Float32Array(memory.buffer, this.#noise, this.#bands).set(decayNoise);
    new Float32Array(memory.buffer, this.#target, target.length).set(target);
    return decayLossApply(
      this.#handle,
      rollout,
      this.#target,
      target.length,
      this.#noise,
      decayWeight,
      errors,
    );
  }
}
