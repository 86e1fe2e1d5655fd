/**
 * What loop gain costs in training: the square of what exceeds the cap, over a grid dense enough to see between the
 * design bins. It keeps training near what the projection at the end allows; the guarantee is the projection's.
 */
import FFT from "fft.js";

/** Prices taps of one length. */
export class GainPrice {
  readonly #cap: number;
  readonly #weight: number;
  readonly #fft: FFT;
  readonly #padded: Float64Array;
  readonly #spectrum: Float64Array;
  readonly #back: Float64Array;

  /**
   * @param taps N
   * @param cap gain that is free
   */
  constructor(taps: number, cap: number, weight: number) {
    this.#cap = cap;
    this.#weight = weight;
    const grid = 2 ** Math.ceil(Math.log2(32 * taps));
    this.#fft = new FFT(grid);
    this.#padded = new Float64Array(grid);
    this.#spectrum = new Float64Array(2 * grid);
    this.#back = new Float64Array(2 * grid);
  }

  /**
   * Price a filter.
   * @param h [taps]
   * @param gradient [taps], added to
   * @returns weight * sum over the grid's lower half of relu(|H| - cap)^2
   */
  add(h: Float64Array, gradient: Float64Array): number {
    const grid = this.#padded.length;
    this.#padded.fill(0);
    this.#padded.set(h);
    this.#fft.realTransform(this.#spectrum, this.#padded);
    let price = 0;
    for (let k = 0; k <= grid / 2; k++) {
      const re = this.#spectrum[2 * k];
      const im = this.#spectrum[2 * k + 1];
      const gain = Math.hypot(re, im);
      const excess = gain - this.#cap;
      const slope = excess > 0 ? (2 * this.#weight * excess) / gain : 0;
      if (excess > 0) price += this.#weight * excess * excess;
      // halved where completeSpectrum adds the mirror image: the sum runs over the lower half only
      const share = (k === 0 || k === grid / 2 ? 1 : 0.5) * slope * grid;
      this.#spectrum[2 * k] = share * re;
      this.#spectrum[2 * k + 1] = share * im;
    }
    if (price === 0) return 0;
    this.#fft.completeSpectrum(this.#spectrum);
    this.#fft.inverseTransform(this.#back, this.#spectrum);
    for (let j = 0; j < h.length; j++) gradient[j] += this.#back[2 * j];
    return price;
  }
}
