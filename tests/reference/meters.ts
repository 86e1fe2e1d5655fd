/**
 * The authority for energy and decay of a signal: every window is summed anew, in float64.
 */

/** Sum of squares of x[from] .. x[to - 1]; outside the signal is silence. */
export function energy(x: ArrayLike<number>, from: number, to: number): number {
  let sum = 0;
  for (let n = Math.max(0, from); n < Math.min(to, x.length); n++) sum += x[n] * x[n];
  return sum;
}

/** Mean square of the `window` samples that end with sample n, at every n. */
export function slidingEnergy(x: ArrayLike<number>, window: number): Float64Array {
  return Float64Array.from(x, (_, n) => energy(x, n - window + 1, n + 1) / window);
}

export interface DecayDefinition {
  /** Default: decay. */
  kind?: "decay" | "energy" | "accumulated_decay";
  /** Samples of each of two windows, one right after the other. */
  window: number;
  /** Subtracted from log10 of the ratio of their energies. */
  mean: number;
  scale: number;
  /** Half-life of the smoothing (samples). */
  halfLife: number;
}

/**
 * Measure decay as a signal goes on.
 * @returns a function (x, n, passed): the feature from the samples of x before n, `passed` samples after its last
 *   call; smoothed from 0, clipped to -1 .. 1
 */
export function decayMeter({ kind = "decay", window, mean, scale, halfLife }: DecayDefinition) {
  const silence = 1e-18;
  let smoothed = 0;
  let [first, age] = [Number.NaN, 0];
  return (x: ArrayLike<number>, n: number, passed: number): number => {
    if (age === 0) first = Math.log10(energy(x, n - passed - window, n - passed) + silence);
    age += passed;
    const last = energy(x, n - window, n) + silence;
    const before = energy(x, n - 2 * window, n - window) + silence;
    const measure = {
      decay: Math.log10(last / before) - mean,
      energy: Math.log10(last / window) - mean,
      accumulated_decay: Math.log10(last) - first - (mean * age) / window,
    }[kind];
    const kept = 2 ** (-passed / halfLife);
    smoothed = kept * smoothed + ((1 - kept) * measure) / scale;
    return Math.min(1, Math.max(-1, smoothed));
  };
}

/** The decay feature at every sample, 0 at the first. */
export function decayFeature(x: ArrayLike<number>, definition: DecayDefinition): Float64Array {
  const meter = decayMeter(definition);
  return Float64Array.from(x, (_, n) => (n === 0 ? 0 : meter(x, n, 1)));
}
