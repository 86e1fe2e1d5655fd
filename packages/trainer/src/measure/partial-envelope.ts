/**
 * How loud one partial is over time: the sound is shifted so that the partial lies at 0 Hz and everything more than
 * a few Hz away is filtered out, forwards and backwards, so that nothing is delayed. Called by `metrics.ts` for every
 * partial of target and render, and by `verdicts.ts` to see a partial grow.
 */
import type { Signal } from "./stft.ts";

/** Samples from one envelope value to the next (10 ms at 44.1 kHz). */
export const ENVELOPE_HOP = 441;
/** Half-width of the band that counts as the partial (Hz): wide enough for beating, narrower than any string's f0. */
export const ENVELOPE_BANDWIDTH = 12;

/** Samples by which a signal is continued at both ends before filtering: what scipy's sosfiltfilt does for order 2. */
const PADDING = 9;
/** The rotating phasor is set afresh this often, so that its rounding errors stay near 1e-13. */
const PHASOR_BLOCK = 1024;

/** Second-order section, normalised to a0 = 1; b2 = b0. */
interface Section {
  b0: number;
  b1: number;
  a1: number;
  a2: number;
}

/**
 * Follow the amplitude of the partial at `frequency`.
 * @param x [samples], more than 9 of them
 * @param sampleRate Hz
 * @param frequency Hz, below Nyquist
 * @returns [ceil(samples / ENVELOPE_HOP)], linear; a sine of amplitude a reads a
 * Source: judge.py; the filter is scipy's butter(2) run by sosfiltfilt (odd continuation by 9 samples, started settled).
 */
export function partialEnvelope(x: Signal, sampleRate: number, frequency: number): Float64Array {
  const length = x.length;
  const re = new Float64Array(length + 2 * PADDING);
  const im = new Float64Array(length + 2 * PADDING);
  shiftToZero(x, frequency / sampleRate, re, im);
  const section = butterworth(ENVELOPE_BANDWIDTH / sampleRate);
  for (const part of [re, im]) {
    continueOdd(part, length);
    filter(part, section);
    part.reverse();
    filter(part, section);
    part.reverse();
  }
  const envelope = new Float64Array(Math.ceil(length / ENVELOPE_HOP));
  for (let i = 0; i < envelope.length; i++) {
    const n = PADDING + i * ENVELOPE_HOP;
    envelope[i] = 2 * Math.sqrt(re[n] * re[n] + im[n] * im[n]);
  }
  return envelope;
}

/** Write x[n] exp(-2 pi j cycles n) into re and im, PADDING samples in. */
function shiftToZero(x: Signal, cycles: number, re: Float64Array, im: Float64Array): void {
  const stepRe = Math.cos(2 * Math.PI * cycles);
  const stepIm = -Math.sin(2 * Math.PI * cycles);
  for (let start = 0; start < x.length; start += PHASOR_BLOCK) {
    let c = Math.cos(2 * Math.PI * cycles * start);
    let s = -Math.sin(2 * Math.PI * cycles * start);
    const end = Math.min(x.length, start + PHASOR_BLOCK);
    for (let n = start; n < end; n++) {
      re[PADDING + n] = x[n] * c;
      im[PADDING + n] = x[n] * s;
      const turned = c * stepRe - s * stepIm;
      s = c * stepIm + s * stepRe;
      c = turned;
    }
  }
}

/** Continue a signal at both ends by its own point reflection, so that a filter meets no step there. */
function continueOdd(z: Float64Array, length: number): void {
  const last = PADDING + length - 1;
  for (let i = 1; i <= PADDING; i++) {
    z[PADDING - i] = 2 * z[PADDING] - z[PADDING + i];
    z[last + i] = 2 * z[last] - z[last - i];
  }
}

/** Second-order Butterworth low-pass by the bilinear transform; `cycles` = cut-off / sampleRate. */
function butterworth(cycles: number): Section {
  const k = Math.tan(Math.PI * cycles);
  const norm = 1 / (1 + Math.SQRT2 * k + k * k);
  return {
    b0: k * k * norm,
    b1: 2 * k * k * norm,
    a1: 2 * (k * k - 1) * norm,
    a2: (1 - Math.SQRT2 * k + k * k) * norm,
  };
}

/** Filter in place (transposed direct form II), with the state a constant input of z[0] would have left. */
function filter(z: Float64Array, { b0, b1, a1, a2 }: Section): void {
  let s1 = (1 - b0) * z[0];
  let s2 = (b0 - a2) * z[0];
  for (let n = 0; n < z.length; n++) {
    const x = z[n];
    const y = b0 * x + s1;
    s1 = b1 * x - a1 * y + s2;
    s2 = b0 * x - a2 * y;
    z[n] = y;
  }
}
