/**
 * What is measured of a render against the recording it should sound like, in the units a listener thinks in.
 * The trainer's `measure/` computes it, run folders store it, reports show it.
 */
import { z } from "zod";

/** One partial of target and render: where it lies and how long it rings. */
export const PartialMetricsSchema = z.strictObject({
  /** Number of the partial, 1 = fundamental. */
  partial: z.int().min(1),
  /** Frequency in the target (Hz). */
  frequency: z.number().positive(),
  /** Frequency of the render minus that of the target (cents). */
  cents: z.number(),
  /** Time to fall 60 dB in the target (s), null where noise or beating hides it. */
  t60Seconds: z.number().positive().nullable(),
  /** T60 of the render over T60 of the target; 0.75 to 1.4 is not noticed. Null where either is unknown. */
  t60Ratio: z.number().positive().nullable(),
});

/** Distances of a render from its target; all in dB unless named otherwise, 0 is perfect. */
export const MetricsSchema = z.strictObject({
  /** Log-spectral distance (dB). */
  lsdDb: z.number().min(0),
  /** Energy decay relief: mean absolute difference over bands and time (dB). */
  edrDb: z.number().min(0),
  /** Broadband energy decay curve: mean absolute difference (dB). */
  edcDb: z.number().min(0),
  /** Envelopes of the first 16 partials: mean RMS difference (dB); null where none rises above the noise. */
  partialDb: z.number().min(0).nullable(),
  /** Median absolute pitch difference of the first ten partials (cents). */
  cents: z.number().min(0),
  /** Level of the last 0.2 s of the render, relative to the target's first 0.2 s (dB). */
  endRmsDb: z.number(),
  /** The same for the target (dB). */
  targetEndRmsDb: z.number(),
  /** Mean of the render's last 0.5 s, relative to the target's RMS in its first 0.2 s. */
  dcEnd: z.number(),
  /** Seconds that were compared. */
  seconds: z.number().positive(),
  /** The partials that could be followed in the target. */
  partials: z.array(PartialMetricsSchema),
});

export type PartialMetrics = z.output<typeof PartialMetricsSchema>;
export type Metrics = z.output<typeof MetricsSchema>;
