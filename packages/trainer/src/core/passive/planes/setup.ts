/** What the last touch of a training works on: the recordings up to where training ends, and how they are started. */
import type { PassiveTrainConfig } from "@neural-string/shared";
import type { StringFacts } from "../export.ts";
import type { Material } from "../material.ts";
import type { Tuning } from "../tuning.ts";
import type { Parameters } from "../variables.ts";
import type { PlaneWork } from "./refine.ts";

/** What is heard at a time (s), and the shortest that is worth it. */
const SECONDS = 5;
const LEAST_SECONDS = 1;
/** The latest start after the onset (s): later the string has forgotten how it was plucked. */
export const LATEST_START = 0.3;

/** A recording to be compared with. */
export interface PlaneRecording {
  /** From the onset on, to where training ends. */
  samples: Float32Array;
  /** The part at whose end its noise is read; begins with `samples`. */
  noisePart: Float32Array;
}

/** What a refinement works on. */
export interface PlaneSetup {
  facts: StringFacts;
  recordings: readonly PlaneRecording[];
  /** Of every recording in every round. */
  starts: number;
  /** What is heard from each (s). */
  seconds: number;
  /** Each is made louder or softer by up to this (dB). */
  levelDb: number;
  seed: number;
}

/** Makes the work of a refinement; asynchronous, because threads must start. @param first parameters of planes */
export type PlaneWorkFactory = (setup: PlaneSetup, first: Parameters) => Promise<PlaneWork>;

/** Set it up; null where there is nothing to refine by: recordings too short, or of more than one note. */
export function planeSetup(
  facts: StringFacts,
  tunings: readonly Tuning[],
  material: Material,
  { sequence, seed }: PassiveTrainConfig["training"],
): PlaneSetup | null {
  if (facts.controls > 0 || tunings.some((tuning) => tuning !== facts.tuning)) return null;
  const recordings = tunings.map((_, i) => ({
    samples: material.learnedPart(i),
    noisePart: material.noisePart(i),
  }));
  const shortest = Math.min(...recordings.map(({ samples }) => samples.length)) / facts.tuning.sampleRate;
  const seconds = Math.min(SECONDS, shortest - LATEST_START);
  if (seconds < LEAST_SECONDS) return null;
  const { levelDb, planes } = sequence;
  return { facts, recordings, starts: planes.starts, seconds, levelDb, seed };
}
