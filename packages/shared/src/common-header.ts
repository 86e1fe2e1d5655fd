/** What the header of every kind of string model says: its origin, the tuning it was made at, its proof of itself. */
import { z } from "zod";

/** The schema version this package writes. */
export const MODEL_SCHEMA = 1;

/** Where a model comes from; everything is optional in a file, `pnpm train` writes all of it. */
export const ProvenanceSchema = z.looseObject({
  recordings: z
    .array(
      z.looseObject({
        name: z.string(),
        sha256: z.string(),
        licence: z.string().optional(),
        attribution: z.string().optional(),
      }),
    )
    .optional(),
  seed: z.number().optional(),
  config: z.unknown().optional(),
  versions: z.record(z.string(), z.string()).optional(),
});

/** A few samples of past and the sound that must follow, so that a loader can prove itself. */
export const CheckSchema = z.strictObject({
  /** The past: at least the longest delay. */
  past: z.array(z.number()),
  /** What the float64 reference renders after it. */
  expected: z.array(z.number()).min(1),
});

/** The fields of every header, whatever its kind. */
export const COMMON_FIELDS = {
  schema: z.literal(MODEL_SCHEMA),
  name: z.string().optional(),
  /** Hz */
  sampleRate: z.number().min(1000).max(1_000_000),
  /** Hz; at most half the sample rate */
  f0: z.number().min(1),
  provenance: ProvenanceSchema.optional(),
  check: CheckSchema.optional(),
};
