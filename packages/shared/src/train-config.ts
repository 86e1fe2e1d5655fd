/**
 * What a training run is told, one doc line a field, with its default. A config file is JSON with any part of this;
 * `--set path=value` changes one field. Losses, optimisers and schedules are lists of entries told apart by `name`,
 * so that another one is an entry here and a function in the trainer.
 */
import { z } from "zod";
import { ActivationSchema, LayerSchema } from "./model.ts";
import { type PassiveModelConfig, PassiveModelConfigSchema, SequenceSchema } from "./passive-config.ts";
import { TapPatternSchema } from "./tap-pattern.ts";

/** A Karplus-Strong pluck made by the core, as `pnpm generate ks` makes it. */
export const KarplusStrongRecipeSchema = z.strictObject({
  generate: z.literal("ks"),
  /** Hz */
  f0: z.number().positive(),
  sampleRate: z.number().min(8000).max(192000).default(44100),
  seconds: z.number().positive().max(600).default(6),
  /** Time the fundamental takes to fall 60 dB (s). */
  t60: z.number().positive().default(4),
  /** Share of the older sample in the loop's average, 0 .. 0.5. */
  damping: z.number().min(0).max(0.5).default(0.5),
  /** Fraction of the string's length, 0 .. 0.5; 0 = no comb. */
  pluckPosition: z.number().min(0).max(0.5).default(0),
  /** Peak of the excitation, linear. */
  level: z.number().positive().max(1).default(0.5),
  seed: z.int().min(0).default(1),
});

/** A stiff string made by the core, as `pnpm generate stiff` makes it. */
export const StiffStringRecipeSchema = z.strictObject({
  generate: z.literal("stiff"),
  /** Hz, of the string without stiffness. */
  f0: z.number().positive(),
  sampleRate: z.number().min(8000).max(192000).default(44100),
  seconds: z.number().positive().max(600).default(6),
  /** B: partial m lies at m f0 sqrt(1 + B m^2). */
  inharmonicity: z.number().min(0).max(0.1).default(1e-4),
  /** T60 of each partial (s), or of the first and how it falls: T60(m) = first / (1 + falloff (m^2 - 1)). */
  t60: z
    .union([
      z.array(z.number().positive()).min(1).max(512),
      z.strictObject({
        first: z.number().positive(),
        falloff: z.number().min(0),
        partials: z.int().min(1).max(512),
      }),
    ])
    .prefault({ first: 8, falloff: 0.02, partials: 60 }),
  /** Fraction of the string's length, above 0, to 0.5. */
  pluckPosition: z.number().positive().max(0.5).default(0.2),
  /** Pitch of the second polarisation minus the first's (cents). */
  detuneCents: z.number().min(-100).max(100).default(1),
  /** Share of the second polarisation, 0 .. 1. */
  secondMix: z.number().min(0).max(1).default(0.3),
  /** T60 of the second polarisation over the first's. */
  secondT60Ratio: z.number().positive().default(2),
  /** Peak, linear. */
  level: z.number().positive().max(1).default(0.5),
  seed: z.int().min(0).default(1),
});

export const RecipeSchema = z.discriminatedUnion("generate", [
  KarplusStrongRecipeSchema,
  StiffStringRecipeSchema,
]);

/** A file's path, `npm:package/path` for a file of an installed package, or a recipe for a generated string. */
export const RecordingSourceSchema = z.union([z.string().min(1), RecipeSchema]);

export const LossSchema = z.discriminatedUnion("name", [
  /** Mean squared error of the next sample. */
  z.strictObject({ name: z.literal("mse") }),
  /** |p - t| over the RMS of the taps, plus a penalty where the prediction is louder than the target. */
  z.strictObject({
    name: z.literal("energy_l1_with_penalty"),
    /** Weight of the penalty relu(|p| - |t|). */
    alpha: z.number().min(0).default(1),
    /** Added to the RMS of the taps, so that silence does not count without limit (linear amplitude). */
    floor: z.number().positive().default(1e-2),
  }),
]);

export const OptimizerSchema = z.discriminatedUnion("name", [
  z.strictObject({
    name: z.literal("adam"),
    learningRate: z.number().positive().default(1e-3),
    beta1: z.number().min(0).max(0.9999).default(0.9),
    beta2: z.number().min(0).max(0.999999).default(0.999),
    epsilon: z.number().positive().default(1e-8),
  }),
]);

export const ScheduleSchema = z.discriminatedUnion("name", [
  /** The learning rate stays. */
  z.strictObject({ name: z.literal("constant") }),
  /** The learning rate falls along half a cosine to `final` times itself at the last step. */
  z.strictObject({ name: z.literal("cosine"), final: z.number().min(0).max(1).default(0.02) }),
  /** The learning rate is multiplied by `factor` every `steps` steps. */
  z.strictObject({
    name: z.literal("step"),
    factor: z.number().positive().max(1).default(0.5),
    steps: z.int().min(1),
  }),
]);

