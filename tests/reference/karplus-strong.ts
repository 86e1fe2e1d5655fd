/**
 * The authority for the Karplus-Strong generator, in float64, sample by sample:
 *
 *   y[n] = e[n] + g ((1 - S) y[n - D] + S y[n - D - 1]),   D + S = period
 *
 * e: one period of noise without DC, combed by the pluck position, its peak at `level`.
 */
import { readDelayed } from "./delay-line.ts";
import { mulberry32 } from "./random.ts";

export interface KarplusStrongString {
  /** Samples, fractional. */
  period: number;
  /** g, per period. */
  gain: number;
  /** S, 0 .. 0.5. */
  damping: number;
  /** Fraction of the string, 0 .. 0.5. */
  pluckPosition: number;
  level: number;
  seed: number;
}

/** Render the string. @returns f64 x frames */
export function karplusStrong(string: KarplusStrongString, frames: number): Float64Array {
  const { period, gain: g, damping: S } = string;
  const e = noiseBurst(string);
  const y = new Float64Array(frames);
  for (let n = 0; n < frames; n++) {
    const loop = (1 - S) * readDelayed(y, n, period - S) + S * readDelayed(y, n, period - S + 1);
    y[n] = (n < e.length ? e[n] : 0) + g * loop;
  }
  return y;
}

function noiseBurst({ period, pluckPosition, level, seed }: KarplusStrongString): number[] {
  const random = mulberry32(seed);
  const length = Math.round(period);
  const noise = Array.from({ length }, () => 2 * random() - 1);
  const mean = noise.reduce((a, b) => a + b, 0) / length;
  const shift = Math.round(pluckPosition * length);
  const burst = noise.map((x, i) => {
    if (shift === 0) return x - mean;
    return x - noise[(i + length - shift) % length];
  });
  const peak = Math.max(...burst.map(Math.abs));
  return burst.map((x) => (x * level) / peak);
}
