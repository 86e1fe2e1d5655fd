/**
 * Estimates the fundamental frequency of one string from its partials.
 * The loop's delay is fixed from it before training, since spectral losses give poor gradients for pitch; so an octave
 * error here would spoil everything after. note/prepare.ts and the commands call it.
 */
import { UserError } from "@neural-string/shared";
import { findPeaks, type Peak, powerSpectrum, spectralFloor } from "./spectrum.ts";
import { fitString, type StringFit } from "./string-fit.ts";

/** What the partials say. */
export interface F0Estimate {
  /** Hz; partial n lies at n f0 sqrt(1 + B n^2), so round(sampleRate / f0) is the loop's period in samples. */
  f0: number;
  /** 0 to 1: the share of the spectrum's peaks that one string explains, times the share of its partials found. */
  confidence: number;
  /** B of the same formula; absent when fewer than three partials were found. */
  inharmonicity?: number;
}

/** Skip this much of the attack (s), where pitch still glides and the pluck's noise sounds. */
const ATTACK_SECONDS = 0.1;
/** Longest stretch analysed (s); the same as the judge's. */
const STRETCH_SECONDS = 2;
/** The stretch ends where the note has fallen this far: what sounds longer (rumble, hum) is not the string. */
const DECAY_DB = 35;
/** Level blocks (s) for finding that end. */
const LEVEL_SECONDS = 0.05;
/** Shortest stretch: periods of the string needed to tell its partials apart. */
const MIN_PERIODS = 6;
/** ... but this long (s) always suffices: a string that low would be told by its upper partials. */
const MIN_SECONDS = 0.1;
/** Peaks of a stretch of noise reach about 12 dB over its median, 17 dB over the quarter that we take. */
const OVER_FLOOR_DB = 20;
const WITHIN_DB = 60;
/** Peaks above this take no part: few strings have partials there that help. */
const MAX_PEAK_FREQUENCY = 16_000;
const MAX_PEAKS = 60;
/** The strongest peaks that are tried as partial 1 to MAX_NUMBER of the string. */
const SEEDS = 10;
const MAX_NUMBER = 16;
/** Below this the peaks are not those of one string. */
const MIN_CONFIDENCE = 0.4;
/** With `near`, candidates up to this factor away are tried (100 cents). */
const NEAR_RATIO = 2 ** (100 / 1200);

/**
 * Estimate the fundamental frequency of a plucked or struck string.
 * Also when the fundamental is weaker than its partials or absent, and when stiffness raises the upper partials.
 * Accuracy: about 1 cent on strings of known f0 and B (f0.test.ts), given 0.5 s or more.
 * @param samples mono, from the onset on, any level
 * @param sampleRate Hz
 * @param options `near` (Hz) restricts the search to 100 cents around it; `min` and `max` (Hz) default to 25 and 4200
 * @throws UserError "f0 not found: ..." with the cause (silence, too short, noise, several notes) and the remedy
 */
export function estimateF0(
  samples: Float32Array,
  sampleRate: number,
  options: { near?: number; min?: number; max?: number } = {},
): F0Estimate {
  const { near, min = 25, max = 4200 } = options;
  const lowest = near ? near / NEAR_RATIO : min;
  const highest = near ? near * NEAR_RATIO : Math.min(max, sampleRate / 2);
  const peaks = spectralPeaks(samples, sampleRate, lowest);
  if (peaks.length === 0) throw notFound("no partial stands out of the noise", near);

  let best: StringFit | undefined;
  for (const f0 of candidates(peaks, lowest, highest)) {
    const fit = fitString(peaks, f0);
    if (fit && fit.f0 >= lowest && fit.f0 <= highest && (!best || fit.score > best.score)) best = fit;
  }
  if (!best)
    throw notFound(`no partials fit a string from ${lowest.toFixed(0)} to ${highest.toFixed(0)} Hz`, near);
  if (best.score < MIN_CONFIDENCE) {
    const cause = best.explained < 0.6 ? "several notes, or mostly noise" : "mostly noise";
    throw notFound(
      `the best string (${best.f0.toFixed(2)} Hz) has a confidence of ${best.score.toFixed(2)}, expected ` +
        `${MIN_CONFIDENCE} or more; ${cause}`,
      near,
    );
  }
  return { f0: best.f0, confidence: best.score, inharmonicity: best.inharmonicity };
}

