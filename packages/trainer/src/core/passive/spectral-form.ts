/**
 * A loop filter as it is learned: damping and phase per frequency, from which its taps follow. In this form a T60 of
 * half a minute at the fundamental and of a tenth of a second at 4 kHz are equally easy to learn, which in taps they
 * are not (design.md, section 1).
 *
 *   H[k] = exp(-exp(logDamping[k])) e^(j phase[k]) e^(-j w[k] ahead),   w[k] = 2 pi k / N,  k = 0 .. N / 2
 *   h[j] = window[j] * irfft(H)[j],   j = 0 .. N - 1          played at the delays near + j, near = period - ahead
 *
 * phase is the negative of the phase delay's angle around the period: 0 = exactly one period.
 */

/** Taps that fade in and out at the ends, where the inverse FFT wraps around. */
const FADE = 16;

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

  /**
   * Prepare tables.
   * @param taps N, even, at least 2 * 16
   * @param ahead C, 0 .. N - 1
   */
  constructor(taps: number, ahead: number) {
    if (!(Number.isInteger(taps) && taps % 2 === 0 && taps >= 2 * FADE)) {
      throw new RangeError(`taps: expected an even number from ${2 * FADE} on, got ${taps}`);
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
    // the rising half of a Hann window of 33 at the start, its falling half at the end
    const fade = (i: number) => 0.5 - 0.5 * Math.cos((Math.PI * i) / FADE);
    this.#window = Float64Array.from({ length: taps }, (_, j) => {
      if (j < FADE) return fade(j);
      return j >= taps - FADE ? fade(taps - 1 - j) : 1;
    });
  }

  /** The taps of a spectrum. @returns [N] */
  tapsOf({ logDamping, phase }: LoopSpectrum): Float64Array {
    const h = new Float64Array(this.taps);
    for (let k = 0; k < this.bins; k++) {
      const gain = Math.exp(-Math.exp(logDamping[k])) * this.#share(k);
      const re = gain * Math.cos(phase[k]);
      const im = gain * Math.sin(phase[k]);
      for (let j = 0; j < this.taps; j++) {
        const i = this.#turn(k, j);
        h[j] += re * this.#cos[i] - im * this.#sin[i];
      }
    }
    for (let j = 0; j < this.taps; j++) h[j] *= this.#window[j];
    return h;
  }

  /**
   * Carry a gradient from taps to the spectrum they came from.
   * @param gradient dL/dh, [N]
   * @returns dL/dlogDamping and dL/dphase
   */
  gradientOf({ logDamping, phase }: LoopSpectrum, gradient: ArrayLike<number>): LoopSpectrum {
    const result = { logDamping: new Float64Array(this.bins), phase: new Float64Array(this.bins) };
    for (let k = 0; k < this.bins; k++) {
      let re = 0;
      let im = 0;
      for (let j = 0; j < this.taps; j++) {
        const i = this.#turn(k, j);
        const g = gradient[j] * this.#window[j];
        re += g * this.#cos[i];
        im -= g * this.#sin[i];
      }
      const damping = Math.exp(logDamping[k]);
      const gain = Math.exp(-damping) * this.#share(k);
      const c = Math.cos(phase[k]);
      const s = Math.sin(phase[k]);
      result.logDamping[k] = -damping * gain * (re * c + im * s);
      result.phase[k] = gain * (im * c - re * s);
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
    for (let k = 0; k < this.bins; k++) {
      let re = 0;
      let im = 0;
      for (let j = 0; j < this.taps; j++) {
        const i = this.#turn(k, j);
        re += h[j] * this.#cos[i];
        im -= h[j] * this.#sin[i];
      }
      const damping = -Math.log(Math.max(Math.hypot(re, im), 1e-30));
      spectrum.logDamping[k] = Math.log(Math.min(most, Math.max(least, damping)));
      spectrum.phase[k] = Math.atan2(im, re);
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
