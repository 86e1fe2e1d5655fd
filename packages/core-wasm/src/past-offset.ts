/**
 * The offset that a recorded past would leave in a loop. A pluck is recorded with a swell of some 50 ms, slower than every
 * partial; where a past ends within it, its mean goes round the loop as a partial at 0 Hz would. A string has none, so
 * recordings say nothing about how fast the loop should forget it, and a filter of a few hundred taps cannot tell 0 Hz
 * from the first partial: the offset would ring for as long (on a low E it was two fifths of the spectral distance).
 *
 *            1 +--------.                     a sample goes round once more through every tap that still reaches it:
 *   weight     |         \                    w[age] = sum of h[delay], delay >= age, is the left eigenvector of the
 *            0 +----------`------> age        loop at 0 Hz, so sum w x / sum w is the constant that holds as much
 *                       near  F
 */

/** Mean weight below which a filter passes next to nothing at 0 Hz, and so holds nothing there. */
const LEAST_WEIGHT = 1e-3;

/**
 * What of a past is the loop's offset.
 * @param near delay of the first tap (samples)
 * @param rows the first loop's filters, [taps] each; their mean counts
 * @param past the newest sample last; it is silent before it begins
 * @returns the constant to take off every sample
 */
export function pastOffset(
  near: number,
  rows: readonly ArrayLike<number>[],
  past: ArrayLike<number>,
): number {
  const longestDelay = near + rows[0].length - 1;
  let weight = 0;
  let total = 0;
  let held = 0;
  for (let age = longestDelay; age >= 1; age--) {
    if (age >= near) for (const taps of rows) weight += taps[age - near] / rows.length;
    total += weight;
    held += weight * (past[past.length - age] ?? 0);
  }
  return Math.abs(total) > LEAST_WEIGHT * longestDelay ? held / total : 0;
}
