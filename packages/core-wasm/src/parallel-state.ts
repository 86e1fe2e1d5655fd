/**
 * What the second of two parallel loops holds along a recorded past. Neither loop is heard alone, but what drives both is
 * the same: whatever of the recording neither loop explains is taken for what drives the first, and through the coupling
 * filter c the second hears it too. From two longest delays F after the past's start on
 *
 *   a = y - u,   r[n] = y[n] - sum_k s_k (h_k * (s_k a))[n] - u[n],   u[n] = (hb * u)[n] + (c * r)[n]
 *
 * (what r drove last is yet to come through c), and before, what the second loop holds is c * y, as if all that was heard
 * drove it once. A past that begins before the pluck is silent there, and then nothing is guessed.
 *
 * That undoes the coupling, and what is undone need not be stable: an error e^(jwn) in u is carried on from trip to trip
 * by the roots of z^2 - (B - C) z - C A, which lie near 1 and -C; where the coupling C opposes what is heard and the first
 * loop loses more than the second, the first of them lies outside the circle. A coupling well below 1 keeps that small.
 * Where an estimate comes to more than the recording can hold, the older half of the past is left out.
 */
import type { LoopFilters } from "./detune.ts";
import { addFir, addWeighedFir, stepsOf } from "./free-run.ts";
import type { WeightTrack } from "./mixture-weights.ts";
import { sumOfSquares } from "./state-fit.ts";

/** The second loop's energy over F samples may be as much of the recording's over 2 F (opposed loops cancel, in part). */
const MOST_ENERGY = 4;

export interface SecondLoop {
  /** The newest last: F samples or more, and never more than the past's length - F. */
  u: Float64Array;
  /** [F], what the coupling has yet to bring, from the past's end on. */
  coming: Float64Array;
}

/**
 * Estimate the second loop along the newest samples of a past.
 * @param y the past, 2 F samples or more
 */
export function parallelSecondLoop(filters: LoopFilters, track: WeightTrack, y: Float64Array): SecondLoop {
  const { longestDelay } = filters;
  for (let from = 0; ; ) {
    const second = followed(
      filters,
      track.map((weights) => weights.subarray(from)),
      y.subarray(from),
    );
    const { u } = second;
    const left = u.length - longestDelay;
    const limit = MOST_ENERGY * sumOfSquares(y.subarray(-2 * longestDelay));
    // c * y alone exceeds nothing
    if (left === 0 || sumOfSquares(u.subarray(-longestDelay)) <= limit) return second;
    from += Math.ceil(left / 2);
  }
}

/** u from the past's sample F on. */
function followed(filters: LoopFilters, track: WeightTrack, y: Float64Array): SecondLoop {
  const { near, longestDelay, rows, coupling } = filters;
  const start = 2 * longestDelay;
  const u = new Float64Array(y.length);
  addFir(coupling, y, longestDelay - near, -1, u, longestDelay, longestDelay, 1);
  // what neither loop explains, and what the first loop's filters hear
  const r = new Float64Array(y.length + longestDelay);
  const lines = rows.slice(1).map(() => new Float64Array(y.length));
  const hear = (from: number, count: number) => {
    lines.forEach((line, k) => {
      const weights = track[k];
      for (let n = from; n < from + count; n++) line[n] = weights[n] * (y[n] - u[n]);
    });
  };
  hear(longestDelay, longestDelay);
  for (const { at, count } of stepsOf(near, start, y.length)) {
    addFir(rows[0], u, at - near, -1, u, at, count, 1);
    addFir(coupling, r, at - near, -1, u, at, count, 1);
    for (let n = at; n < at + count; n++) r[n] = y[n] - u[n];
    lines.forEach((line, k) => {
      addWeighedFir(track[k].subarray(at), rows[k + 1], line, at - near, -1, r, at, count, -1);
    });
    hear(at, count);
  }
  const coming = new Float64Array(longestDelay);
  addFir(coupling, r, y.length - near, -1, coming, 0, longestDelay, 1);
  return { u: u.subarray(longestDelay), coming };
}
