/**
 * How close two sounds are, for tolerances and for the text of a test that fails: relative RMS in dB, and the
 * largest difference with its place.
 */
import { expect } from "vitest";

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

/** Say how close, and where not. */
function inWords(actual: ArrayLike<number>, expected: ArrayLike<number>): string {
  const { relativeDb, most, where } = closeness(actual, expected);
  return `relative RMS ${relativeDb.toFixed(1)} dB; most ${most} at ${where}: ${actual[where]} for ${expected[where]}`;
}

/** Demand that a sound is within `db` (relative RMS) of the expected. */
export function expectWithinDb(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  db: number,
  what = "",
): void {
  expect(actual.length, `${what}: length`).toBe(expected.length);
  const { relativeDb } = closeness(actual, expected);
  expect(relativeDb, `${what}: ${inWords(actual, expected)}`).toBeLessThan(db);
}

/** Demand that no sample is further than `tolerance` from the expected. */
export function expectWithin(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what = "",
): void {
  expect(actual.length, `${what}: length`).toBe(expected.length);
  const { most } = closeness(actual, expected);
  expect(most, `${what}: ${inWords(actual, expected)}`).toBeLessThanOrEqual(tolerance);
}

/** Demand the same bits (-0 is not 0, and every NaN is alike). */
export function expectSameBits(actual: ArrayLike<number>, expected: ArrayLike<number>, what = ""): void {
  expect(actual.length, `${what}: length`).toBe(expected.length);
  for (let n = 0; n < expected.length; n++) {
    if (!Object.is(actual[n], expected[n])) {
      expect.fail(`${what}: first differs at ${n}; ${inWords(actual, expected)}`);
    }
  }
}
