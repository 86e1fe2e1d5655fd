/**
 * Where recordings come from: files, files of installed packages, or recipes for strings that the core makes itself.
 * Part of `train-config.ts`; `pnpm generate` reads the recipes too.
 */
import { z } from "zod";

/** A Karplus-Strong pluck made by the core, as `pnpm generate ks` makes it. */
export const KarplusStrongRecipeSchema = z.strictObject({
  generate: z.literal("ks"),
  /** Hz */
  f0: z.number().positive(),
  sampleRate: z.int().min(8000).max(192000).default(44100),
  seconds: z.number().min(0.001).max(600).default(6),
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
  f0: z.number().min(1),
  sampleRate: z.int().min(8000).max(192000).default(44100),
  seconds: z.number().min(0.001).max(600).default(6),
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

/** A file's path; no system has one with U+0000 in it, and Node's own word on that is no sentence for a person. */
export const FilePathSchema = z
  .string()
  .min(1)
  .refine((path) => !path.includes("\0"), "expected a file's name without the character U+0000");

/** A file's path, `npm:package/path` for a file of an installed package, or a recipe for a generated string. */
export const RecordingSourceSchema = z.union([FilePathSchema, RecipeSchema]);

/** More recordings than a string has notes and strengths are a mistake, and would take hours to read. */
const MOST_RECORDINGS = 256;

/** Several, none by default. */
export const RecordingSourcesSchema = z.array(RecordingSourceSchema).max(MOST_RECORDINGS).default([]);

export type RecordingSource = z.output<typeof RecordingSourceSchema>;
export type Recipe = z.output<typeof RecipeSchema>;
