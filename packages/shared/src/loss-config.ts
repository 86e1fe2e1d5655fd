/**
 * The one-step losses by name, with their constants. p is the prediction, t the target, e the RMS of the audio taps.
 * Part of `train-config.ts`; the formulas are computed in the trainer's `core/loss.ts`.
 */
import { z } from "zod";

/** Weight of the penalty relu(|p| - |t|) on predictions that are louder than their target. */
const alpha = (standard: number) => z.number().min(0).default(standard);
/** Added to what a difference is divided by, so that silence does not count without limit (linear amplitude). */
const floor = (standard: number) => z.number().positive().default(standard);

/** Losses of windows: so many consecutive samples are one example, and the next window begins where this one ends. */
const window = z.int().min(2).max(4096).default(20);

export const LossSchema = z.discriminatedUnion("name", [
  /** (p - t)^2: whatever is loud decides. */
  z.strictObject({ name: z.literal("mse") }),
  /** (p - t)^2 / (t^2 + floor). */
  z.strictObject({ name: z.literal("relative_mse"), floor: floor(1e-8) }),
  /** |p - t| / (|t| + floor): a target near its zero crossing weighs enormously. Kept to show that. */
  z.strictObject({ name: z.literal("relative_l1"), floor: floor(1e-4) }),
  /** The origin's first success: relative_l1 + alpha relu(|p| - |t|) / (|t| + floor). */
  z.strictObject({ name: z.literal("relative_l1_with_penalty"), alpha: alpha(3), floor: floor(1e-4) }),
  /** |p - t| / (e + floor): precision in proportion to what the inputs carry. */
  z.strictObject({ name: z.literal("energy_l1"), floor: floor(1e-2) }),
  /** energy_l1 + alpha relu(|p| - |t|) / (e + floor): too loud is worse than too soft. */
  z.strictObject({ name: z.literal("energy_l1_with_penalty"), alpha: alpha(1), floor: floor(1e-2) }),
  /** (ln(|p| + floor) - ln(|t| + floor))^2: levels alone, blind to the sign. */
  z.strictObject({ name: z.literal("log_magnitude"), floor: floor(1e-6) }),
  /** mean of ((p - t) / R)^2 over a window, R = sqrt(mean of t^2 + floor). */
  z.strictObject({ name: z.literal("window_normalized_mse"), window, floor: floor(1e-8) }),
  /** mean of (p - t)^2 over a window, divided by max(R, least), R as above. */
  z.strictObject({
    name: z.literal("inverse_rms_mse"),
    window,
    floor: floor(1e-8),
    /** Smallest divisor (linear amplitude). */
    least: z.number().positive().default(1e-4),
  }),
  /** The negative scale-invariant signal-to-noise ratio of a window (dB), both sides without their means. */
  z.strictObject({ name: z.literal("si_snr"), window, floor: floor(1e-8) }),
]);

export type LossConfig = z.output<typeof LossSchema>;

/** Consecutive samples that a loss looks at together; 1 for one that judges every sample by itself. */
export function lossWindow(config: LossConfig): number {
  return "window" in config ? config.window : 1;
}