/** Sequence training: the loop runs on its own output, and what it does there is corrected. */
export const RolloutSchema = z.strictObject({
  /** Length of a rollout, in periods of f0. */
  periods: z.int().min(2).max(4096).default(24),
  /** Rollouts per optimisation step. */
  batchSize: z.int().min(1).max(256).default(4),
  /** Share of the rollouts' loss in what a step makes smaller; the one-step loss has 1. */
  weight: z.number().positive().default(1),
  /** Fraction of the steps after which rollouts join: first the network learns to predict, then to go on by itself. */
  from: z.number().min(0).max(1).default(0.5),
  /** Weight of the waveform's error over the first 16 periods, relative to the past's RMS. */
  waveWeight: z.number().min(0).default(1),
  /** Weight of the |log magnitude| error of short-time spectra. */
  spectralWeight: z.number().min(0).default(0.5),
  /** Largest norm of one rollout's gradient; more, as of a loop that blows up, is scaled down to it. */
  clip: z.number().positive().default(1),
});

export const ClassicModelConfigSchema = z.strictObject({
  kind: z.literal("classic"),
  /** Which samples of the past feed the network. */
  tapPattern: TapPatternSchema.prefault([
    { periodFraction: 1, before: 3, after: 2 },
    { periodFraction: 0.25, before: 2, after: 2 },
    { periodFraction: 0.5, before: 2, after: 2 },
    { periodFraction: 0.75, before: 2, after: 2 },
  ]),
  /** Hidden layers, first to last; none makes a linear loop filter. */
  hidden: z
    .array(LayerSchema)
    .max(63)
    .prefault([{ units: 100, activation: "tanh" }]),
  /** Activation of the output. */
  output: ActivationSchema.default("linear"),
  /** Whether layers have biases. Without them (and with symmetric data) silence stays silent: no DC. */
  bias: z.boolean().default(false),
});

export const TrainConfigSchema = z.strictObject({
  /** Name of the run and of the model; null = made from the recordings' names. */
  name: z
    .string()
    .regex(/^[\w. -]{1,64}$/, "expected 1 to 64 letters, digits, spaces, dots, dashes or underscores")
    .nullable()
    .default(null),
  /** What it is trained on. */
  recordings: z.array(RecordingSourceSchema).default([]),
  judge: z
    .strictObject({
      /** What it is judged on: nothing of these takes part in training. */
      recordings: z.array(RecordingSourceSchema).default([]),
      /** Samples of the recording (counted from the start of its file) that excite the model; null = from the onset, as many as it wants. */
      skip: z.int().min(1).nullable().default(null),
      /** auto: a passive string is tuned to the samples that excite it (recordings of one string differ by cents). */
      tune: z.enum(["none", "auto"]).default("none"),
      /** Seconds that are rendered and compared. */
      seconds: z.number().positive().max(600).default(5),
    })
    .prefault({}),
  data: z
    .strictObject({
      /** Channel of a file with several, 0 = the first. */
      channel: z.int().min(0).max(255).default(0),
      /** Hz; null = that of the first recording. Others are resampled. */
      sampleRate: z.number().min(8000).max(192000).nullable().default(null),
      /** Hz; null = found in the recordings. */
      f0: z.number().min(20).max(5000).nullable().default(null),
      /** Every example also mirrored (all signs reversed). */
      symmetric: z.boolean().default(true),
      /**
       * Noise added to the taps of every example, its RMS relative to theirs: what the recording has no sound in
       * (high bands, say) is damped instead of left to chance. 0.01 is a fair start; more makes the string dull.
       */
      inputNoise: z.number().min(0).max(1).default(0),
      /** Seconds after the onset at which the training data begin: the attack obeys other laws than the decay. */
      skipSeconds: z.number().min(0).default(0),
      /** Seconds of each recording used at most; null = all. */
      seconds: z.number().positive().nullable().default(null),
    })
    .prefault({}),
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
      /** Examples per optimisation step, mirrored ones included. */
      batchSize: z.int().min(1).max(65536).default(128),
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
    })
    .prefault({}),
});

/** As written by a person: every field optional. */
export type TrainUserConfig = z.input<typeof TrainConfigSchema>;
/** As resolved: every field there. */
export type TrainConfig = z.output<typeof TrainConfigSchema>;
/** A run of one kind of string. */
export type ClassicTrainConfig = TrainConfig & { model: ClassicModelConfig };
export type PassiveTrainConfig = TrainConfig & { model: PassiveModelConfig };
export type ClassicModelConfig = z.output<typeof ClassicModelConfigSchema>;
export type LossConfig = z.output<typeof LossSchema>;
export type OptimizerConfig = z.output<typeof OptimizerSchema>;
export type ScheduleConfig = z.output<typeof ScheduleSchema>;
export type RolloutConfig = z.output<typeof RolloutSchema>;
export type RecordingSource = z.output<typeof RecordingSourceSchema>;
export type Recipe = z.output<typeof RecipeSchema>;
export type KarplusStrongRecipe = z.output<typeof KarplusStrongRecipeSchema>;
export type StiffStringRecipe = z.output<typeof StiffStringRecipeSchema>;
