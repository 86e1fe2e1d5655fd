/** Which numbers a string takes from outside: the same bound for a past, a control, a feature and a weight. */

/** Nothing that sounds, and nothing that anything was learned for, is larger; the core's own limit (assembly/lanes.ts). */
const LARGEST = 1e15;

/** False for what is not finite, or beyond 1e15. */
export function isKnown(value: number): boolean {
  return Math.abs(value) <= LARGEST;
}

/** A control, feature or weight as a string takes it: NaN, which is heard as silence and counted, if it is none. */
export function known(value: number): number {
  return isKnown(value) ? value : Number.NaN;
}
