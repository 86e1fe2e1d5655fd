/**
 * The last touch of a passive string: its loops become parallel planes, and the few hundred numbers that the first
 * partials hang on are solved for, by what a listener would hear. A gradient of short spectra cannot see the slow
 * beating of two planes; energy over five seconds can (docs/LOG.md, 2026-11-25).
 */
import type { Parameters } from "../variables.ts";
import { improve } from "./levenberg-marquardt.ts";

/** The errors of many points, over however many threads; the same bits with any number of them. */
export interface PlaneWork {
  readonly unknowns: number;
  /** Begin a round. */
  begin(parameters: Parameters, round: number): void;
  /** Errors of each point; one call at a time. */
  errors(points: readonly Float64Array[]): Float64Array[] | Promise<Float64Array[]>;
  /** Parameters, moved. */
  kept(steps: Float64Array): Parameters;
  dispose(): void;
}

/** Where a refinement stands; what a checkpoint keeps of it beside the parameters. */
export interface Refinement {
  rounds: number;
  damping: number;
}

export const FRESH: Refinement = { rounds: 0, damping: 1 };

/** Points between two looks at the outside. */
const AT_ONCE = 16;

/** The outside asked to end; what the round has found so far is dropped. */
export class Ended extends Error {}

/**
 * One round.
 * @param pause lets the outside act; returns whether to end
 * @returns the parameters after it, where it stands, and the root of the mean error before and after
 * @throws Ended
 */
export async function refineRound(
  work: PlaneWork,
  parameters: Parameters,
  { rounds, damping }: Refinement,
  pause: () => Promise<boolean>,
): Promise<{ parameters: Parameters; refinement: Refinement; before: number; after: number }> {
  work.begin(parameters, rounds);
  const residuals = async (points: readonly Float64Array[]) => {
    const all: Float64Array[] = [];
    for (let i = 0; i < points.length; i += AT_ONCE) {
      all.push(...(await work.errors(points.slice(i, i + AT_ONCE))));
      if (await pause()) throw new Ended();
    }
    return all;
  };
  const found = await improve(residuals, work.unknowns, damping);
  return {
    parameters: work.kept(found.step),
    // as a checkpoint keeps it, so that a resumed round has the same bits
    refinement: { rounds: rounds + 1, damping: Math.fround(found.damping) },
    before: Math.sqrt(found.before),
    after: Math.sqrt(found.after),
  };
}

/** How many rounds so many steps are followed by, where the config does not say: a quick try has none. */
export function roundsFor(steps: number): number {
  return Math.min(MOST_ROUNDS, Math.floor(steps / STEPS_PER_ROUND));
}

const MOST_ROUNDS = 4;
const STEPS_PER_ROUND = 300;
