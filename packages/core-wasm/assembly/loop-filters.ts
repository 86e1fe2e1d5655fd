// The loop filters of one tuning of a passive string: taps, and the sizes that go with them.

import { allocate } from "./arena";
import { copySamples } from "./lanes";
import { paddedTaps } from "./loop-fir";

/** The filters of one tuning. */
@unmanaged
export class LoopFilters {
  taps: i32; // N'
  ahead: i32; // C'
  period: i32; // P', samples
  near: i32; // P' - C', delay of the first tap
  hop: i32; // samples that the mixture's weights hold
  sampleRate: f64;
  f0: f64;
  gain: f64; // what no row's gain exceeds
  rows: usize; // f32 [1 + K, N']
  played: usize; // the same for loopFir: f32 [1 + K, paddedTaps(N')], zeros behind every row's last tap
}

export function createLoopFilters(rows: i32, mostTaps: i32): LoopFilters {
  const filters = changetype<LoopFilters>(allocate(offsetof<LoopFilters>()));
  filters.rows = allocate((<usize>(rows * mostTaps)) << 2);
  filters.played = allocate((<usize>(rows * paddedTaps(mostTaps))) << 2);
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

/** Address of one row's taps as they are played. */
// @ts-ignore: decorator
@inline
export function playedTaps(filters: LoopFilters, row: i32): usize {
  return filters.played + ((<usize>(row * paddedTaps(filters.taps))) << 2);
}

/** Lay the rows out to be played. */
export function layOutFilters(filters: LoopFilters, rows: i32): void {
  memory.fill(filters.played, 0, (<usize>(rows * paddedTaps(filters.taps))) << 2);
  for (let row = 0; row < rows; ++row) {
    copySamples(rowTaps(filters, row), playedTaps(filters, row), filters.taps);
  }
}
