/** The few statistics of the benchmark. Medians, because other work on the machine only ever makes things slower. */
import { median } from "@neural-string/trainer/measure/decay-time";

export { median };

/**
 * Compare two things measured turn by turn.
 * @param a, b one time per round, of the same rounds
 * @returns the median of the rounds' ratios a / b: what changed between rounds (clock, other work) cancels within each
 * @throws RangeError where they are not of the same rounds
 */
export function pairedRatio(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length || a.length === 0) {
    throw new RangeError(`rounds: expected as many of both, one or more, got ${a.length} and ${b.length}`);
  }
  return median(a.map((time, round) => time / b[round]));
}

/**
 * The value below which a share of all values lies (the nearest one that exists).
 * @param share 0 .. 1; 0.99 of 1000 values is the 990th
 */
export function percentile(values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}
