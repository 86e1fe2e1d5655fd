/** The gain of a loop filter over a grid of frequencies, dense enough to see between the bins that are learned. */
import FFT from "fft.js";

/** Points per tap, around the circle. */
const POINTS_PER_TAP = 8;

/** Gains of filters of one length. */
export class GainGrid {
  /** Points from 0 Hz to half the sample rate, that one left out. */
  readonly points: number;
  readonly #fft: FFT;
  readonly #padded: Float64Array;
  readonly #spectrum: Float64Array;

  /** @param taps N */
  constructor(taps: number) {
    this.#fft = new FFT(2 ** Math.ceil(Math.log2(POINTS_PER_TAP * taps)));
    this.points = this.#fft.size / 2;
    this.#padded = new Float64Array(this.#fft.size);
    this.#spectrum = new Float64Array(2 * this.#fft.size);
  }

  /** The gains of a filter. @param taps [N] @returns [points + 1], the last at half the sample rate */
  gainsOf(taps: ArrayLike<number>): Float64Array {
    this.#padded.set(taps);
    this.#fft.realTransform(this.#spectrum, this.#padded);
    const spectrum = this.#spectrum;
    return Float64Array.from({ length: this.points + 1 }, (_, i) =>
      Math.hypot(spectrum[2 * i], spectrum[2 * i + 1]),
    );
  }
}
