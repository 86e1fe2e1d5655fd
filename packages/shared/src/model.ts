/**
 * What a model file says about its string: the header that `model-file.ts` reads and writes, and that `core-wasm`
 * reads again with its own small reader. The classic kind is here, the passive one in `passive-model.ts`.
 */
import { z } from "zod";
import { COMMON_FIELDS } from "./common-header.ts";
import { PassiveHeaderSchema } from "./passive-model.ts";
import { TapPatternSchema } from "./tap-pattern.ts";

export const ActivationSchema = z.enum(["linear", "tanh", "relu"]);

export const LayerSchema = z.strictObject({
  units: z.int().min(1).max(65536),
  activation: ActivationSchema,
});

/**
 * One more input after the controls, which the string's own sound may drive: (measure - mean) / scale, smoothed with a
 * half-life of one period and clipped to -1 .. 1. The measure, E being the energy of the last window:
 * decay: log10 of E over that of the window before, below the mean = faster than usual; energy: log10 of E / window;
 * accumulated_decay: log10 of E over what it was at first, minus the mean of the decay so far, 0 = on the average
 * line, above it = slower for a while.
 */
export const DecayFeatureSchema = z.strictObject({
  kind: z.enum(["decay", "energy", "accumulated_decay"]),
  /** Length of the windows (samples). */
  window: z
    .int()
    .min(1)
    .max(1 << 20),
  /** Mean over the recordings: of energy the measure's, else the decay's; null = unknown, then it cannot run live. */
  mean: z.number().min(-1000).max(1000).nullable(),
  /** The measure minus the mean is divided by this. */
  scale: z.number().min(1e-9).max(1e9),
});

/** What a control meant in training, so that a player can set it from what it plays. */
export const ControlMeaningSchema = z.discriminatedUnion("kind", [
  /** The same in every example. */
  z.strictObject({ kind: z.literal("constant"), value: z.number() }),
  /** Pitch in octaves from the model's f0. */
  z.strictObject({ kind: z.literal("note") }),
  /** Level of the first four periods: (dB of full scale - meanDb) / 20. */
  z.strictObject({ kind: z.literal("velocity"), meanDb: z.number() }),
]);

// loose: what another program adds to a header (a licence, say) is not ours to refuse
export const ClassicHeaderSchema = z.looseObject({
  ...COMMON_FIELDS,
  kind: z.literal("classic"),
  tapPattern: TapPatternSchema,
  layers: z.array(LayerSchema).min(1).max(64),
  /** Numbers the player may set. */
  controls: z.int().min(0).max(64),
  /** What each of them meant in training. */
  controlMeanings: z.array(ControlMeaningSchema).max(64).optional(),
  /** The origin's form of one decay feature: window 550 samples, mean unknown. */
  decayFeature: z.boolean().optional(),
  features: z.array(DecayFeatureSchema).max(16).optional(),
});

export const ModelHeaderSchema = z.discriminatedUnion("kind", [ClassicHeaderSchema, PassiveHeaderSchema]);

export type Layer = z.output<typeof LayerSchema>;
export type Activation = z.output<typeof ActivationSchema>;
export type ControlMeaning = z.output<typeof ControlMeaningSchema>;
export type DecayFeature = z.output<typeof DecayFeatureSchema>;
export type ClassicHeader = z.output<typeof ClassicHeaderSchema>;
export type ModelHeader = z.output<typeof ModelHeaderSchema>;

/** The features of a header, the origin's flag included. */
export function modelFeatures(header: ClassicHeader): DecayFeature[] {
  if (header.features !== undefined) return header.features;
  return header.decayFeature ? [{ kind: "decay", window: 550, mean: null, scale: 0.04 }] : [];
}
