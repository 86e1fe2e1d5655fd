/**
 * Proves that a loop filter's gain stays below a bound at every frequency, not only where one looks. Run by whoever
 * exports a passive string, and again by whoever loads it.
 *
 * |H|^2 of a FIR of N taps is a trigonometric polynomial of degree N - 1, so between the M points of a grid it rises
 * above the largest value on the grid by at most 1 / cos(pi (N - 1) / M): Ehlich and Zeller 1964, "Schwankung von
 * Polynomen zwischen Gitterpunkten". With M = 65536 and N = 256 that is 7.5e-5.
 */

const GRID = 65536;

/**
 * Bound the gain of a loop filter from above, over all frequencies, in float64.
 * @param taps [N], the float32 taps as they are played; N at most 16384
 * @returns a number that |H(w)| exceeds at no w, and that the true maximum comes within 1 / sqrt(cos(pi (N-1) / 65536)) of
 * @throws RangeError for no taps or too many, or taps that are not finite
 */
export function certifiedGain(taps: Float32Array): number {
  const count = taps.length;
  if (count < 1 || count > GRID / 4) {
    throw new RangeError(`taps: expected 1 to ${GRID / 4} of them, got ${count}`);
  }
  const bad = taps.findIndex((tap) => !Number.isFinite(tap));
  if (bad >= 0) throw new RangeError(`taps: expected finite numbers, got ${taps[bad]} at ${bad}`);
  const re = new Float64Array(GRID);
  const im = new Float64Array(GRID);
  re.set(taps);
  transform(re, im);
  // real taps: the upper half of the grid mirrors the lower
  let largest = 0;
  for (let k = 0; k <= GRID / 2; k++) largest = Math.max(largest, re[k] * re[k] + im[k] * im[k]);
  return Math.sqrt(largest / Math.cos((Math.PI * (count - 1)) / GRID));
}

/** Complex FFT in place, radix 2, decimation in time. */
function transform(re: Float64Array, im: Float64Array): void {
  const size = re.length;
  for (let i = 0, j = 0; i < size - 1; i++) {
    if (i < j) {
      [re[i], re[j]] = [re[j], re[i]];
      [im[i], im[j]] = [im[j], im[i]];
    }
    let bit = size >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j |= bit;
  }
  for (let half = 1; half < size; half *= 2) {
    for (let k = 0; k < half; k++) {
      const angle = (-Math.PI * k) / half;
      const c = Math.cos(angle);
      const s = Math.sin(angle);
      for (let i = k; i < size; i += 2 * half) {
        const j = i + half;
        const tr = re[j] * c - im[j] * s;
        const ti = re[j] * s + im[j] * c;
        re[j] = re[i] - tr;
        im[j] = im[i] - ti;
        re[i] += tr;
        im[i] += ti;
      }
    }
  }
}
