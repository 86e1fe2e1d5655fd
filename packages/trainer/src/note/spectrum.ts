/**
 * Power spectra of stretches of a recording, and the peaks in them.
 * f0.ts, noise-floor.ts and attacks.ts stand on it; the transform itself is fft.js.
 */
import FFT from "fft.js";

/** A spectral peak, interpolated between bins. */
export interface Peak {
  /** Hz. */
  frequency: number;
  /** Height over the strongest peak (dB, 0 or less). */
  levelDb: number;
}

/** Transforms are reused: their tables cost more than a short transform. */
const transforms = new Map<number, { fft: FFT; input: Float64Array; output: Float64Array }>();

/**
 * Compute the power spectrum of a Hann-windowed, zero-padded stretch.
 * @param samples mono
 * @param start first sample of the stretch; @param length samples, those beyond the end count as 0
 * @param size transform length, a power of two, at least `length`
 * @returns |X|^2 per bin, [size / 2 + 1], scaled so that white noise of variance v gives v on average in every bin
 * @throws never
 */
export function powerSpectrum(
  samples: Float32Array,
  start: number,
  length: number,
  size: number,
): Float64Array {
  const { fft, input, output } = transformOf(size);
  input.fill(0);
  let windowEnergy = 0;
  for (let i = 0; i < length; i++) {
    const hann = 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / length);
    windowEnergy += hann * hann;
    input[i] = (samples[start + i] ?? 0) * hann;
  }
  fft.realTransform(output, input);
  const power = new Float64Array(size / 2 + 1);
  for (let k = 0; k < power.length; k++) {
    power[k] = (output[2 * k] ** 2 + output[2 * k + 1] ** 2) / windowEnergy;
  }
  return power;
}

/**
 * Replace each bin by a low percentile of its surroundings: the level between the partials.
 * @param power [bins]
 * @param halfWidth bins to either side, wide enough to span the space between partials
 * @param percentile 0 to 1, e.g. 0.25
 * @returns [bins]; evaluated at every (halfWidth / 4)-th bin and held in between
 * @throws never
 */
export function spectralFloor(power: Float64Array, halfWidth: number, percentile: number): Float64Array {
  const floor = new Float64Array(power.length);
  const step = Math.max(1, Math.floor(halfWidth / 4));
  for (let centre = 0; centre < power.length; centre += step) {
    const near = power.slice(Math.max(0, centre - halfWidth), centre + halfWidth + 1).sort();
    floor.fill(near[Math.floor(percentile * (near.length - 1))], centre, centre + step);
  }
  return floor;
}

/**
 * Find the peaks that stand out of the floor.
 * @param power [bins], from `powerSpectrum`
 * @param floor [bins], from `spectralFloor`
 * @param options `binHz` Hz per bin; `resolution` bins within which only the strongest peak counts; `overFloorDb` and
 *   `withinDb` how far a peak must stand over the floor and may lie under the strongest; `maxFrequency` Hz
 * @returns peaks by rising frequency, the frequency by a parabola through the logarithms of three bins
 * @throws never
 */
export function findPeaks(
  power: Float64Array,
  floor: Float64Array,
  options: {
    binHz: number;
    resolution: number;
    overFloorDb: number;
    withinDb: number;
    maxFrequency: number;
  },
): Peak[] {
  const { binHz, resolution } = options;
  const last = Math.min(power.length - 2, Math.floor(options.maxFrequency / binHz));
  const first = Math.max(1, Math.ceil(resolution / 2)); // nearer to 0 Hz lies the offset's own lobe
  let strongest = 0;
  for (let k = first; k <= last; k++) strongest = Math.max(strongest, power[k]);
  const least = strongest * 10 ** (-options.withinDb / 10);
  const ratio = 10 ** (options.overFloorDb / 10);

  const peaks: Peak[] = [];
  for (let k = first; k <= last; k++) {
    if (power[k] < least || power[k] < floor[k] * ratio || !isHighest(power, k, resolution)) continue;
    const [a, b, c] = [power[k - 1], power[k], power[k + 1]].map((p) => Math.log(p + Number.MIN_VALUE));
    const bend = a - 2 * b + c;
    const shift = bend < 0 ? (0.5 * (a - c)) / bend : 0;
    peaks.push({ frequency: (k + shift) * binHz, levelDb: 10 * Math.log10(power[k] / strongest) });
  }
  return peaks;
}

function isHighest(power: Float64Array, k: number, resolution: number): boolean {
  const first = Math.max(0, k - resolution);
  const last = Math.min(power.length - 1, k + resolution);
  for (let j = first; j <= last; j++) {
    if (power[j] > power[k] || (power[j] === power[k] && j < k)) return false;
  }
  return true;
}

function transformOf(size: number) {
  let transform = transforms.get(size);
  if (!transform) {
    transform = { fft: new FFT(size), input: new Float64Array(size), output: new Float64Array(2 * size) };
    transforms.set(size, transform);
  }
  return transform;
}
