/** What the last touch of a training works on: the recordings up to where training ends, and how they are started. */
import type { PassiveTrainConfig } from "@neural-string/shared";
import type { Stretch } from "../../held-out.ts";
import type { StringFacts } from "../export.ts";
import type { HeardRecording } from "../listen.ts";
import type { Parameters } from "../variables.ts";
import { heardSeconds, type PlaneRecording } from "./errors.ts";
import type { PlaneWork } from "./refine.ts";

/** What a refinement works on. */
export interface PlaneSetup {
  facts: StringFacts;
  recordings: readonly PlaneRecording[];
  /** Of every recording in every round. */
  starts: number;
  /** What is heard from each (s). */
  seconds: number;
  seed: number;
}

/** Makes the work of a refinement; asynchronous, because threads must start. @param first parameters of planes */
export type PlaneWorkFactory = (setup: PlaneSetup, first: Parameters) => Promise<PlaneWork>;

/** Set it up; null where there is nothing to refine by: recordings too short, or of more than one note. */
export function planeSetup(
  facts: StringFacts,
  recordings: readonly (HeardRecording & { tuning: { f0: number } })[],
  heldOut: readonly Stretch[],
  { sequence, seed }: PassiveTrainConfig["training"],
): PlaneSetup | null {
  if (facts.controls > 0 || recordings.some(({ tuning }) => tuning !== facts.tuning)) return null;
  const heard = recordings.map(({ samples }, i) => ({
    samples: samples.subarray(0, heldOut[i].start),
    whole: samples,
  }));
  const seconds = Math.min(...heard.map(({ samples }) => heardSeconds(samples.length, facts)));
  if (seconds === 0) return null;
  return { facts, recordings: heard, starts: sequence.planes.starts, seconds, seed };
}
