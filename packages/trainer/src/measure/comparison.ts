/**
 * Brings a render and its target to the same stretch before anything is measured: checks both, cuts them to equal
 * length, replaces what is not a number. The one gate in front of `metrics.ts`, `closed-loop.ts` and `verdicts.ts`;
 * behind it signals are finite, equally long and long enough.
 */
import { UserError } from "@neural-string/shared";
import type { Signal } from "./stft.ts";

/** Render and target over the same stretch. */
export interface Comparison {
  /** [samples] the render, finite. */
  y: Float64Array;
  /** [samples] the target, finite and not silent. */
  x: Float64Array;
  /** RMS of the target's first 0.2 s, > 0: levels are told relative to it. */
  startRms: number;
}

/** Stands in for samples that are not finite, as in judge.py: loud enough to ruin every distance. */
const NOT_A_NUMBER = 1e3;
/** Largest magnitude let through: its square still fits a float64 after summing. */
const LARGEST = 1e120;
/** One frame of the energy decay relief; nothing shorter can be compared. */
const FEWEST_SAMPLES = 2048;
/** Levels are read over this long (s). */
export const LEVEL_SECONDS = 0.2;

/**
 * Check that numbers describing a note are usable.
 * @param sampleRate Hz, from 4000 (below, hardly a partial is left)
 * @param f0 Hz, above 0, its first partial's search range below Nyquist
 * @throws UserError naming the field, what was expected and what came
 */
export function checkNote(sampleRate: number, f0: number): void {
  if (!(sampleRate >= 4000 && sampleRate < 1e7)) {
    throw new UserError(`sample rate: expected at least 4000 Hz, got ${sampleRate}; resample the recording`);
  }
  if (!(f0 >= 10 && f0 * 1.03 + 2 < sampleRate / 2)) {
    throw new UserError(`f0: expected 10 Hz to just below ${sampleRate / 2} Hz (Nyquist), got ${f0}`);
  }
}

/**
 * Cut render and target to the first `samples` samples and make them safe to measure.
 * @param render [>= samples - 1] NaN becomes 1e3, infinities +-1e3
 * @param target [samples]; a shorter one shortens the comparison
 * @param samples how many to compare, rounded down
 * @throws UserError where the render is shorter than the target's stretch, where less than 0.25 s (or 2048 samples)
 *   remains, and where the target holds non-finite samples or is silent
 */
export function compare(render: Signal, target: Signal, sampleRate: number, samples: number): Comparison {
  const wanted = Math.min(samples, target.length);
  if (render.length < wanted - 1) {
    throw new UserError(
      `render: expected at least ${Math.ceil(wanted)} samples (${(wanted / sampleRate).toFixed(2)} s), ` +
        `got ${render.length}; render longer or compare fewer seconds`,
    );
  }
  const length = Math.floor(Math.min(wanted, render.length));
  const fewest = Math.max(FEWEST_SAMPLES, Math.ceil(0.25 * sampleRate));
  if (!(length >= fewest)) {
    throw new UserError(
      `stretch to compare: expected at least ${fewest} samples at ${sampleRate} Hz, got ${length}; ` +
        `take a longer recording or more seconds`,
    );
  }
  const x = Float64Array.from(target.subarray(0, length));
  const broken = x.findIndex((v) => !Number.isFinite(v));
  if (broken >= 0) {
    throw new UserError(
      `target: expected finite samples, got ${x[broken]} at ${broken}; the recording is damaged`,
    );
  }
  const startRms = rms(x.subarray(0, Math.floor(LEVEL_SECONDS * sampleRate)));
  if (startRms === 0) {
    throw new UserError(
      "target: expected sound in its first 0.2 s, got silence; skip to where the note sounds",
    );
  }
  return { x, y: finite(render.subarray(0, length)), startRms };
}

/** Copy a signal with NaN as 1e3, infinities as +-1e3 and magnitudes up to 1e120 (beyond, squares would overflow). */
export function finite(signal: Signal): Float64Array {
  return Float64Array.from(signal, (v) => {
    if (Number.isNaN(v)) return NOT_A_NUMBER;
    if (!Number.isFinite(v)) return v > 0 ? NOT_A_NUMBER : -NOT_A_NUMBER;
    return Math.max(-LARGEST, Math.min(LARGEST, v));
  });
}

/** Compute the root mean square; 0 for an empty signal. */
export function rms(x: Signal): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * x[i];
  return x.length === 0 ? 0 : Math.sqrt(sum / x.length);
}

/** Compute the mean; 0 for an empty signal. */
export function mean(x: Signal): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i];
  return x.length === 0 ? 0 : sum / x.length;
}

/**
 * Compute a sound's offset: the mean under a Hann window. A plain mean of a string that still rings reads up to
 * 1 / (2 pi periods) of its amplitude, because the last period is cut; under the window that is gone.
 * @param x [samples], 20 periods or more
 */
export function offset(x: Signal): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * (1 - Math.cos((2 * Math.PI * (i + 0.5)) / x.length));
  return x.length === 0 ? 0 : sum / x.length;
}

/**
 * Tell a level relative to another in dB; never below -180 dB, so that silence stays a number.
 * @param level linear, >= 0
 * @param reference linear, > 0
 */
export function relativeDb(level: number, reference: number): number {
  return 20 * Math.log10(level / reference + 1e-9);
}

/** Take the last `seconds` of a signal, or all of a shorter one. */
export function lastSeconds<S extends Signal>(x: S, seconds: number, sampleRate: number): S {
  return x.subarray(Math.max(0, x.length - Math.floor(seconds * sampleRate))) as S;
}
