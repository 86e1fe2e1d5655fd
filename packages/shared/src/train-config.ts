/**
 * What a training run is told, one doc line a field, with its default. A config file is JSON with any part of this;
 * `--set path=value` changes one field. Losses, optimisers and schedules are lists of entries told apart by `name`,
 * so that another one is an entry here and a function in the trainer.
 */
import { z } from "zod";
import { type ClassicModelConfig, ClassicModelConfigSchema, RolloutSchema } from "./classic-config.ts";
import { DataSchema } from "./data-config.ts";
import { LossSchema } from "./loss-config.ts";
import { OptimizerSchema, ScheduleSchema } from "./optimizer-config.ts";
import { type PassiveModelConfig, PassiveModelConfigSchema, SequenceSchema } from "./passive-config.ts";
import { RecordingSourcesSchema } from "./recording-source.ts";

export const TrainConfigSchema = z.strictObject({
  /** Name of the run and of the model; null = made from the recordings' names. */
  name: z
    .string()
    .regex(/^[\w. -]{1,64}$/, "expected 1 to 64 letters, digits, spaces, dots, dashes or underscores")
    .nullable()
    .default(null),
  /** What it is trained on. */
  recordings: RecordingSourcesSchema,
  judge: z
    .strictObject({
      /** What it is judged on: nothing of these takes part in training. */
      recordings: RecordingSourcesSchema,
      /** Samples of the recording (counted from the start of its file) that excite the model; null = from the onset, as many as it wants. */
      skip: z.int().min(1).nullable().default(null),
      /** auto: a passive string is tuned to the samples that excite it (recordings of one string differ by cents). */
      tune: z.enum(["none", "auto"]).default("none"),
      /** Seconds that are rendered and compared. */
      seconds: z.number().positive().max(600).default(5),
    })
    .prefault({}),
  data: DataSchema.prefault({}),
  model: z
    .discriminatedUnion("kind", [PassiveModelConfigSchema, ClassicModelConfigSchema])
    .prefault({ kind: "passive" }),
  training: z
    .strictObject({
      /**
       * Unless another is named: without the penalty (alpha 0), which together with the price below makes strings die
       * too fast, and with a floor of 1e-3, which halved the closed-loop error of an unseen guitar string
       * (docs/LOG.md, 2026-11-22).
       */
      loss: LossSchema.prefault({ name: "energy_l1_with_penalty", alpha: 0, floor: 1e-3 }),
      optimizer: OptimizerSchema.prefault({ name: "adam" }),
      schedule: ScheduleSchema.prefault({ name: "cosine" }),
      /**
       * No frequency should ring longer than this (T60 in seconds), a passive string's never does: twice the longest
       * that was measured (42 s, partial 2 of a guitar's low E), so that filters have room around it. Of a classic
       * string small-signal loop gain beyond it has a price; null = no price, the origin's way: bands the recordings have no sound in are left to chance.
       */
      longestT60: z.number().positive().nullable().default(90),
      /** Examples per optimisation step, mirrored ones included; of a loss of windows so many samples, whole windows. */
      batchSize: z.int().min(1).max(65536).default(128),
      /** Share of every weight (not of biases) that a step takes away, times the learning rate and apart from the gradient. */
      weightDecay: z.number().min(0).max(100).default(0),
      /** Share of hidden units that are silenced at random in every training example. */
      dropout: z.number().min(0).max(0.95).default(0),
      /** Steps over which the learning rate first rises from nothing. */
      warmupSteps: z.int().min(0).default(0),
      /** Sequence training on top of the one-step loss; null = none. Costs far more time per step. */
      rollout: RolloutSchema.nullable().default(null),
      /** How a passive string is trained: on its own feedback, in stages. */
      sequence: SequenceSchema.prefault({}),
      /** Optimisation steps; null = as many as fit into `minutes`. */
      steps: z.int().min(1).nullable().default(null),
      /** Time budget, turned into a recorded number of steps before training. Not used where steps are given. */
      minutes: z.number().positive().max(10080).default(2),
      seed: z.int().min(0).max(4294967295).default(1),
      /** Where tfjs computes; auto = tensorflow (if installed), else wasm, else cpu. */
      backend: z.enum(["auto", "tensorflow", "wasm", "cpu"]).default("auto"),
    })
    .prefault({}),
  selection: z
    .strictObject({
      /** Stretches held out of every training recording, on which the closed loop is heard during training. */
      stretches: z.int().min(1).max(32).default(2),
      /** Seconds of each. */
      seconds: z.number().min(0.2).max(60).default(1.5),
      /** How often the closed loop is heard during training. */
      evaluations: z.int().min(1).max(10000).default(40),
      /** Evaluations without a better one before training ends early; null = never. */
      patience: z.int().min(1).nullable().default(null),
      /**
       * Training examples whose losses are kept one by one (losses.bin): which ones stay hard? 0 = none; null = 2,048
       * single samples of a classic string's, 24 rollouts of a passive one's, which cost as much as some three updates.
       */
      lossExamples: z.int().min(0).max(16384).nullable().default(null),
    })
    .prefault({}),
});

/** As resolved: every field there. */
export type TrainConfig = z.output<typeof TrainConfigSchema>;
/** A run of one kind of string. */
export type ClassicTrainConfig = TrainConfig & { model: ClassicModelConfig };
export type PassiveTrainConfig = TrainConfig & { model: PassiveModelConfig };
