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

/** One more input after the controls: how fast the string is decaying just now. */
export const DecayFeatureSchema = z.strictObject({
  kind: z.literal("decay"),
  /** Length of each of the two windows whose energies are compared (samples). */
  window: z
    .int()
    .min(1)
    .max(1 << 20),
  /** Mean of the log10 ratio over the recording; null = unknown, then it cannot follow the string's own sound. */
  mean: z.number().min(-1000).max(1000).nullable(),
  /** The ratio minus the mean is divided by this. */
  scale: z.number().min(1e-9).max(1e9),
});

// loose: what another program adds to a header (a licence, say) is not ours to refuse
export const ClassicHeaderSchema = z.looseObject({
  ...COMMON_FIELDS,
  kind: z.literal("classic"),
  tapPattern: TapPatternSchema,
  layers: z.array(LayerSchema).min(1).max(64),
  /** Numbers the player may set. */
  controls: z.int().min(0).max(64),
  /** The origin's form of one decay feature: window 550 samples, mean unknown. */
  decayFeature: z.boolean().optional(),
  features: z.array(DecayFeatureSchema).max(16).optional(),
});

export const ModelHeaderSchema = z.discriminatedUnion("kind", [ClassicHeaderSchema, PassiveHeaderSchema]);

export type Layer = z.output<typeof LayerSchema>;
export type Activation = z.output<typeof ActivationSchema>;
export type DecayFeature = z.output<typeof DecayFeatureSchema>;
export type ClassicHeader = z.output<typeof ClassicHeaderSchema>;
export type ModelHeader = z.output<typeof ModelHeaderSchema>;

/** The features of a header, the origin's flag included. */
export function modelFeatures(header: ClassicHeader): DecayFeature[] {
  if (header.features !== undefined) return header.features;
  return header.decayFeature ? [{ kind: "decay", window: 550, mean: null, scale: 0.04 }] : [];
}
