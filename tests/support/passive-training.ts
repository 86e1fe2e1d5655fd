/**
 * Tiny trainings of passive strings: a stiff string of two seconds at 8 kHz, 32 taps, a dozen steps a stage. Small
 * enough that a whole run takes a fraction of a second; the same code paths as an hour of piano.
 */
// the core brings no backend
import "@tensorflow/tfjs";
import { type PassiveTrainConfig, type StageConfig, TrainConfigSchema } from "@neural-string/shared";
import { LocalRollouts } from "@neural-string/trainer/core/passive/rollouts";
import {
  type PassiveRecording,
  PassiveTraining,
  type PassiveTrainingOptions,
} from "@neural-string/trainer/core/passive/train";
import { retuned, type Tuning } from "@neural-string/trainer/core/passive/tuning";
import type { TrainingCallbacks, TrainingState } from "@neural-string/trainer/core/train";
import { newCore } from "./core-builds.ts";
import { smallString } from "./passive-facts.ts";
import { trainModule } from "./rollout-setups.ts";
import { type HeardAll, recorder } from "./training.ts";

export const TINY_TUNING: Tuning = { sampleRate: 8000, f0: 160, taps: 32, ahead: 20, fade: 11 };

const WEIGHTS = { waveWeight: 100, spectralWeight: 0.5, decayWeight: 0.3 };
const STAGE = { seconds: 0.4, batchSize: 2, share: 1, rate: 1, ...WEIGHTS };

/** Two linear stages, then two of a mixture, of shares that cut 24 steps into 6 each. */
export const TINY_STAGES: StageConfig[] = [
  { ...STAGE, name: "first", seconds: 0.32, filters: "linear" },
  { ...STAGE, name: "second", filters: "linear" },
  { ...STAGE, name: "third", filters: "mixture" },
  { ...STAGE, name: "fourth", seconds: 0.6, rate: 0.5, filters: "mixture" },
];

export interface TinyPassive {
  steps?: number;
  seed?: number;
  stages?: StageConfig[];
  evaluations?: number;
  filters?: number;
  sequence?: object;
}

/** A config of a tiny run. */
export function tinyPassiveConfig(changes: TinyPassive = {}): PassiveTrainConfig {
  const { steps = 24, seed = 1, stages = TINY_STAGES, evaluations = 6, filters = 2, sequence } = changes;
  return TrainConfigSchema.parse({
    recordings: ["tiny.wav"],
    model: { kind: "passive", filters, hidden: 4, hop: 64 },
    training: { steps, seed, sequence: { stages, latestStart: 1, threads: 1, ...sequence } },
    selection: { seconds: 0.5, evaluations },
  }) as PassiveTrainConfig;
}

const sound = smallString();

/** Recordings of a string of 160 Hz: at its own pitch, or at pitches of their own. */
export function recordingsOf(string: Tuning, ...notes: number[]): PassiveRecording[] {
  return notes.map((f0, i) => ({
    samples: f0 === 160 ? sound : smallString(f0, 2, i + 1),
    f0,
    controls: [],
    tuning: f0 === 160 ? string : retuned(string, f0),
  }));
}

/** A training of a tiny config, in this thread unless told otherwise. */
export function tinyPassive(
  config: PassiveTrainConfig,
  options: Partial<PassiveTrainingOptions> = {},
): PassiveTraining {
  return new PassiveTraining({
    config,
    facts: { tuning: TINY_TUNING, hop: 64, controls: 0, cap: 0.997, inharmonicity: 2e-5 },
    core: newCore("simd"),
    recordings: recordingsOf(TINY_TUNING, 160),
    createRollouts: async (shapes, sources) => new LocalRollouts({ module: trainModule, shapes, sources }),
    ...options,
  });
}

/** Train a tiny config from where it is to its end. */
export async function trainTinyPassive(
  config: PassiveTrainConfig,
  options: Partial<PassiveTrainingOptions> & { callbacks?: Partial<TrainingCallbacks> } = {},
): Promise<HeardAll & { end: TrainingState }> {
  const { callbacks: changes, ...rest } = options;
  const { lines, states, losses, callbacks } = recorder(changes);
  const training = tinyPassive(config, rest);
  try {
    return { lines, states, losses, end: await training.run(config.training.steps ?? 0, callbacks) };
  } finally {
    training.dispose();
  }
}