function spectralPeaks(samples: Float32Array, sampleRate: number, lowest: number): Peak[] {
  const { start, length } = ringingStretch(samples, sampleRate, lowest);
  // four times zero-padded, so that the parabola through three bins is good to a thousandth of a bin
  const size = 2 ** Math.ceil(Math.log2(length) + 2);
  const power = powerSpectrum(samples, start, length, size);
  const binHz = sampleRate / size;
  const lobe = (2 * size) / length;
  const floor = spectralFloor(power, Math.max(Math.round(100 / binHz), Math.round(8 * lobe)), 0.25);
  const peaks = findPeaks(power, floor, {
    binHz,
    resolution: Math.round(Math.max(lobe, 5 / binHz)),
    overFloorDb: OVER_FLOOR_DB,
    withinDb: WITHIN_DB,
    maxFrequency: Math.min(MAX_PEAK_FREQUENCY, 0.45 * sampleRate),
  });
  const audible = peaks.filter((peak) => peak.frequency > 0.9 * lowest);
  return strongest(audible, MAX_PEAKS).sort((a, b) => a.frequency - b.frequency);
}

/** The first 2 s after the attack, or less when the note is gone or the recording over before. */
function ringingStretch(samples: Float32Array, sampleRate: number, lowest: number) {
  const shortest = Math.round(Math.min(MIN_PERIODS / lowest, MIN_SECONDS) * sampleRate);
  const block = Math.round(LEVEL_SECONDS * sampleRate);
  const ringing = lastLoudBlock(samples, block) * block;
  const start = Math.round(Math.min(ATTACK_SECONDS * sampleRate, ringing / 10, samples.length / 10));
  const wanted = Math.min(ringing - start, Math.round(STRETCH_SECONDS * sampleRate));
  const length = Math.min(Math.max(wanted, 2 * shortest), samples.length - start);
  if (length >= shortest) return { start, length };
  const seconds = (count: number) => (count / sampleRate).toFixed(3);
  throw notFound(
    `${seconds(samples.length)} s are too short, at least ${seconds(1.12 * shortest)} s are needed; ` +
      "give a longer recording",
  );
}

/** Number of blocks before the note first falls DECAY_DB below its loudest. */
function lastLoudBlock(samples: Float32Array, block: number): number {
  const count = Math.ceil(samples.length / block);
  const energies = new Float64Array(count);
  for (let i = 0; i < samples.length; i++) energies[Math.floor(i / block)] += samples[i] ** 2;
  const gate = energies.reduce((a, b) => Math.max(a, b), 0) * 10 ** (-DECAY_DB / 10);
  const quiet = energies.findIndex((energy, index) => energy < gate && index > 0);
  return quiet < 0 ? count : quiet;
}

/** Every strong peak may be any low partial, and so may the distance of any two neighbours be the fundamental. */
function candidates(peaks: Peak[], lowest: number, highest: number): number[] {
  const found: number[] = [];
  for (const { frequency } of strongest(peaks, SEEDS)) {
    for (let n = 1; n <= MAX_NUMBER; n++) found.push(frequency / n);
  }
  for (let i = 1; i < peaks.length; i++) found.push(peaks[i].frequency - peaks[i - 1].frequency);
  return found.filter((f0) => f0 >= lowest * 0.97 && f0 <= highest * 1.03);
}

function strongest(peaks: Peak[], count: number): Peak[] {
  return [...peaks].sort((a, b) => b.levelDb - a.levelDb).slice(0, count);
}

function notFound(cause: string, near?: number): UserError {
  const remedy = near ? "give another --f0 HZ" : "give it with --f0 HZ, or record one clean note";
  return new UserError(`f0 not found: ${cause}; ${remedy}`);
}
