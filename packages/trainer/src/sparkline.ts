/** A curve in one line of text, for terminals: eight heights of block characters. */

const HEIGHTS = "▁▂▃▄▅▆▇█";

/**
 * Draw values as a line of blocks.
 * @param values what is not finite leaves a blank
 * @param ends values of the lowest and the highest block, beyond which it is clipped; default: those of the data
 * @param width characters at most: of neighbours that share one the largest is drawn
 */
export function sparkline(values: ArrayLike<number>, ends?: readonly [number, number], width = 60): string {
  const count = Math.min(values.length, width);
  const columns = Array.from({ length: count }, (_, column) => {
    const from = Math.floor((column * values.length) / count);
    const to = Math.floor(((column + 1) * values.length) / count);
    let most = Number.NEGATIVE_INFINITY;
    for (let i = from; i < to; i++) if (Number.isFinite(values[i])) most = Math.max(most, values[i]);
    return most;
  });
  const known = columns.filter(Number.isFinite);
  const [low, high] = ends ?? [Math.min(...known), Math.max(...known)];
  return columns
    .map((value) => {
      if (!Number.isFinite(value)) return " ";
      // a flat line is drawn at its foot
      const share = high > low ? (value - low) / (high - low) : 0;
      return HEIGHTS[Math.max(0, Math.min(HEIGHTS.length - 1, Math.floor(share * HEIGHTS.length)))];
    })
    .join("");
}
