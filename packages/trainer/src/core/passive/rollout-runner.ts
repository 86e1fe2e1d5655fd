/**
 * One thread's part in a step's rollouts: a trainer for every shape, which takes an example and writes down what it
 * came to; and the sum of what was written down, in the order in which it is given. Used by LocalRollouts and by each
 * thread of the pool. Node-free.
 */
import { type RolloutShape, RolloutTrainer } from "@neural-string/core-wasm/rollout";
import { heardPast } from "./heard-past.ts";
import type { RolloutExample, RolloutSetup, RolloutSource, RolloutSums, RolloutWeights } from "./rollouts.ts";

// Two stretches that cancel out are not blown up beyond this.
const MOST_SCALE = 3;

// A result: four losses, then the gradient of the network, then that of the taps of the example's source.
const LOSSES = 4;

/** Runs examples one at a time; memory is reserved once. */
export class RolloutRunner {
  /** Numbers in a result, enough for any source. */
  readonly resultSize: number;
  readonly networkSize: number;
  /** Numbers in the taps of each source's string, (1 + K) * N. */
  readonly tapCounts: readonly number[];
  readonly #sources: readonly RolloutSource[];
  readonly #trainers: readonly RolloutTrainer[];

  /** Reserve memory for every shape. @throws RangeError naming the part of the setup that makes no sense */
  constructor({ module, shapes, sources }: RolloutSetup) {
    if (shapes.length === 0) throw new RangeError("shapes: expected at least one, got none");
    const compiled = module instanceof WebAssembly.Module ? module : new WebAssembly.Module(module);
    this.#trainers = shapes.map((shape, i) => createTrainer(compiled, shape, i));
    checkAlike(shapes);
    sources.forEach((source, i) => {
      checkSource(source, shapes, i);
    });
    this.#sources = sources;
    this.networkSize = this.#trainers[0].networkSize;
    this.tapCounts = sources.map(({ shape }) => (1 + shapes[shape].filters) * shapes[shape].taps);
    this.resultSize = LOSSES + this.networkSize + Math.max(0, ...this.tapCounts);
  }

  /** Refuse a request that does not fit. @throws RangeError naming the argument */
  check(
    examples: readonly RolloutExample[],
    taps: readonly Float32Array[],
    network: Float32Array,
    weights: RolloutWeights,
  ): void {
    if (examples.length === 0) throw new RangeError("examples: expected at least one, got none");
    examples.forEach((example, i) => {
      this.#checkExample(example, i);
    });
    expectLength("taps", taps.length, this.#sources.length, "arrays");
    this.tapCounts.forEach((count, i) => {
      expectLength(`taps.${i}`, taps[i].length, count);
    });
    expectLength("network", network.length, this.networkSize);
    for (const [name, value] of Object.entries(weights)) {
      if (!(Number.isFinite(value) && value >= 0))
        throw new RangeError(`weights.${name}: expected a number from 0 on, got ${value}`);
    }
  }

  /**
   * Run an example that has been checked.
   * @param taps of the example's source
   * @param result resultSize numbers, for RolloutTotals to add; those that the source has no use for are left alone
   */
  run(
    example: RolloutExample,
    taps: Float32Array,
    network: Float32Array,
    weights: RolloutWeights,
    result: Float64Array,
  ): void {
    const { floors, decayNoise, controls, shape } = this.#sources[example.source];
    const trainer = this.#trainers[shape];
    const length = 2 * trainer.longestDelay;
    const sound = this.#sound(example, length);
    const past = heardPast(sound.subarray(0, length), trainer.shape, taps);
    const target = sound.subarray(length);
    const sum = trainer.run({ past, target, taps, network, controls, floors, decayNoise, ...weights });
    result.set([sum.loss, sum.waveLoss, sum.spectralLoss, sum.decayLoss]);
    result.set(sum.gradientNetwork, LOSSES);
    result.set(sum.gradientTaps, LOSSES + this.networkSize);
  }

  /** An example's past and target, one after the other. @param past samples of the past */
  #sound({ source, start, count, beside }: RolloutExample, past: number): Float32Array {
    const own = this.#sources[source].samples.subarray(start, start + past + count);
    if (beside === undefined) return own;
    const other = this.#sources[beside.source].samples;
    const sum = Float32Array.from(own, (x, n) => x + beside.share * other[beside.start + n]);
    const energy = (x: Float32Array) => x.subarray(0, past).reduce((all, sample) => all + sample * sample, 0);
    const level = Math.sqrt(energy(own) / (energy(sum) + 1e-12));
    const scale = beside.gain * Math.min(MOST_SCALE, Math.max(1 / MOST_SCALE, level));
    for (let n = 0; n < sum.length; n++) sum[n] *= scale;
    return sum;
  }

