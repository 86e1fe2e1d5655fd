/**
 * Sequence training's workhorse: rollouts of the linear passive string (two loops in cascade), their losses against
 * what the recording did, and the gradients for both loops' taps. Runs on the train build, which players never load.
 * Used off the audio thread: by the trainer, in Node or in a worker.
 */

/** The train build's exported functions; pointers are byte addresses in `memory`. Described in `assembly/train/`. */
interface TrainExports {
  memory: WebAssembly.Memory;
  allocate(bytes: number): number;
  rolloutForward(
    y: number,
    u: number,
    h: number,
    hb: number,
    taps: number,
    near: number,
    count: number,
  ): void;
  rolloutBackward(
    y: number,
    u: number,
    h: number,
    hb: number,
    taps: number,
    near: number,
    count: number,
    gy: number,
    gu: number,
    gh: number,
    ghb: number,
  ): void;
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

export interface RolloutShape {
  /** Taps of each loop's FIR, N. */
  taps: number;
  /** Delay of the first tap (samples), >= 1: the loops run this many samples at a time. */
  near: number;
  /** Longest rollout (samples). */
  mostSamples: number;
  /** Frame sizes of the spectral loss (samples, powers of two); the hop is a quarter. */
  frameSizes: readonly number[];
}

export interface RolloutTask {
  /** What was recorded before: 2 * longestDelay samples. */
  past: Float32Array;
  /** What was recorded after: as many samples as the rollout is to have. */
  target: Float32Array;
  /** First loop's taps, [N]: h[j] is the gain at delay near + j. */
  h: Float32Array;
  /** Second loop's taps, [N]. */
  hb: Float32Array;
  /** Magnitude below which a cell is noise, for every frame size: [frameSize / 2 + 1] each. */
  floors: readonly Float32Array[];
  /** Samples at the start whose waveform counts. */
  waveSamples: number;
  waveWeight: number;
  spectralWeight: number;
}

export interface RolloutResult {
  loss: number;
  /** What the loops did; a view, valid until the next task. */
  rollout: Float32Array;
  /** dloss/dh, [N]. */
  gradientH: Float64Array;
  /** dloss/dhb, [N]. */
  gradientHb: Float64Array;
}

/** Runs tasks of one shape; its memory is reserved once. */
export class RolloutTrainer {
  readonly shape: RolloutShape;
  /** Longest delay F = near + taps - 1 (samples); a past is twice that. */
  readonly longestDelay: number;
  readonly #exports: TrainExports;
  readonly #at: Record<"y" | "u" | "h" | "hb" | "gy" | "gu" | "gh" | "ghb" | "target", number>;
  readonly #losses: { handle: number; bins: number; floor: number }[];

  /**
   * Reserve memory for a shape.
   * @param module the train build's bytes, or the compiled module
   * @throws RangeError where the shape makes no sense
   */
  constructor(module: BufferSource | WebAssembly.Module, shape: RolloutShape) {
    const { taps, near, mostSamples, frameSizes } = shape;
    for (const [name, value] of Object.entries({ taps, near, mostSamples })) {
      if (!Number.isInteger(value) || value < 1) {
        throw new RangeError(`${name}: expected a whole number from 1 on, got ${value}`);
      }
    }
    const odd = frameSizes.find((size) => !Number.isInteger(Math.log2(size)) || size < 8);
    if (odd !== undefined) throw new RangeError(`frameSizes: expected powers of two from 8 on, got ${odd}`);
    const compiled = module instanceof WebAssembly.Module ? module : new WebAssembly.Module(module);
    this.#exports = new WebAssembly.Instance(compiled, {}).exports as unknown as TrainExports;
    this.shape = shape;
    const longest = near + taps - 1;
    this.longestDelay = longest;
    const f32 = (count: number) => this.#exports.allocate(4 * count);
    this.#at = {
      y: f32(2 * longest + mostSamples),
      u: f32(longest + mostSamples),
      h: f32(taps),
      hb: f32(taps),
      gy: f32(mostSamples + longest),
      gu: f32(2 * longest + mostSamples),
      gh: f32(2 * taps),
      ghb: f32(2 * taps),
      target: f32(mostSamples),
    };
    this.#losses = frameSizes.map((size) => ({
      handle: this.#exports.spectralLossCreate(size, size / 4, mostSamples),
      bins: size / 2 + 1,
      floor: f32(size / 2 + 1),
    }));
  }

  /**
   * Roll out, compare, and go back through all of it.
   * @throws RangeError where an array has another length than the shape says
   */
  run(task: RolloutTask): RolloutResult {
    const { taps, near } = this.shape;
    const count = task.target.length;
    this.#check(task);
    const { y, u, h, hb, gy, gu, gh, ghb, target } = this.#at;
    const past = 2 * this.longestDelay;
    this.#f32(y, past).set(task.past);
    this.#f32(h, taps).set(task.h);
    this.#f32(hb, taps).set(task.hb);
    this.#f32(target, count).set(task.target);
    this.#f32(gy, count + this.longestDelay).fill(0);
    this.#f64(gh, taps).fill(0);
    this.#f64(ghb, taps).fill(0);

    const wasm = this.#exports;
    wasm.rolloutForward(y, u, h, hb, taps, near, count);
    const rollout = y + 4 * past;
    let loss = this.#waveLoss(task, rollout);
    this.#losses.forEach(({ handle, bins, floor }, i) => {
      this.#f32(floor, bins).set(task.floors[i]);
      loss += wasm.spectralLossApply(handle, rollout, target, count, floor, task.spectralWeight, gy);
    });
    wasm.rolloutBackward(y, u, h, hb, taps, near, count, gy, gu, gh, ghb);
    return {
      loss,
      rollout: this.#f32(rollout, count),
      gradientH: this.#f64(gh, taps).slice(),
      gradientHb: this.#f64(ghb, taps).slice(),
    };
  }

  /** The waveform's part of the loss, relative to the RMS of the past. */
  #waveLoss({ past, target, waveSamples, waveWeight }: RolloutTask, rollout: number): number {
    const samples = Math.min(waveSamples, target.length);
    if (samples < 2 || waveWeight === 0) return 0;
    const rms = Math.sqrt(past.reduce((sum, x) => sum + x * x, 0) / past.length);
    const { target: t, gy } = this.#at;
    return this.#exports.waveLossApply(rollout, t, samples, 1 / (rms + 1e-5), waveWeight, gy);
  }

  #check({ past, target, h, hb, floors }: RolloutTask): void {
    const { taps, mostSamples } = this.shape;
    const lengths = { past: 2 * this.longestDelay, h: taps, hb: taps };
    for (const [name, array] of Object.entries({ past, h, hb })) {
      const expected = lengths[name as keyof typeof lengths];
      if (array.length !== expected)
        throw new RangeError(`${name}: expected ${expected} numbers, got ${array.length}`);
    }
    if (target.length < 1 || target.length > mostSamples) {
      throw new RangeError(`target: expected 1 to ${mostSamples} samples, got ${target.length}`);
    }
    this.#losses.forEach(({ bins }, i) => {
      if (floors[i]?.length !== bins)
        throw new RangeError(`floors.${i}: expected ${bins} numbers, got ${floors[i]?.length ?? "none"}`);
    });
  }

  #f32(address: number, length: number): Float32Array {
    return new Float32Array(this.#exports.memory.buffer, address, length);
  }

  #f64(address: number, length: number): Float64Array {
    return new Float64Array(this.#exports.memory.buffer, address, length);
  }
}
