/** Nothing is timed that does not sound right: what an engine makes is compared with the float64 reference first. */
import { closeness } from "../reference/closeness.ts";
import type { Contestant } from "./contestant.ts";

/** A contestant that sounds wrong; its message is one sentence. */
export class Disproved extends Error {
  override name = "Disproved";
}

/** What a contestant is held against. */
export interface Proof {
  /** Whose sound it is, for the sentence that refuses it. */
  what: string;
  /** dB, relative RMS */
  toleranceDb: number;
  expected: () => ArrayLike<number>;
}

/**
 * Compare a contestant with the reference.
 * @returns its distance (dB, relative RMS); -Infinity where there is none
 * @throws Disproved where it is beyond the tolerance
 */
export async function prove({ what, toleranceDb, expected }: Proof, contestant: Contestant): Promise<number> {
  const reference = expected();
  // silence, or what is not a number, would prove anything or nothing
  const power = Array.from(reference).reduce((sum, x) => sum + x * x, 0);
  if (!(power > 0 && Number.isFinite(power))) {
    throw new Disproved(`${what}: its reference is silent or not finite; not timed`);
  }
  const actual = await contestant.prove();
  if (actual.length !== reference.length) {
    throw new Disproved(
      `${what}: made ${actual.length} samples where ${reference.length} are expected; not timed`,
    );
  }
  const { relativeDb, where } = closeness(actual, reference);
  if (relativeDb <= toleranceDb) return relativeDb;
  throw new Disproved(
    `${what}: ${relativeDb.toFixed(1)} dB from the float64 reference where ${toleranceDb} dB is tolerated (most at sample ${where}); not timed`,
  );
}
