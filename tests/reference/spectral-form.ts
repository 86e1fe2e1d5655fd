/** The authority for the spectral form: the inverse transform of its definition, sum by sum, in float64. */

/** @param fade taps of the window at either end @returns [taps] */
export function tapsByDefinition(
  { logDamping, phase }: { logDamping: ArrayLike<number>; phase: ArrayLike<number> },
  taps: number,
  ahead: number,
  fade: number,
): Float64Array {
  return Float64Array.from({ length: taps }, (_, j) => {
    let h = 0;
    for (let k = 0; k <= taps / 2; k++) {
      const w = (2 * Math.PI * k) / taps;
      const share = k === 0 || k === taps / 2 ? 1 : 2;
      h += (share / taps) * Math.exp(-Math.exp(logDamping[k])) * Math.cos(phase[k] + w * (j - ahead));
    }
    const edge = Math.min(j, taps - 1 - j);
    // the first half counts its edge from 0, the last from N - 1
    const rising = j < fade ? j : edge;
    return rising < fade ? h * (0.5 - 0.5 * Math.cos((Math.PI * rising) / fade)) : h;
  });
}
