/**
 * Tiny trainings: a Karplus-Strong pluck of a second and a half at 8 kHz, a network of eight units, a few dozen steps.
 * Small enough that a whole run takes a fraction of a second; the same code paths as an hour of piano.
 */
// the core brings no backend
import "@tensorflow/tfjs";
import { generateKarplusStrong } from "@neural-string/core-wasm";
import {
  type ClassicHeader,
  type ClassicTrainConfig,
  type LogLine,
  TrainConfigSchema,
} from "@neural-string/shared";
import type { LossRow } from "@neural-string/trainer/core/followed-examples";
import {
  ClassicTraining,
  type TrainingCallbacks,
  type TrainingOptions,
  type TrainingState,
} from "@neural-string/trainer/core/train";
import { headerFromConfig } from "@neural-string/trainer/string-model";
import { newCore } from "./core-builds.ts";

/** Hz */
export const TINY_RATE = 8000;
/** Hz; the period is 40 samples exactly. */
export const TINY_F0 = 200;

/** A pluck of 12000 samples. */
export function tinyPluck(seed = 1, seconds = 1.5): Float32Array {
  return generateKarplusStrong(newCore("simd"), {
    sampleRate: TINY_RATE,
    f0: TINY_F0,
    seconds,
    t60: 1,
    damping: 0.3,
    seed,
  });
}

export interface TinyChanges {
  model?: object;
  data?: object;
  training?: object;
  selection?: object;
}

// what tests count on, whatever the defaults become
const PINNED = {
  batchSize: 32,
  steps: 40,
  seed: 1,
  loss: { name: "energy_l1_with_penalty", alpha: 1, floor: 1e-2 },
  optimizer: { name: "adam", learningRate: 1e-3 },
  schedule: { name: "cosine", final: 0.02 },
};

/** A classic string's config of eight tanh units; changes go on top. */
export function tinyConfig({ model, data, training, selection }: TinyChanges = {}): ClassicTrainConfig {
  const config = TrainConfigSchema.parse({
    recordings: ["tiny.wav"],
    data: { ...data },
    model: { kind: "classic", hidden: [{ units: 8, activation: "tanh" }], ...model },
    training: { ...PINNED, ...training },
    selection: { stretches: 1, evaluations: 4, ...selection },
  });
  return config as ClassicTrainConfig;
}

/** The config whose first losses are stored in goldens/first-losses.json. */
export function firstLossesConfig(): ClassicTrainConfig {
  return tinyConfig({ training: { steps: 10, longestT60: null } });
}

/** The header of a tiny config. */
export function tinyHeader(config: ClassicTrainConfig): ClassicHeader {
  return headerFromConfig(config, "tiny", TINY_RATE, TINY_F0);
}

/** A training of a tiny config, on the build that golden tests use. */
export function tinyTraining(
  config: ClassicTrainConfig,
  options: Partial<Pick<TrainingOptions, "resume" | "warmStart" | "recordings">> = {},
): ClassicTraining {
  const core = newCore("simd");
  return new ClassicTraining({
    config,
    header: tinyHeader(config),
    core,
    recordings: [tinyPluck()],
    ...options,
  });
}

/** What a run said. */
export interface Heard {
  lines: LogLine[];
  /** Every state handed over, with whether it was the best so far. */
  states: { state: TrainingState; isBest: boolean }[];
}

/** What a run said, and the losses of the examples it followed. */
export interface HeardAll extends Heard {
  losses: LossRow[];
}

/** Callbacks that keep everything. */
export function recorder(
  changes: Partial<TrainingCallbacks> = {},
): HeardAll & { callbacks: TrainingCallbacks } {
  const lines: LogLine[] = [];
  const losses: LossRow[] = [];
  const states: Heard["states"] = [];
  const callbacks: TrainingCallbacks = {
    onLog: (line) => void lines.push(line),
    onLosses: (row) => void losses.push(row),
    onState: (state, isBest) => void states.push({ state, isBest }),
    pause: async () => {},
    shouldStop: () => false,
    ...changes,
  };
  return { lines, states, losses, callbacks };
}

/** Train a tiny config from beginning to end. */
export async function trainTiny(
  config: ClassicTrainConfig,
  options: Parameters<typeof tinyTraining>[1] & { callbacks?: Partial<TrainingCallbacks> } = {},
): Promise<HeardAll & { end: TrainingState }> {
  const { lines, states, losses, callbacks } = recorder(options.callbacks);
  const training = tinyTraining(config, options);
  try {
    return { lines, states, losses, end: await training.run(config.training.steps ?? 0, callbacks) };
  } finally {
    training.dispose();
  }
}
