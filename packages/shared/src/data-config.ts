/** What a training makes of its recordings: which parts of them, and what is added to them. Part of `train-config.ts`. */
import { z } from "zod";
import { RecordingSourcesSchema } from "./recording-source.ts";

/**
 * Sine bursts on the inputs: in some examples the taps carry a burst that the target has nothing of, so that the
 * network learns to let go of what does not belong to the string.
 */
export const SineBurstsSchema = z.strictObject({
  /** Share of the examples that carry one. */
  share: z.number().min(0).max(1).default(0.1),
  /** RMS of a burst at its height, relative to the RMS of the taps. */
  level: z.number().positive().max(10).default(0.1),
  /** Lowest and highest frequency (Hz), drawn evenly over octaves; highest null = half the sample rate. */
  lowest: z.number().positive().default(40),
  highest: z.number().positive().nullable().default(null),
});

export const DataSchema = z.strictObject({
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
  /**
   * Frames (samples to be predicted) that are trained on at most, mirrored ones not counted; null = all. They are
   * thinned by level, in bands of 6 dB, the fullest first: small signals stay, of loud ones there are enough.
   */
  maxFrames: z.int().min(1).nullable().default(null),
  sineBursts: SineBurstsSchema.nullable().default(null),
  /**
   * Further files, from their first sample on: sounds that blew a string up, continued by a stable one
   * (`pnpm generate stability`). Nothing is held out of them.
   */
  stability: RecordingSourcesSchema,
  /** Further files: natural harmonics of the string, which sound at a multiple of its pitch. Nothing is held out of them. */
  harmonics: RecordingSourcesSchema,
  /** several: a recording of another pitch than the first's is read at its own period, one network for all. */
  notes: z.enum(["one", "several"]).default("one"),
});
