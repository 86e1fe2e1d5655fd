/** How the losses of single examples are spread: quantiles of each evaluation, and histograms of one width on all. */
import type { LossRow } from "../../core/followed-examples.ts";

/** Quantiles that are told, and drawn. */
export const TOLD_QUANTILES = [0.1, 0.5, 0.9, 0.99] as const;

/** What `histograms` makes. */
export interface Histograms {
  /** Whether bars are equally wide on a logarithmic axis: where all losses are above 0. */
  log: boolean;
  /** [bars + 1], ascending. */
  edges: number[];
  /** [rows][bars], the share of a row's losses in each bar. */
  shares: number[][];
}

/**
 * A quantile, linear between neighbours (definition 7 of Hyndman and Fan 1996, numpy's own).
 * @param sorted ascending, at least one
 * @param q 0 .. 1
 */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

/** A row's finite losses, ascending. */
function sortedLosses({ losses }: LossRow): Float64Array {
  return Float64Array.from(losses).filter(Number.isFinite).sort();
}

/** Quantiles of a row; null where none of its losses is finite. */
export function rowQuantiles(row: LossRow, quantiles: readonly number[]): (number | null)[] {
  const sorted = sortedLosses(row);
  return quantiles.map((q) => (sorted.length === 0 ? null : quantile(sorted, q)));
}

/**
 * Histograms of all rows between common edges: the least and the largest loss of any row, but for the lowest one in a
 * thousand of all, which are gathered in the lowest bar: a loss of almost 0, met by chance, would leave little room for the rest.
 * @returns null where no loss is finite
 */
export function histograms(rows: readonly LossRow[], bars: number): Histograms | null {
  const sorted = rows.map(sortedLosses);
  const all = Float64Array.from(sorted.flatMap((row) => [...row])).sort();
  if (all.length === 0) return null;
  const log = all[0] > 0 || quantile(all, 0.001) > 0;
  const place = log ? Math.log : (x: number) => x;
  const [low, high] = [place(log ? quantile(all, 0.001) : all[0]), place(all[all.length - 1])];
  const width = (high - low) / bars || 1 / bars;
  const edgeAt = (bar: number) => (log ? Math.exp(low + bar * width) : low + bar * width);
  return {
    log,
    edges: Array.from({ length: bars + 1 }, (_, bar) => edgeAt(bar)),
    shares: sorted.map((row) => {
      const counts = new Array<number>(bars).fill(0);
      for (const loss of row) {
        const bar = log && loss <= 0 ? 0 : Math.floor((place(loss) - low) / width);
        counts[Math.min(bars - 1, Math.max(0, bar))]++;
      }
      return counts.map((count) => count / Math.max(1, row.length));
    }),
  };
}
