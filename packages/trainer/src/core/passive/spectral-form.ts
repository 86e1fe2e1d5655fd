/**
 * A loop filter as it is learned: damping and phase per frequency, from which its taps follow. In this form a T60 of
 * half a minute at the fundamental and of a tenth of a second at 4 kHz are equally easy to learn, which in taps they
 * are not (docs/how-the-passive-string-works.md).
 *
 *   H[k] = exp(-exp(logDamping[k])) e^(j phase[k]) e^(-j w[k] ahead),   w[k] = 2 pi k / N,  k = 0 .. N / 2
 *   h[j] = window[j] * irfft(H)[j],   j = 0 .. N - 1          played at the delays near + j, near = period - ahead
 *
 * phase is the negative of the phase delay's angle around the period: 0 = exactly one period.
 */

import FFT from "fft.js";

/** Taps that fade in and out at the ends, where the inverse FFT wraps around; of a filter at the pitch it was learned. */
export const FADE = 16;

/** The parameters of one loop filter; all [N / 2 + 1]. */
export interface LoopSpectrum {
  /** ln of the damping per round trip (nepers). */
  logDamping: Float64Array;
  /** Radians. */
  phase: Float64Array;
}

/** Turns spectra into taps, and gradients of taps into gradients of spectra, for one length. */
export class SpectralForm {
  readonly taps: number;
  /** Bins: taps / 2 + 1. */
  readonly bins: number;
  /** Taps ahead of the period. */
  readonly ahead: number;
  readonly #window: Float64Array;
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;
  /** Fast where the length is a power of two, as a model's own always is; null = by the definition. */
  readonly #fft: FFT | null;
  readonly #work: Float64Array;
  readonly #result: Float64Array;

