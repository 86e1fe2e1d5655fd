/** What a classic string's training is told: its size, its inputs, and its rollouts. Part of `train-config.ts`. */
import { z } from "zod";
import { ActivationSchema, LayerSchema } from "./model.ts";
import { TapPatternSchema } from "./tap-pattern.ts";

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

/** Length of a feature's window (samples); null = one period. */
const window = z
  .int()
  .min(1)
  .max(1 << 20)
  .nullable()
  .default(null);
const scale = (standard: number) => z.number().min(1e-9).max(1e9).default(standard);

/** What the network hears of the string's own decay; what each kind means is said in `model.ts`. */
export const FeatureConfigSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("decay"), window, scale: scale(0.04) }),
  /** Scale 2: from 20 dB below the recordings' mean level to 20 dB above. */
  z.strictObject({ kind: z.literal("energy"), window, scale: scale(2) }),
  /** Scale 0.5: up to 5 dB off the mean decay. */
  z.strictObject({ kind: z.literal("accumulated_decay"), window, scale: scale(0.5) }),
]);

/** A number that the player may set, and what it is in training. */
export const ControlConfigSchema = z.discriminatedUnion("kind", [
  /** The same in every example. */
  z.strictObject({ kind: z.literal("constant"), value: z.number().min(-1e6).max(1e6).default(0) }),
  /** The recording's pitch, in octaves from the model's. */
  z.strictObject({ kind: z.literal("note") }),
  /** The level that the recording starts with, in units of 20 dB from the recordings' mean. */
  z.strictObject({ kind: z.literal("velocity") }),
]);

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
  /** Inputs after the taps: controls first, then features. */
  controls: z.array(ControlConfigSchema).max(16).default([]),
  features: z.array(FeatureConfigSchema).max(16).default([]),
});

export type ClassicModelConfig = z.output<typeof ClassicModelConfigSchema>;
export type ControlConfig = z.output<typeof ControlConfigSchema>;
export type RolloutConfig = z.output<typeof RolloutSchema>;
