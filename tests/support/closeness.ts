/** Demands that sounds are close to what is expected; a test that fails says how far they are, and where. */
import { expect } from "vitest";
import { closeness } from "../reference/closeness.ts";

export { closeness };

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
