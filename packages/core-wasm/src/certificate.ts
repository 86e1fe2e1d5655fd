/**
 * Proves that a loop filter's gain stays below a bound at every frequency, not only where one looks, and what follows
 * from it for the sound. Run by whoever exports a passive string, and again by whoever loads it.
 *
 * |H|^2 of a FIR of N taps is a trigonometric polynomial of degree N - 1, so between the M points of a grid it rises
 * above the largest value on the grid by at most 1 / cos(pi (N - 1) / M): Ehlich and Zeller 1964, "Schwankung von
 * Polynomen zwischen Gitterpunkten". M is 256 N or more, which costs 3.8e-5 of the gain or less.
 */

const LEAST_GRID = 65536;
const GRID_PER_TAP = 256;
const MOST_TAPS = 16384;

/** What a recomputed gain may lie above a claim, for rounding in float64. */
export const CERTIFICATE_TOLERANCE = 1e-9;

/** A coupling filter's certified gain may be as much: 1, and the same for rounding. */
export const MOST_COUPLING_GAIN = 1 + CERTIFICATE_TOLERANCE;

/**
 * Bound the gain of a loop filter from above, over all frequencies, in float64.
 * @param taps [N], the float32 taps as they are played; N at most 16384
 * @returns a number that |H(w)| exceeds at no w, and that the true maximum comes within 3.8e-5 of (relative)
 * @throws RangeError for no taps or too many, or taps that are not finite
 */
export function certifiedGain(taps: Float32Array): number {
  const count = taps.length;
  if (count < 1 || count > MOST_TAPS) {
    throw new RangeError(`taps: expected 1 to ${MOST_TAPS} of them, got ${count}`);
  }
  const bad = taps.findIndex((tap) => !Number.isFinite(tap));
  if (bad >= 0) throw new RangeError(`taps: expected finite numbers, got ${taps[bad]} at ${bad}`);
  const size = 2 ** Math.ceil(Math.log2(count));
  const shifts = Math.max(GRID_PER_TAP, LEAST_GRID / size);
  const grid = size * shifts;
  const { cos, sin } = tables(size);
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  let largest = 0;
  // the grid is `shifts` short transforms, each a little higher in frequency; real taps: the upper half mirrors the lower
  for (let shift = 0; shift <= shifts / 2; shift++) {
    for (let j = 0; j < count; j++) {
      const angle = (-2 * Math.PI * shift * j) / grid;
      re[j] = taps[j] * Math.cos(angle);
      im[j] = taps[j] * Math.sin(angle);
    }
    re.fill(0, count);
    im.fill(0, count);
    transform(re, im, cos, sin);
    for (let k = 0; k < size; k++) largest = Math.max(largest, re[k] * re[k] + im[k] * im[k]);
  }
  return Math.sqrt(largest / Math.cos((Math.PI * (count - 1)) / grid));
}

/**
 * Check a claim about the gain of several filters of one length.
 * @param taps [rows, rowLength], as they are played
 * @param claimed what the model says no filter's gain exceeds
 * @returns the largest certified gain of a row, and whether it bears the claim out: the claim is below 1, and the gain
 *   at most 1e-9 above it
 * @throws RangeError for taps that are not rows of that length, too many in a row, or not finite
 */
export function verifyCertificate(
  taps: Float32Array,
  rowLength: number,
  claimed: number,
): { gain: number; holds: boolean } {
  if (!(rowLength >= 1 && taps.length > 0 && taps.length % rowLength === 0)) {
    throw new RangeError(`taps: expected rows of ${rowLength}, got ${taps.length} numbers`);
  }
  let gain = 0;
  for (let from = 0; from < taps.length; from += rowLength) {
    gain = Math.max(gain, certifiedGain(taps.subarray(from, from + rowLength)));
  }
  return { gain, holds: claimed < 1 && gain <= claimed + CERTIFICATE_TOLERANCE };
}