  #checkExample(example: RolloutExample, i: number): void {
    const { beside, count } = example;
    this.#checkStretch(example, count, `examples.${i}`);
    if (beside === undefined) return;
    this.#checkStretch(beside, count, `examples.${i}.beside`);
    if (this.#sources[beside.source].shape !== this.#sources[example.source].shape) {
      throw new RangeError(
        `examples.${i}.beside.source: expected one of the example's shape, got ${beside.source}`,
      );
    }
    for (const name of ["share", "gain"] as const) {
      if (!Number.isFinite(beside[name]))
        throw new RangeError(`examples.${i}.beside.${name}: expected a finite number, got ${beside[name]}`);
    }
  }

  #checkStretch({ source, start }: { source: number; start: number }, count: number, at: string): void {
    expectWhole(`${at}.source`, source, 0, this.#sources.length - 1);
    const { samples, shape } = this.#sources[source];
    const { longestDelay, shape: sizes } = this.#trainers[shape];
    expectWhole(`${at}.count`, count, 1, sizes.mostSamples);
    const latest = samples.length - 2 * longestDelay - count;
    if (latest < 0) {
      const needed = 2 * longestDelay + count;
      throw new RangeError(
        `${at}: past and target need ${needed} samples, source ${source} has ${samples.length}`,
      );
    }
    expectWhole(`${at}.start`, start, 0, latest);
  }
}

/** Adds results up in the order in which they are given, and makes means of them. */
export class RolloutTotals {
  readonly #losses = new Float64Array(LOSSES);
  readonly #network: Float64Array;
  readonly #taps: Float64Array[];
  readonly #each: number[] = [];

  constructor({ networkSize, tapCounts }: Pick<RolloutRunner, "networkSize" | "tapCounts">) {
    this.#network = new Float64Array(networkSize);
    this.#taps = tapCounts.map((count) => new Float64Array(count));
  }

  /** Add an example's result. @param source the example's */
  add(source: number, result: Float64Array): void {
    const parts = [this.#losses, this.#network, this.#taps[source]];
    let at = 0;
    for (const part of parts) {
      for (let i = 0; i < part.length; i++) part[i] += result[at++];
    }
    this.#each.push(result[0]);
  }

  /** Divide everything by the number of results; to be called once, at the end. */
  means(): RolloutSums {
    for (const part of [this.#losses, this.#network, ...this.#taps]) {
      for (let i = 0; i < part.length; i++) part[i] /= this.#each.length;
    }
    const [loss, waveLoss, spectralLoss, decayLoss] = this.#losses;
    const gradients = { gradientTaps: this.#taps, gradientNetwork: this.#network };
    const losses = Float64Array.from(this.#each);
    return { loss, waveLoss, spectralLoss, decayLoss, losses, ...gradients };
  }
}

function createTrainer(module: WebAssembly.Module, shape: RolloutShape, i: number): RolloutTrainer {
  try {
    return new RolloutTrainer(module, shape);
  } catch (error) {
    if (error instanceof RangeError) throw new RangeError(`shapes.${i}.${error.message}`);
    // the kernels trap where memory does not suffice
    if (error instanceof WebAssembly.RuntimeError)
      throw new RangeError(`shapes.${i}: too little memory for rollouts of ${shape.mostSamples} samples`);
    throw error;
  }
}

/** One network serves all: its sizes must be the same. */
function checkAlike(shapes: readonly RolloutShape[]): void {
  const sizesOf = ({ filters, hidden, controls, residual }: RolloutShape) => ({
    filters,
    ...(filters > 1 && { hidden, controls }),
    "residual.units": residual?.units ?? 0,
    "residual.taps": residual?.taps ?? 0,
  });
  const first = Object.entries(sizesOf(shapes[0]));
  shapes.forEach((shape, i) => {
    const own: Record<string, number> = sizesOf(shape);
    for (const [name, size] of first) {
      if (own[name] !== size)
        throw new RangeError(`shapes.${i}.${name}: expected ${size} as in shapes.0, got ${own[name]}`);
    }
  });
}

function checkSource(source: RolloutSource, shapes: readonly RolloutShape[], i: number): void {
  expectWhole(`sources.${i}.shape`, source.shape, 0, shapes.length - 1);
  const { frameSizes, decayBands, filters, controls } = shapes[source.shape];
  expectLength(`sources.${i}.floors`, source.floors.length, frameSizes.length, "arrays");
  frameSizes.forEach((size, f) => {
    expectLength(`sources.${i}.floors.${f}`, source.floors[f].length, size / 2 + 1);
  });
  expectLength(`sources.${i}.decayNoise`, source.decayNoise.length, decayBands ? decayBands.length - 1 : 0);
  expectLength(`sources.${i}.controls`, source.controls.length, filters === 1 ? 0 : controls);
}

function expectLength(name: string, length: number, expected: number, what = "numbers"): void {
  if (length !== expected) throw new RangeError(`${name}: expected ${expected} ${what}, got ${length}`);
}

function expectWhole(name: string, value: number, least: number, most: number): void {
  if (!(Number.isInteger(value) && value >= least && value <= most))
    throw new RangeError(`${name}: expected a whole number from ${least} to ${most}, got ${value}`);
}
