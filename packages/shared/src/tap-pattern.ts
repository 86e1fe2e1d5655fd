/**
 * Which samples of the past feed a classic string's network: a few delays around fractions of the period. The
 * pattern is what a config states and a model stores; the delays follow from it, f0 and the sample rate.
 */
import { z } from "zod";

/** Delays around one fraction of the period. */
export const TapPatternEntrySchema = z.strictObject({
  /** Centre, as a fraction of the period: 1 = one period ago; 0 = now, for taps at 1, 2, 3 samples. */
  periodFraction: z.number().min(0).max(64),
  /** Delays before the centre (samples). */
  before: z.int().min(0).max(4096),
  /** Delays after the centre (samples). */
  after: z.int().min(0).max(4096),
});

export const TapPatternSchema = z.array(TapPatternEntrySchema).min(1).max(64);

/** Longest delay a model may have (samples): 95 s at 44.1 kHz, more than any string needs. */
export const MOST_DELAY = 1 << 22;

export type TapPattern = z.output<typeof TapPatternSchema>;

/**
 * List a pattern's delays in the order of the network's inputs: base = floor(sampleRate * periodFraction / f0), then
 * base - before .. base + after; those below 1 are dropped.
 * @returns samples
 */
export function tapDelays(pattern: TapPattern, sampleRate: number, f0: number): Int32Array {
  const delays = pattern.flatMap(({ periodFraction, before, after }) => {
    const base = Math.floor((sampleRate * periodFraction) / f0);
    return Array.from({ length: before + after + 1 }, (_, i) => base - before + i);
  });
  return Int32Array.from(delays.filter((delay) => delay >= 1));
}

/** The longest of a set of delays (samples): how much past a string needs; 0 of none. */
export function longestDelay(delays: Int32Array): number {
  return delays.reduce((a, b) => Math.max(a, b), 0);
}
