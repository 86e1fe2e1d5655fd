/** Losses against something else that is known of each example: what do the hard ones have in common? */
import { quantile } from "./quantiles.ts";

export interface Binned {
  /** [bins], the middle of each. */
  centres: number[];
  /** [bins]; null where too few examples lie. */
  median: (number | null)[];
  high: (number | null)[];
  /** [bins] */
  counts: number[];
}

/** Of fewer examples no quantile is told. */
const FEWEST = 5;
const HIGH = 0.9;

/**
 * Sort examples into bins of one width.
 * @param values of the examples @param xs of the same; what lies outside is left out
 */
export function binned(
  values: ArrayLike<number>,
  xs: ArrayLike<number>,
  { from, to, bins, fewest = FEWEST }: { from: number; to: number; bins: number; fewest?: number },
): Binned {
  const members: number[][] = Array.from({ length: bins }, () => []);
  const width = (to - from) / bins;
  for (let i = 0; i < xs.length; i++) {
    if (xs[i] < from || xs[i] > to || !Number.isFinite(values[i])) continue;
    members[Math.min(bins - 1, Math.floor((xs[i] - from) / width))].push(values[i]);
  }
  const quantiles = (q: number) =>
    members.map((own) => {
      if (own.length < fewest) return null;
      return quantile(
        own.toSorted((a, b) => a - b),
        q,
      );
    });
  return {
    centres: members.map((_, bin) => from + (bin + 0.5) * width),
    median: quantiles(0.5),
    high: quantiles(HIGH),
    counts: members.map(({ length }) => length),
  };
}
