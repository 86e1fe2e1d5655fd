/**
 * The authority for reading a delay line, between samples too: the polynomial through the nearest samples, from
 * Lagrange's general basis formula, in float64.
 */

/**
 * Read a polynomial through some samples of a signal.
 * @param nodes which samples, by index
 * @param position where, in samples; may lie between them or beside them
 */
function lagrange(x: ArrayLike<number>, nodes: readonly number[], position: number): number {
  let value = 0;
  for (const k of nodes) {
    let basis = 1;
    for (const j of nodes) if (j !== k) basis *= (position - j) / (k - j);
    // samples before the start of the signal are silence
    value += basis * (k >= 0 && k < x.length ? x[k] : 0);
  }
  return value;
}

/**
 * Read the sample `delay` before x[n], using samples before n only.
 * @param delay samples, >= 1: whole ones exactly, others by the cubic whose middle interval holds them, or for
 *   delays from 1 to 2 by the four newest samples
 */
export function readDelayed(x: ArrayLike<number>, n: number, delay: number): number {
  if (Number.isInteger(delay)) return n - delay >= 0 ? x[n - delay] : 0;
  const older = Math.max(3, Math.ceil(delay));
  const oldest = n - older - 1;
  return lagrange(x, [oldest, oldest + 1, oldest + 2, oldest + 3], n - delay);
}
