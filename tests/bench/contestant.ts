/**
 * What takes part in the benchmark: a workload, and each engine's version of it. Whoever takes part first proves that
 * it makes the right sound; `parity.ts` refuses it otherwise, so nothing wrong is ever timed.
 */
import type { Engine, WorkloadName } from "./schema.ts";

/** One engine's version of one workload. */
export interface Contestant {
  /** Samples that one run makes. */
  samples: number;
  /** Make them. What comes out must be used (`consume`), so that no compiler leaves it out. */
  run(): void | Promise<void>;
  /** Go back to where the sound is at its liveliest; called before each round, not timed. */
  rewind?(): void;
  /**
   * Whether what it makes has fallen silent: strings sleep through silence, so a turn that ends in it would have timed
   * sleep. Left out where nothing falls silent, or silence is what is to be timed.
   */
  isSilent?(): boolean;
  /** Make what the workload's reference makes; called before anything is timed. */
  prove(): ArrayLike<number> | Promise<ArrayLike<number>>;
  /** Give back threads, processes and memory. */
  dispose?(): void;
}

/** Something to be computed, and who can. */
export interface Workload {
  name: WorkloadName;
  /** Multiply-adds per sample in the plainest form; 0 where nothing is multiplied. */
  macPerSample: number;
  /** What an engine's output may differ from the reference's (dB, relative RMS). */
  toleranceDb: number;
  /** float64, computed once. */
  expected(): ArrayLike<number>;
  /** The engines that have it. @throws Absent where one is not here */
  engines: Partial<Record<Engine, () => Contestant | Promise<Contestant>>>;
}

/** An engine that this machine has not; its message is one clear sentence. */
export class Absent extends Error {
  override name = "Absent";
}

let sink = 0;

/** Use a number, so that what made it has to be computed. */
export function consume(value: number): void {
  sink += value;
}

/** What was consumed; printed nowhere, but a compiler cannot know. */
export function consumed(): number {
  return sink;
}

/** Compute something once, when it is first asked for. */
export function once<Value>(make: () => Value): () => Value {
  let made: { value: Value } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
