/** What may be asked of a string while it plays, checked in one place for everything that plays one. */

/** Cents that a string can be bent, either way. */
export const MOST_BEND_CENTS = 200;

/** @throws RangeError for what is no time to decay in */
export function checkT60(t60: number): void {
  if (!(t60 > 0)) throw new RangeError(`t60: expected a number above 0 (s), or Infinity, got ${t60}`);
}

/** @throws RangeError for more than a string can be bent */
export function checkBend(cents: number): void {
  if (!(Math.abs(cents) <= MOST_BEND_CENTS)) {
    throw new RangeError(`cents: expected -${MOST_BEND_CENTS} to ${MOST_BEND_CENTS}, got ${cents}`);
  }
}
