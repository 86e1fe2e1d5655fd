/**
 * Finds a partial that grows where it should decay: the first sign of a loop whose gain exceeds 1 at one frequency,
 * long before it is loud. Called by `failures.ts`.
 */
import { magnitudes } from "./stft.ts";

/** A component of a sound that gets louder. */
export interface GrowingPartial {
  /** Hz, to a bin. */
  frequency: number;
  /** Nearest partial, null where f0 is not known. */
  partial: number | null;
  /** Level of the last quarter relative to the first (dB). */
  growthDb: number;
}

/** Beats between two polarisations raise a partial by 6 dB at most; a growing one goes beyond, and beyond its target. */
const GROWTH_DB = 6;
/** Quieter than this relative to the target's loudest bin nothing is called growing: it may be rounding or noise (dB). */
const AUDIBLE_DB = -50;

/**
 * Find the loudest component of the last quarter that has grown by more than 6 dB since the first quarter, by 6 dB more
 * than in the target, and has not begun to fall again. DC is left to others: everything far below f0 is removed first.
 * @param y [samples] the render and
 * @param x [samples] the target, equally long, finite, 2048 or more
 * @param sampleRate Hz
 * @param f0 Hz, null where unknown (then 40 Hz bounds what counts as DC)
 */
export function growingPartial(
  y: Float64Array,
  x: Float64Array,
  sampleRate: number,
  f0: number | null,
): GrowingPartial | null {
  const lowest = (f0 ?? 80) / 2;
  // the longest spectrum that gives each quarter a frame of its own
  const size = Math.max(512, Math.min(8192, 2 ** Math.floor(Math.log2(y.length / 4))));
  const render = quarterPowers(withoutDc(y, lowest / 2 / sampleRate), size);
  const target = quarterPowers(withoutDc(x, lowest / 2 / sampleRate), size);
  const loudest = target[0].reduce((most, power) => Math.max(most, power), 0);
  const [, , third, last] = render;
  const tiny = 1e-12 * loudest;
  const growth = (quarters: Float64Array[], k: number) =>
    10 * Math.log10((quarters[3][k] + tiny) / (quarters[0][k] + tiny));

  let found: GrowingPartial | null = null;
  let power = loudest * 10 ** (AUDIBLE_DB / 10);
  for (let k = Math.max(1, Math.ceil((lowest * size) / sampleRate)); k < last.length - 1; k++) {
    const isPeak = last[k] > last[k - 1] && last[k] >= last[k + 1];
    if (!isPeak || last[k] < power || last[k] < third[k]) continue;
    const growthDb = growth(render, k);
    if (growthDb <= GROWTH_DB || growthDb - growth(target, k) <= GROWTH_DB) continue;
    power = last[k];
    const frequency = (k * sampleRate) / size;
    const partial = f0 === null ? null : Math.max(1, Math.round(frequency / f0));
    found = { frequency, partial, growthDb };
  }
  return found;
}

/** Mean power per bin of each quarter of a signal: 4 x [bins]. */
function quarterPowers(z: Float64Array, size: number): Float64Array[] {
  const quarter = z.length >> 2;
  return [0, 1, 2, 3].map((q) => {
    const { frames, bins, values } = magnitudes(z.subarray(q * quarter, (q + 1) * quarter), size, size / 4);
    const power = new Float64Array(bins);
    for (let i = 0; i < values.length; i++) power[i % bins] += values[i] ** 2 / frames;
    return power;
  });
}

/** One-pole high-pass: y[n] = r (y[n-1] + x[n] - x[n-1]); `cycles` = cut-off / sampleRate. */
function withoutDc(x: Float64Array, cycles: number): Float64Array {
  const r = Math.exp(-2 * Math.PI * cycles);
  const y = new Float64Array(x.length);
  for (let n = 1; n < x.length; n++) y[n] = r * (y[n - 1] + x[n] - x[n - 1]);
  return y;
}
