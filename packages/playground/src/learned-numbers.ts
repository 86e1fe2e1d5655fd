/** How many numbers of a model's file were learned. */

/**
 * Count them: plucks are stored sound, and taps follow from damping and phase, so that neither is learned.
 * @param tensors of a model's file, by name
 */
export function learnedNumbers(
  tensors: Iterable<[name: string, tensor: { data: { length: number } }]>,
): number {
  let count = 0;
  for (const [name, { data }] of tensors) {
    if (!name.startsWith("excitations.") && name !== "filters.taps") count += data.length;
  }
  return count;
}
