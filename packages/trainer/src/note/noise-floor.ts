/**
 * Estimates a recording's own noise, which is never to be learned, from the spectrum between the partials of its end.
 * checks.ts and prepare.ts call it; losses and metrics that need the noise per frequency estimate it themselves.
 */
import { endOfSound } from "./onset.ts";
import { powerSpectrum, spectralFloor } from "./spectrum.ts";

/** The stretch at the end that is analysed (s), as in the judge. */
const TAIL_SECONDS = 2;
const FRAME_SECONDS = 0.19;
/** The 25th percentile of medians over a few dozen frames lies this factor (power) below the mean of white noise. */
const PERCENTILE_BIAS = 0.6;

/**
 * Estimate the level of the noise under a recording.
 * The string may still ring: of the typical spectrum of the last 2 s (fewer in short recordings) the 25th percentile
 * around each frequency is taken, so partials and hum do not count.
 * @param samples mono; zeros at the very end are left out
 * @param sampleRate Hz
 * @param f0 Hz; sets the width that is sure to hold the space between two partials; default 100 Hz
 * @returns RMS of the noise, full scale ±1; 0 for digital silence; an upper bound when the note never decays enough
 * @throws never
 */
export function estimateNoiseFloor(samples: Float32Array, sampleRate: number, f0 = 100): { rms: number } {
  const end = endOfSound(samples);
  const size = 2 ** Math.round(Math.log2(FRAME_SECONDS * sampleRate));
  const start = Math.max(0, end - Math.round(TAIL_SECONDS * sampleRate), Math.floor(end / 2));
  if (end - start < size) return { rms: 0 };

  // the median over overlapping frames: a knock or a pluck within the stretch is no noise
  const frames: Float64Array[] = [];
  for (let at = start; at + size <= end; at += size / 4) frames.push(powerSpectrum(samples, at, size, size));
  const typical = new Float64Array(size / 2 + 1);
  const bin = new Float64Array(frames.length);
  for (let k = 0; k < typical.length; k++) {
    for (let frame = 0; frame < frames.length; frame++) bin[frame] = frames[frame][k];
    typical[k] = bin.sort()[frames.length >> 1];
  }

  // then look between the partials
  const halfWidth = Math.max(8, Math.round((1.2 * f0 * size) / sampleRate));
  const floor = spectralFloor(typical, halfWidth, 0.25);
  const mean = floor.reduce((sum, power) => sum + power, 0) / floor.length;
  return { rms: Math.sqrt(mean / PERCENTILE_BIAS) };
}