  /**
   * Prepare tables.
   * @param taps N, even, at least 2 * fade
   * @param ahead C, 0 .. N - 1; below `fade` or beyond N - 1 - fade the fades eat into the peak
   * @param fade taps that fade in, and out; at least 1
   */
  constructor(taps: number, ahead: number, fade = FADE) {
    if (!(Number.isInteger(fade) && fade >= 1)) {
      throw new RangeError(`fade: expected a whole number from 1 on, got ${fade}`);
    }
    if (!(Number.isInteger(taps) && taps % 2 === 0 && taps >= 2 * fade)) {
      throw new RangeError(`taps: expected an even number from ${2 * fade} on, got ${taps}`);
    }
    if (!(Number.isInteger(ahead) && ahead >= 0 && ahead < taps)) {
      throw new RangeError(`ahead: expected a whole number from 0 to ${taps - 1}, got ${ahead}`);
    }
    this.taps = taps;
    this.bins = taps / 2 + 1;
    this.ahead = ahead;
    const angle = (i: number) => (2 * Math.PI * i) / taps;
    this.#cos = Float64Array.from({ length: taps }, (_, i) => Math.cos(angle(i)));
    this.#sin = Float64Array.from({ length: taps }, (_, i) => Math.sin(angle(i)));
    this.#fft = Number.isInteger(Math.log2(taps)) ? new FFT(taps) : null;
    this.#work = new Float64Array(2 * taps);
    this.#result = new Float64Array(2 * taps);
    // the rising half of a Hann window of 2 * fade + 1 at the start, its falling half at the end
    const rising = (i: number) => 0.5 - 0.5 * Math.cos((Math.PI * i) / fade);
    this.#window = Float64Array.from({ length: taps }, (_, j) => {
      if (j < fade) return rising(j);
      return j >= taps - fade ? rising(taps - 1 - j) : 1;
    });
  }

  /** The taps of a spectrum. @returns [N] */
  tapsOf({ logDamping, phase }: LoopSpectrum): Float64Array {
    const re = new Float64Array(this.bins);
    const im = new Float64Array(this.bins);
    for (let k = 0; k < this.bins; k++) {
      const gain = Math.exp(-Math.exp(logDamping[k])) * this.#share(k);
      re[k] = gain * Math.cos(phase[k]);
      im[k] = gain * Math.sin(phase[k]);
    }
    return this.#windowed(re, im);
  }

  /** The taps of a spectrum given as its parts, which may be 0 anywhere. @param re @param im [N / 2 + 1] @returns [N] */
  tapsOfParts(re: ArrayLike<number>, im: ArrayLike<number>): Float64Array {
    const shared = (x: ArrayLike<number>) => Float64Array.from(x, (value, k) => value * this.#share(k));
    return this.#windowed(shared(re), shared(im));
  }

  #windowed(re: Float64Array, im: Float64Array): Float64Array {
    const h = this.#sumOfCosines(re, im);
    for (let j = 0; j < this.taps; j++) h[j] *= this.#window[j];
    return h;
  }

  /** h[j] = sum over k of re[k] cos(w[k] (j - ahead)) - im[k] sin(w[k] (j - ahead)). */
  #sumOfCosines(re: Float64Array, im: Float64Array): Float64Array {
    const h = new Float64Array(this.taps);
    if (this.#fft === null) {
      for (let k = 0; k < this.bins; k++) {
        for (let j = 0; j < this.taps; j++) {
          const i = this.#turn(k, j);
          h[j] += re[k] * this.#cos[i] - im[k] * this.#sin[i];
        }
      }
      return h;
    }
    const spectrum = this.#work.fill(0);
    for (let k = 0; k < this.bins; k++) {
      const i = (k * this.ahead) % this.taps;
      spectrum[2 * k] = this.taps * (re[k] * this.#cos[i] + im[k] * this.#sin[i]);
      spectrum[2 * k + 1] = this.taps * (im[k] * this.#cos[i] - re[k] * this.#sin[i]);
    }
    this.#fft.inverseTransform(this.#result, spectrum);
    for (let j = 0; j < this.taps; j++) h[j] = this.#result[2 * j];
    return h;
  }

  /** Z[k] = sum over j of x[j] e^(-j w[k] (j - ahead)), k = 0 .. N / 2. */
  #turnedSpectrum(x: Float64Array): { re: Float64Array; im: Float64Array } {
    const re = new Float64Array(this.bins);
    const im = new Float64Array(this.bins);
    if (this.#fft === null) {
      for (let k = 0; k < this.bins; k++) {
        for (let j = 0; j < this.taps; j++) {
          const i = this.#turn(k, j);
          re[k] += x[j] * this.#cos[i];
          im[k] -= x[j] * this.#sin[i];
        }
      }
      return { re, im };
    }
    this.#fft.realTransform(this.#result, x);
    for (let k = 0; k < this.bins; k++) {
      const i = (k * this.ahead) % this.taps;
      const a = this.#result[2 * k];
      const b = this.#result[2 * k + 1];
      re[k] = a * this.#cos[i] - b * this.#sin[i];
      im[k] = b * this.#cos[i] + a * this.#sin[i];
    }
    return { re, im };
  }

  /**
   * Carry a gradient from taps to the spectrum they came from.
   * @param gradient dL/dh, [N]
   * @returns dL/dlogDamping and dL/dphase
   */
  gradientOf({ logDamping, phase }: LoopSpectrum, gradient: ArrayLike<number>): LoopSpectrum {
    const result = { logDamping: new Float64Array(this.bins), phase: new Float64Array(this.bins) };
    const { re, im } = this.#turnedSpectrum(this.#window.map((w, j) => w * gradient[j]));
    for (let k = 0; k < this.bins; k++) {
      const damping = Math.exp(logDamping[k]);
      const gain = Math.exp(-damping) * this.#share(k);
      const c = Math.cos(phase[k]);
      const s = Math.sin(phase[k]);
      result.logDamping[k] = -damping * gain * (re[k] * c + im[k] * s);
      result.phase[k] = gain * (im[k] * c - re[k] * s);
    }
    return result;
  }

  /**
   * The spectrum whose taps come nearest to given ones, bin by bin.
   * @param h [N]
   * @param least @param most bounds of the damping per round trip (nepers)
   */
  spectrumOf(h: ArrayLike<number>, least = 5e-4, most = 6): LoopSpectrum {
    const spectrum = { logDamping: new Float64Array(this.bins), phase: new Float64Array(this.bins) };
    const { re, im } = this.#turnedSpectrum(Float64Array.from(h));
    for (let k = 0; k < this.bins; k++) {
      const damping = -Math.log(Math.max(Math.hypot(re[k], im[k]), 1e-30));
      spectrum.logDamping[k] = Math.log(Math.min(most, Math.max(least, damping)));
      spectrum.phase[k] = Math.atan2(im[k], re[k]);
    }
    return spectrum;
  }

  /** Index into the tables of the angle w[k] (j - ahead). */
  #turn(k: number, j: number): number {
    return (k * (j - this.ahead + this.taps)) % this.taps;
  }

  /** What one bin contributes: all but the first and last stand for their mirror images too. */
  #share(k: number): number {
    return (k === 0 || k === this.bins - 1 ? 1 : 2) / this.taps;
  }
}

/** An angle brought to -pi .. pi. */
export function wrapped(angle: number): number {
  return angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI));
}
