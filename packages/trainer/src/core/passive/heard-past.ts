/**
 * A recorded past as players hear it, without the offset that it would leave in the loop (core-wasm's past-offset.ts):
 * else training bends the first partial's decay to be rid of it.
 */
import { pastOffset, type RolloutShape } from "@neural-string/core-wasm/rollout";

/**
 * Take the offset off: as given, not as something that the taps could change.
 * @param past the newest sample last
 * @param taps of all filters, [1 + K, N]; row 0 is the second loop's
 */
export function heardPast(
  past: Float32Array,
  { near, taps: size, filters }: Pick<RolloutShape, "near" | "taps" | "filters">,
  taps: Float32Array,
): Float32Array {
  const rows = Array.from({ length: filters }, (_, k) => taps.subarray((1 + k) * size, (2 + k) * size));
  const offset = pastOffset(near, rows, past);
  return past.map((x) => x - offset);
}
