/**
 * The step that is measured: one optimisation step of a linear passive string, by the product's own parts, on what the
 * prototype's `--bench` trains on: twenty seconds of decaying noise at 44.1 kHz, a period of 533 samples, 256 taps.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bestBuild } from "@neural-string/core-wasm";
import * as tf from "@tensorflow/tfjs";
import { createOptimizer } from "../src/core/optimizer.ts";
import { decayBands } from "../src/core/passive/material.ts";
import { lossOperation, PassiveObjective } from "../src/core/passive/objective.ts";
import type { RolloutExample, Rollouts } from "../src/core/passive/rollouts.ts";
import { nearestDelay, type Tuning, wholePeriodOf } from "../src/core/passive/tuning.ts";
import { PassiveVariables } from "../src/core/passive/variables.ts";
import { seededRandom } from "../src/core/random.ts";
import { createRolloutPool } from "../src/rollout-pool.ts";

const SAMPLE_RATE = 44100;
const PERIOD = 533;
const TUNING: Tuning = { sampleRate: SAMPLE_RATE, f0: SAMPLE_RATE / PERIOD, taps: 256, ahead: 190 };
const SECONDS = 20;
const LATEST_SECONDS = 9;
const FRAME_SIZES = [512, 2048, 4096];
const FLOOR = 3e-4;
const START_GAIN = 0.99;
const CAP = 0.9998;
const WAVE = { waveSamples: 16 * PERIOD, waveWeight: 1, spectralWeight: 0.5 };

/** The train build this machine runs. */
export const trainBuild = bestBuild() === "relaxed" ? "train-relaxed" : "train-simd";

export interface StepOptions {
  periods: number;
  batch: number;
  threads: number;
}

/** A step, ready to be taken again and again: its learning rate is 0, so that all are alike. */
export class TrainingStep {
  readonly #rollouts: Rollouts;
  readonly #learned = new PassiveVariables(startParameters());
  readonly #objective = new PassiveObjective(TUNING, [TUNING], CAP);
  readonly #optimizer = createOptimizer(
    { name: "adam", learningRate: 1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    this.#learned.variables,
  );
  readonly #options: StepOptions;
  #steps = 0;

  /** Start the threads. */
  static async create(options: StepOptions): Promise<TrainingStep> {
    const path = fileURLToPath(import.meta.resolve(`@neural-string/core-wasm/${trainBuild}.wasm`));
    const bands = decayBands(SAMPLE_RATE);
    const shape = {
      taps: TUNING.taps,
      near: nearestDelay(TUNING),
      period: wholePeriodOf(TUNING),
      filters: 1,
      hop: 0,
      hidden: 0,
      controls: 0,
      mostSamples: options.periods * PERIOD,
      frameSizes: FRAME_SIZES.filter((size) => 2 * size <= options.periods * PERIOD),
      decayBands: bands,
    };
    const source = {
      samples: decayingNoise(),
      floors: shape.frameSizes.map((size) => new Float32Array(size / 2 + 1).fill(FLOOR)),
      decayNoise: new Float32Array(bands.length - 1).fill(1e-4),
      controls: new Float32Array(0),
      shape: 0,
    };
    const { threads } = options;
    const rollouts = await createRolloutPool({
      module: readFileSync(path),
      shapes: [shape],
      sources: [source],
      threads,
    });
    return new TrainingStep(options, rollouts);
  }

  private constructor(options: StepOptions, rollouts: Rollouts) {
    this.#options = options;
    this.#rollouts = rollouts;
  }

  /** Take a step. @param decayWeight of the loss that the prototype has not @returns the loss */
  async take(decayWeight = 0): Promise<number> {
    const weights = { ...WAVE, decayWeight };
    const { variables } = this.#learned;
    const objected = await this.#objective.evaluate(
      this.#learned.parameters(),
      this.#rollouts,
      this.#examples(),
      weights,
    );
    const { value, grads } = tf.variableGrads(() => lossOperation(variables, objected));
    const loss = value.dataSync()[0];
    const gradients = new Map([...variables].map(([name, variable]) => [name, grads[variable.name]]));
    this.#optimizer.apply(gradients, 0, ++this.#steps);
    tf.dispose([value, ...Object.values(grads)]);
    return loss;
  }

  dispose(): void {
    this.#rollouts.dispose();
    this.#learned.dispose();
    this.#optimizer.dispose();
  }

  /** Early starts more often, as the prototype has them. */
  #examples(): RolloutExample[] {
    const { periods, batch } = this.#options;
    const random = seededRandom(1, this.#steps);
    return Array.from({ length: batch }, () => ({
      source: 0,
      start: Math.floor(LATEST_SECONDS * SAMPLE_RATE * random() ** 1.5),
      count: periods * PERIOD,
    }));
  }
}

/** Two filters that delay by a period and damp a little. */
function startParameters() {
  const rows = 2;
  const bins = TUNING.taps / 2 + 1;
  const filled = (value: number) => new Float32Array(rows * bins).fill(value);
  return new Map([
    ["filters.logDamping", { shape: [rows, bins], data: filled(Math.log(-Math.log(START_GAIN))) }],
    ["filters.phase", { shape: [rows, bins], data: filled(0) }],
    ["filters.turns", { shape: [bins], data: new Float32Array(bins) }],
  ]);
}

function decayingNoise(): Float32Array {
  const random = seededRandom(0);
  return Float32Array.from({ length: SECONDS * SAMPLE_RATE }, (_, n) => {
    // three uniform numbers of variance 1 / 3 each are normal enough
    const x = 2 * (random() + random() + random()) - 3;
    return x * Math.exp(-n / SAMPLE_RATE);
  });
}