/**
 * Bound what a free-running passive string can still sound, with F its longest delay and T the energies' square roots
 * from now on: T_u^2 <= g^2 (Eu + T_u^2) gives U = g sqrt(Eu / (1 - g^2)) >= T_u, and then T_y <= g sqrt(Ey + T_y^2) + U,
 * a quadratic in T_y, gives the bound. It exceeds |y| of every later sample too.
 * @param gain g, what no filter's gain exceeds; in (0, 1)
 * @param energyY sum of y^2 over the last F samples @param energyU sum of u^2 (the second loop's) over the same
 * @throws RangeError for a gain outside (0, 1) or a negative energy
 */
export function tailBound(gain: number, energyY: number, energyU: number): number {
  checkGain(gain);
  for (const [name, energy] of [
    ["energyY", energyY],
    ["energyU", energyU],
  ] as const) {
    if (!(energy >= 0)) throw new RangeError(`${name}: expected a number from 0 on, got ${energy}`);
  }
  const loss = 1 - gain * gain;
  const u = gain * Math.sqrt(energyU / loss);
  return (u + gain * Math.sqrt(u * u + loss * energyY)) / loss;
}

/**
 * The same for parallel loops, which do not drive each other: T <= g sqrt(E / (1 - g^2)) holds of each, and what is heard
 * is their sum.
 * @param gain g, what no filter's gain exceeds; in (0, 1)
 * @param energyA sum of (y - u)^2 over the last F samples, the first loop's @param energyU sum of u^2 over the same
 * @throws RangeError for a gain outside (0, 1)
 */
export function parallelTailBound(gain: number, energyA: number, energyU: number): number {
  return growthBound(gain).fromY * (Math.sqrt(energyA) + Math.sqrt(energyU));
}

/**
 * The same bound made linear, to be stored in a model: with sqrt(a + b) <= sqrt(a) + sqrt(b) in `tailBound`,
 * |y| <= fromY sqrt(Ey) + fromU sqrt(Eu), fromY = g / sqrt(1 - g^2), fromU = fromY / (1 - g), at least 2 fromY.
 *
 * So it bounds parallel loops too: the first holds y - u, whose energy's root is at most sqrt(Ey) + sqrt(Eu), so that
 * |y| <= fromY (sqrt(Ey) + sqrt(Eu)) + fromY sqrt(Eu).
 * @param gain g, in (0, 1)
 * @throws RangeError for a gain outside (0, 1)
 */
export function growthBound(gain: number): { fromY: number; fromU: number } {
  checkGain(gain);
  const fromY = gain / Math.sqrt(1 - gain * gain);
  return { fromY, fromU: fromY * Math.max(2, 1 / (1 - gain)) };
}

/**
 * The longest decay a gain allows.
 * @param gain of one round trip, in (0, 1) @param f0 Hz
 * @returns T60 (s)
 */
export function longestT60(gain: number, f0: number): number {
  return Math.log(1000) / -Math.log(gain) / f0;
}

function checkGain(gain: number): void {
  if (!(gain > 0 && gain < 1)) {
    throw new RangeError(`gain: expected a number between 0 and 1, both excluded, got ${gain}`);
  }
}

/** The transform's twiddle factors, half a turn of them. */
function tables(size: number): { cos: Float64Array; sin: Float64Array } {
  const angle = (k: number) => (-2 * Math.PI * k) / size;
  return {
    cos: Float64Array.from({ length: size / 2 }, (_, k) => Math.cos(angle(k))),
    sin: Float64Array.from({ length: size / 2 }, (_, k) => Math.sin(angle(k))),
  };
}

/** Complex FFT in place, radix 2, decimation in time. */
function transform(re: Float64Array, im: Float64Array, cos: Float64Array, sin: Float64Array): void {
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
  for (let half = 1, stride = size / 2; half < size; half *= 2, stride /= 2) {
    for (let from = 0; from < size; from += 2 * half) {
      for (let k = 0; k < half; k++) {
        const i = from + k;
        const j = i + half;
        const c = cos[k * stride];
        const s = sin[k * stride];
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
