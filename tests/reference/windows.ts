/**
 * The authority for gathering training examples: the samples a network would read, and the one it should predict.
 */

/** One row: the taps of sample n, in the order of the delays, times the sign, and the sample itself. */
export function gatherWindow(
  recording: ArrayLike<number>,
  n: number,
  delays: ArrayLike<number>,
  sign: number,
): { taps: number[]; target: number } {
  return { taps: Array.from(delays, (d) => sign * recording[n - d]), target: sign * recording[n] };
}
