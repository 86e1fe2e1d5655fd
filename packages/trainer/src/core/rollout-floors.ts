/**
 * What of a recording is noise, for the spectral loss of rollouts: below three times its own noise a cell says nothing,
 * neither for a loop nor against it. And the parts of recordings that training may look at, one after the other.
 */
import { magnitudes } from "../measure/stft.ts";
import type { Stretch } from "./held-out.ts";

/** Samples from .. to - 1 of a recording. */
export interface Piece {
  from: number;
  to: number;
}

/** List the pieces of a recording that lie outside of held-out stretches. @param stretches of this recording */
export function freePieces(length: number, stretches: readonly Stretch[]): Piece[] {
  const sorted = [...stretches].sort((a, b) => a.start - b.start);
  const pieces: Piece[] = [];
  let from = 0;
  for (const { start, end } of [...sorted, { start: length, end: length }]) {
    if (start > from) pieces.push({ from, to: start });
    from = Math.max(from, end);
  }
  return pieces;
}

// Three resolutions at 44.1 kHz: attacks, and partials 11 Hz apart.
const FRAME_SIZES = [512, 2048, 4096];

/**
 * Choose frame sizes: the same durations at any sample rate, and at least two frames' worth of rollout.
 * @param count samples of a rollout
 * @returns samples, powers of two; none for a very short rollout
 */
export function frameSizes(sampleRate: number, count: number): number[] {
  return FRAME_SIZES.map(
    (size) => 2 ** Math.max(3, Math.round(Math.log2((size * sampleRate) / 44100))),
  ).filter((size) => 2 * size <= count);
}

// Noise is read at a recording's end, and only where the string has had time to fall below it.
const TAIL_SECONDS = 2;
const LEAST_SECONDS = 6;
const ABOVE_NOISE = 3;

// Where the noise is not known: 100 dB below the loudest cell, which is what float32 sums and windows leave there.
const UNHEARD = 1e-5;

/**
 * Measure the floor of a recording's short-time spectra: three times its mean magnitude over the last two seconds,
 * where there are six or more; at least 100 dB below its loudest cell.
 * @param stretches of this recording; they are left out
 * @returns [size / 2 + 1] for every size, magnitudes of the plain sum under a Hann window
 */
export function spectralFloors(
  samples: Float32Array,
  sampleRate: number,
  stretches: readonly Stretch[],
  sizes: readonly number[],
): Float32Array[] {
  const pieces = freePieces(samples.length, stretches);
  const hasTail = samples.length >= LEAST_SECONDS * sampleRate;
  const tailStart = hasTail ? samples.length - TAIL_SECONDS * sampleRate : samples.length;
  return sizes.map((size) => {
    const bins = size / 2 + 1;
    const sum = new Float64Array(bins);
    let frames = 0;
    let loudest = 0;
    for (const { from, to } of pieces) {
      const whole = magnitudes(samples.subarray(from, to), size, size / 2);
      loudest = whole.values.reduce((a, b) => Math.max(a, b), loudest);
      const tail = magnitudes(samples.subarray(Math.min(to, Math.max(from, tailStart)), to), size, size / 4);
      tail.values.forEach((magnitude, i) => {
        sum[i % bins] += magnitude;
      });
      frames += tail.frames;
    }
    // from the scale of `magnitudes` to that of the plain sum
    const scale = size / 2;
    const least = Math.max(1e-12, scale * UNHEARD * loudest);
    return Float32Array.from(sum, (total) =>
      Math.max(least, (scale * ABOVE_NOISE * total) / Math.max(1, frames)),
    );
  });
}
