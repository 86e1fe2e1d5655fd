/**
 * What a recording's noise weighs, per frequency bin, read between the partials of its last two seconds.
 * A model must not be blamed for noise, nor praised for imitating it: every distance in `metrics.ts` leaves out what
 * this floor dominates, and a partial's envelope is followed only above it.
 */
import { magnitudes, type Signal } from "./stft.ts";

const SIZE = 8192;
const HOP = 2048;

/** Noise power per bin of a spectrum of `size` points: [size / 2 + 1], squared magnitudes as `magnitudes` scales them. */
export type NoiseFloor = (size: number) => Float64Array;

/**
 * Estimate the noise of a recording: the 25th percentile, over a neighbourhood of +-1.2 f0 (always wide enough to
 * contain a gap between two partials), of the mean power spectrum of its last 2 s.
 * @param x [samples], the recording to its very end
 * @param sampleRate Hz
 * @param f0 Hz
 * @param seconds stretch that is compared; noise is estimated only where 4 s or more follow it, because earlier the
 *   string itself fills the gaps
 * @returns the floor; all zeros where the recording is too short to tell
 * Source: judge.py, with scipy.ndimage.percentile_filter's "reflect" boundary and rank floor(size * 25 / 100).
 */
export function noiseFloor(x: Signal, sampleRate: number, f0: number, seconds: number): NoiseFloor {
  const tail = x.length < (seconds + 4) * sampleRate ? x.subarray(0, 0) : x.subarray(-2 * sampleRate);
  const { frames, bins, values } = magnitudes(tail, SIZE, HOP);
  if (frames === 0) return (size) => new Float64Array(size / 2 + 1);
  const mean = new Float64Array(bins);
  for (let i = 0; i < values.length; i++) mean[i % bins] += (values[i] * values[i]) / frames;
  const width = Math.floor((2 * 1.2 * f0) / (sampleRate / SIZE)) | 1;
  const floor = percentileFilter(mean, 25, width);
  return (size) => resample(floor, size);
}

/** What a distance of spectra starts to hear at: 80 dB below the loudest cell, and 6 dB above the noise. */
const FAINTEST = 1e-4;
const ABOVE_NOISE = 2;

/**
 * The magnitudes below which cells of a spectrum count as these: too quiet, or the noise's.
 * @param noise power per bin @param peak magnitude of the recording's loudest cell
 */
export function audibleFloor(noise: Float64Array, peak: number): Float64Array {
  return noise.map((power) => Math.max(FAINTEST * peak, ABOVE_NOISE * Math.sqrt(power)));
}

/**
 * Replace every value by a percentile of its neighbourhood; beyond the ends the values are mirrored (d c b a | a b c d).
 * @param x [n], n >= 1
 * @param percent 0 <= percent < 100
 * @param width values in the neighbourhood, odd, from 1; may exceed n
 * @returns [n]
 * Source: scipy.ndimage.percentile_filter.
 */
export function percentileFilter(x: Float64Array, percent: number, width: number): Float64Array {
  const half = width >> 1;
  const rank = Math.floor((width * percent) / 100);
  const mirrored = (i: number) => {
    const j = ((i % (2 * x.length)) + 2 * x.length) % (2 * x.length);
    return x[j < x.length ? j : 2 * x.length - 1 - j];
  };
  const sorted = Float64Array.from({ length: width }, (_, i) => mirrored(i - half)).sort();
  const out = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) {
    out[i] = sorted[rank];
    // one value leaves the sorted neighbourhood, one enters: shift only what lies between them
    const leaves = lowerBound(sorted, mirrored(i - half));
    sorted.copyWithin(leaves, leaves + 1);
    sorted[width - 1] = Number.POSITIVE_INFINITY;
    const entering = mirrored(i + half + 1);
    const enters = lowerBound(sorted, entering);
    sorted.copyWithin(enters + 1, enters, width - 1);
    sorted[enters] = entering;
  }
  return out;
}

function lowerBound(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The floor at another resolution: fewer points gather the noise of more Hz, so power per bin grows by SIZE / size. */
function resample(floor: Float64Array, size: number): Float64Array {
  const last = floor.length - 1;
  return Float64Array.from({ length: size / 2 + 1 }, (_, k) => {
    const position = (k * SIZE) / size;
    const i = Math.min(Math.floor(position), last - 1);
    return ((floor[i] + (floor[i + 1] - floor[i]) * (position - i)) * SIZE) / size;
  });
}
