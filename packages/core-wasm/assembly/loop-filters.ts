// The loop filters of one tuning of a passive string: taps, and the sizes that go with them.
//
//   rows   f32 [1 + K, N']: the second loop's taps, then the first loop's K filters
//
// Memory: the rows, as many as the longest tuning may have. Costs nothing by itself: passive-string.ts reads it.

import { allocate } from "./arena";

/** The filters of one tuning. */
@unmanaged
export class LoopFilters {
  taps: i32; // N'
  ahead: i32; // C'
  period: i32; // P', samples
  near: i32; // P' - C', delay of the first tap
  hop: i32; // samples from one answer of the mixture's network to the next
  sampleRate: f64;
  f0: f64;
  gain: f64; // what no row's gain exceeds
  rows: usize; // f32 [1 + K, N']
}

export function createLoopFilters(rows: i32, mostTaps: i32): LoopFilters {
  const filters = changetype<LoopFilters>(allocate(offsetof<LoopFilters>()));
  filters.rows = allocate((<usize>(rows * mostTaps)) << 2);
  return filters;
}

/** Longest delay of a tuning, F (samples). */
// @ts-ignore: decorator
@inline
export function longestDelay(filters: LoopFilters): i32 {
  return filters.near + filters.taps - 1;
}

/** Address of one row's taps. */
// @ts-ignore: decorator
@inline
export function rowTaps(filters: LoopFilters, row: i32): usize {
  return filters.rows + ((<usize>(row * filters.taps)) << 2);
}
