/**
 * Fits the partials of one stiff string, n f0 sqrt(1 + B n^2), to the peaks of a spectrum, and says how well they fit.
 * f0.ts tries many starting values with it and takes the best.
 */
import type { Peak } from "./spectrum.ts";

/** One string, as fitted. */
export interface StringFit {
  /** Hz. */
  f0: number;
  /** B, 0 or more; absent with fewer than three partials. */
  inharmonicity?: number;
  /** 0 to 1: weight of the peaks that are partials, over the weight of all peaks up to the last partial and beyond. */
  explained: number;
  /** explained times the share of the partials that were found, 0 to 1. */
  score: number;
}

interface Partial {
  n: number;
  frequency: number;
  weight: number;
}

/** A partial may lie this far from where the fit so far expects it, as a fraction of f0. */
const TOLERANCE = 0.06;
/** Partials in a row that may be missing (plucked at a fifth of its length, a string lacks each fifth one). */
const MAX_GAP = 4;
const MAX_PARTIALS = 40;
/** B of the stiffest strings (a piano's top octave) stays below this; a larger fit is a wrong one. */
const MAX_INHARMONICITY = 0.02;
/** Peaks weigh from 1 (the strongest) to nearly 0 (this many dB below it), by the square. */
const WEIGHT_RANGE_DB = 60;

/**
 * Follow one string's partials from the first up, correcting f0 and B with every one found.
 * @param peaks by rising frequency
 * @param start f0 to start from (Hz), right within a few percent
 * @returns the fit, or undefined when fewer than two partials were found (one, when there is but one peak)
 * @throws never
 */
export function fitString(peaks: Peak[], start: number): StringFit | undefined {
  const partials: Partial[] = [];
  let string = { f0: start, inharmonicity: 0 };
  for (let n = 1, gap = 0; n <= MAX_PARTIALS && gap <= MAX_GAP; n++) {
    const peak = nearestPeak(peaks, partialFrequency(string, n), TOLERANCE * string.f0);
    gap = peak ? 0 : gap + 1;
    if (!peak) continue;
    partials.push({ n, frequency: peak.frequency, weight: weightOf(peak) });
    string = solve(partials);
  }
  if (partials.length < Math.min(2, peaks.length)) return undefined;

  const total = peaks.reduce((sum, peak) => sum + weightOf(peak), 0);
  const matched = partials.reduce((sum, partial) => sum + partial.weight, 0);
  const explained = matched / total;
  const found = partials.length / partials[partials.length - 1].n;
  return {
    f0: string.f0,
    inharmonicity: partials.length >= 3 ? string.inharmonicity : undefined,
    explained,
    score: explained * found,
  };
}

function partialFrequency(string: { f0: number; inharmonicity: number }, n: number): number {
  return n * string.f0 * Math.sqrt(1 + string.inharmonicity * n * n);
}

function weightOf(peak: Peak): number {
  return Math.max(0.1, 1 + peak.levelDb / WEIGHT_RANGE_DB) ** 2;
}

/**
 * Weighted least squares of (f_n / n)^2 = f0^2 + f0^2 B n^2, a straight line over n^2.
 * A peak's own error divides by n, so partial n counts n^2 as much as its weight says.
 */
function solve(partials: Partial[]): { f0: number; inharmonicity: number } {
  let [w, x, y, xx, xy] = [0, 0, 0, 0, 0];
  for (const { n, frequency, weight } of partials) {
    const wn = weight * n * n;
    const u = n * n;
    const v = (frequency / n) ** 2;
    w += wn;
    x += wn * u;
    y += wn * v;
    xx += wn * u * u;
    xy += wn * u * v;
  }
  const spread = w * xx - x * x;
  const slope = partials.length >= 3 && spread > 0 ? (w * xy - x * y) / spread : 0;
  const square = (y - slope * x) / w;
  const inharmonicity = slope / square;
  if (slope <= 0 || square <= 0 || inharmonicity > MAX_INHARMONICITY) {
    return { f0: Math.sqrt(y / w), inharmonicity: 0 };
  }
  return { f0: Math.sqrt(square), inharmonicity };
}

function nearestPeak(peaks: Peak[], frequency: number, tolerance: number): Peak | undefined {
  let best: Peak | undefined;
  for (const peak of peaks) {
    const distance = Math.abs(peak.frequency - frequency);
    if (distance > tolerance) continue;
    // of two peaks in reach the stronger is the partial, unless it lies much further off
    if (
      !best ||
      peak.levelDb - (distance / tolerance) * 6 >
        best.levelDb - (Math.abs(best.frequency - frequency) / tolerance) * 6
    )
      best = peak;
  }
  return best;
}
