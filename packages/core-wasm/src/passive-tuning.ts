/**
 * The sizes of a passive string at another pitch or sample rate: its filters are as long, and reach as far ahead of
 * the period, as the period is to what they were learned for.
 */
import type { PassiveModel } from "./passive-model.ts";

/** What a passive string may be tuned to. */
export interface Tuning {
  /** Hz */
  sampleRate: number;
  /** Hz */
  f0: number;
}

/** Sizes that follow from a tuning; all in samples. */
export interface TunedShape {
  period: number;
  taps: number;
  ahead: number;
  /** Samples that the mixture's weights hold. */
  hop: number;
  /** F = period - ahead + taps - 1 */
  longestDelay: number;
}

// A filter N taps long resolves sampleRate / N Hz. Dispersion bends at the same frequencies however short the string
// is, so below this the filter ripples between its frequencies, and what the certificate then takes off for the
// ripple is heard as damping (an A1 with B = 1e-4 played at C5 rang 0.3 s with 54 taps, as long as it should with 192).
const LEAST_TAPS = 192;

/** A loop shorter than this many samples has nothing left between its first tap and its period. */
const LEAST_PERIOD = 8;

/** What of a string its sizes follow from. */
type Learned = Pick<PassiveModel, "sampleRate" | "f0" | "taps" | "ahead" | "mixture">;

/**
 * Size a passive string for a tuning.
 * @throws RangeError where a number is not finite and positive, or the pitch is above an eighth of the sample rate
 */
export function tunedShape(model: Learned, { sampleRate, f0 }: Tuning): TunedShape {
  if (!(sampleRate > 0 && Number.isFinite(sampleRate))) {
    throw new RangeError(`sampleRate: expected a positive number (Hz), got ${sampleRate}`);
  }
  if (!(f0 > 0 && f0 <= sampleRate / LEAST_PERIOD)) {
    throw new RangeError(`f0: expected above 0 and up to ${sampleRate / LEAST_PERIOD} Hz, got ${f0}`);
  }
  const hop = Math.max(1, Math.round(((model.mixture?.hop ?? 1) * sampleRate) / model.sampleRate));
  const period = Math.round(sampleRate / f0);
  // multiplied out, so that the model's own tuning gives exactly 1
  const ratio = (sampleRate * model.f0) / (f0 * model.sampleRate);
  const taps = Math.max(Math.min(model.taps, LEAST_TAPS), 2 * Math.round((model.taps * ratio) / 2));
  const ahead = Math.min(period - 1, Math.round(model.ahead * ratio));
  return { period, taps, ahead, hop, longestDelay: period - ahead + taps - 1 };
}
