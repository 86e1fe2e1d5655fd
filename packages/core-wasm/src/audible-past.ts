/**
 * A recorded past without what no delay line keeps. Estimates of a string's state and of its offset are sums over the
 * whole past: one sample that is no number would spoil them all, one beyond all bounds would be heard in all.
 */

import { isKnown } from "./known-numbers.ts";

/**
 * Silence what is not finite or beyond 1e15.
 * @returns the past itself where nothing is, else a copy; and how many samples became silence
 */
export function audiblePast(past: Float32Array): { samples: Float32Array; broken: number } {
  let broken = 0;
  for (const x of past) if (!isKnown(x)) broken++;
  const samples = broken === 0 ? past : past.map((x) => (isKnown(x) ? x : 0));
  return { samples, broken };
}
