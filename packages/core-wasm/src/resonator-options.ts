/** How a string is set up and started: the options of `Resonator`. */
import type { PassiveOptions } from "./passive-voice.ts";

/** The energy guard's default: four times the energy of the loudest period that excited the string, 6 dB. */
export const GUARD_HEADROOM = 4;

export interface ExciteOptions {
  /**
   * Ratio of energies the energy guard allows over the loudest period of the past (of a passive string: and what its
   * second loop may yet add to that); 0 switches it off. Default 0.
   */
  guardHeadroom?: number;
  /**
   * Passive strings: cents from the model's pitch to the past's, as `estimatePitch` heard it. Given it, what the
   * second loop holds is estimated from all of the past (which should begin at the onset) at that pitch; a past
   * shorter than `wantedHistory` is continued backwards as without it.
   */
  heardCents?: number;
  /**
   * Passive strings, for pasts recorded near a pluck: take out what would go round the loop at 0 Hz (past-offset.ts).
   * Default false: the past is taken as it is. A classic network's offset is its own affair.
   */
  removeOffset?: boolean;
}

export interface ResumeOptions extends Pick<ExciteOptions, "guardHeadroom"> {
  /** Parallel loops: what the second is yet to hear of what drove the first (`estimateState`); default nothing. */
  coming?: Float32Array;
}

export interface PluckOptions {
  /** Factor on the excitation; default 1. */
  level?: number;
  /**
   * Ratio of energies the energy guard allows over the most that the loops could gather from the excitation in one
   * period; 0 switches it off. Default: as it was.
   */
  guardHeadroom?: number;
}

/** How a string is set up; only passive ones can be tuned. */
export type ResonatorOptions = PassiveOptions;
