/** How close two sounds are: relative RMS in dB, and the largest difference with its place. */

export interface Closeness {
  /** RMS of the difference over RMS of the expected, dB; -Infinity for equal sounds. */
  relativeDb: number;
  /** Largest absolute difference. */
  most: number;
  /** Its index. */
  where: number;
}

/** Compare two sounds of one length; a NaN on one side only is an infinite difference. */
export function closeness(actual: ArrayLike<number>, expected: ArrayLike<number>): Closeness {
  let [error, power, most, where] = [0, 0, 0, 0];
  for (let n = 0; n < Math.max(actual.length, expected.length); n++) {
    const difference = Object.is(actual[n], expected[n]) ? 0 : Math.abs(actual[n] - expected[n]);
    const size = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
    if (size > most) [most, where] = [size, n];
    error += size * size;
    power += expected[n] * expected[n];
  }
  return { relativeDb: error === 0 ? Number.NEGATIVE_INFINITY : 10 * Math.log10(error / power), most, where };
}
