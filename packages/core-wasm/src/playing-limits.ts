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

/** @throws RangeError for what is no ratio: NaN would switch the guard off, and nobody would know */
export function checkHeadroom(guardHeadroom: number): void {
  if (!(guardHeadroom >= 0 && guardHeadroom < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`guardHeadroom: expected 0 (off) or a ratio above it, got ${guardHeadroom}`);
  }
}

/** Times its own stiffness (B) that a string can be given; more asks for taps that its filters do not have. */
export const MOST_STIFFNESS = 4;

/** @throws RangeError for more than a string can be stiffened */
export function checkStiffness(stiffness: number): void {
  if (!(stiffness >= 0 && stiffness <= MOST_STIFFNESS)) {
    throw new RangeError(`stiffness: expected 0 to ${MOST_STIFFNESS}, got ${stiffness}`);
  }
}

/** How a note is plucked, where not as it was recorded. */
export interface PluckShape {
  /** Share of the string from the bridge, above 0 and up to a half. */
  position?: number;
  /** Hz, of the one-pole low pass that a soft finger is. */
  cutoff?: number;
}

/** @throws RangeError for a pluck that cannot be */
export function checkPluck({ position, cutoff }: PluckShape): void {
  if (position !== undefined && !(position > 0 && position <= 0.5)) {
    throw new RangeError(`position: expected above 0 and up to 0.5 (share of the string), got ${position}`);
  }
  if (cutoff !== undefined && !(cutoff > 0)) {
    throw new RangeError(`cutoff: expected a number above 0 (Hz), got ${cutoff}`);
  }
}

/** @throws RangeError for a mix out of range */
export function checkPolarisation(mix: number): void {
  if (!(mix >= -1 && mix <= 1)) throw new RangeError(`polarisation: expected -1 to 1, got ${mix}`);
}
