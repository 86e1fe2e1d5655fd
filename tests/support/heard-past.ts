/** A recorded past as the rollouts hear it: without the offset that its string's first loop would hold. */
import { pastOffset } from "@neural-string/core-wasm/rollout";

/**
 * Take the offset away.
 * @param near delay of the first tap (samples)
 * @param taps [1 + K, N]; row 0 is the second loop's
 */
export function heardPast(
  past: Float32Array,
  near: number,
  size: number,
  taps: ArrayLike<number>,
): Float32Array {
  const all = Float32Array.from(taps);
  const rows = Array.from({ length: all.length / size - 1 }, (_, k) =>
    all.subarray((1 + k) * size, (2 + k) * size),
  );
  const offset = pastOffset(near, rows, past);
  return past.map((x) => x - offset);
}
