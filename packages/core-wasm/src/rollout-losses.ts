/**
 * What a rollout costs against what the recording did: the waveform of its first periods, and short-time spectra at
 * several resolutions, both floored. Shared by the rollouts of all kinds of string; runs on the train build, off the
 * audio thread.
 */

/** The train build's exported functions that losses need; pointers are byte addresses in `memory`. */
export interface LossExports {
  memory: WebAssembly.Memory;
  allocate(bytes: number): number;
  spectralLossCreate(size: number, hop: number, most: number): number;
  spectralLossApply(
    loss: number,
    y: number,
    t: number,
    count: number,
    floor: number,
    weight: number,
    gy: number,
  ): number;
  waveLossApply(y: number, t: number, count: number, scale: number, weight: number, gy: number): number;
}

/** What a rollout is compared with, and how. */
export interface LossTask {
  /** What was recorded before; its RMS is what waveform errors are relative to. */
  past: Float32Array;
  /** What was recorded after: as many samples as the rollout has. */
  target: Float32Array;
  /** Magnitude below which a cell is noise, for every frame size: [frameSize / 2 + 1] each. */
  floors: readonly Float32Array[];
  /** Samples at the start whose waveform counts. */
  waveSamples: number;
  waveWeight: number;
  spectralWeight: number;
}

/** The losses of rollouts of up to a number of samples; its memory is reserved once. */
export class RolloutLosses {
  readonly #exports: LossExports;
  readonly #most: number;
  readonly #target: number;
  readonly #spectra: { handle: number; bins: number; floor: number }[];

  /**
   * Reserve memory.
   * @param mostSamples longest rollout
   * @param frameSizes of the spectral loss (samples, powers of two from 8 on); the hop is a quarter
   * @throws RangeError where a frame size is another number
   */
  constructor(exports: LossExports, mostSamples: number, frameSizes: readonly number[]) {
    const odd = frameSizes.find((size) => !Number.isInteger(Math.log2(size)) || size < 8);
    if (odd !== undefined) throw new RangeError(`frameSizes: expected powers of two from 8 on, got ${odd}`);
    this.#exports = exports;
    this.#most = mostSamples;
    this.#target = exports.allocate(4 * mostSamples);
    this.#spectra = frameSizes.map((size) => ({
      handle: exports.spectralLossCreate(size, size / 4, mostSamples),
      bins: size / 2 + 1,
      floor: exports.allocate(4 * (size / 2 + 4)), // bins, and the room the kernel wants
    }));
  }

  /** Refuse a task that does not fit. @throws RangeError naming the array */
  check({ target, floors }: LossTask): void {
    if (target.length < 1 || target.length > this.#most) {
      throw new RangeError(`target: expected 1 to ${this.#most} samples, got ${target.length}`);
    }
    this.#spectra.forEach(({ bins }, i) => {
      if (floors[i]?.length !== bins)
        throw new RangeError(`floors.${i}: expected ${bins} numbers, got ${floors[i]?.length ?? "none"}`);
    });
  }

  /**
   * Measure a rollout and add its gradient.
   * @param rollout address of f32 x target.length
   * @param errors address of f32 x target.length: dL/dy is added
   * @returns the loss
   */
  measure(task: LossTask, rollout: number, errors: number): number {
    const { target, floors, spectralWeight } = task;
    const { memory, spectralLossApply } = this.#exports;
    const f32 = (address: number, length: number) => new Float32Array(memory.buffer, address, length);
    f32(this.#target, target.length).set(target);
    let loss = this.#waveform(task, rollout, errors);
    this.#spectra.forEach(({ handle, bins, floor }, i) => {
      f32(floor, bins).set(floors[i]);
      loss += spectralLossApply(handle, rollout, this.#target, target.length, floor, spectralWeight, errors);
    });
    return loss;
  }

  /** The waveform's part of the loss, relative to the RMS of the past. */
  #waveform({ past, target, waveSamples, waveWeight }: LossTask, rollout: number, errors: number): number {
    const samples = Math.min(waveSamples, target.length);
    if (samples < 2 || waveWeight === 0) return 0;
    const rms = Math.sqrt(past.reduce((sum, x) => sum + x * x, 0) / past.length);
    const scale = 1 / (rms + 1e-5);
    return this.#exports.waveLossApply(rollout, this.#target, samples, scale, waveWeight, errors);
  }
}
