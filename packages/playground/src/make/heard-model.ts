/** How a model sounds beside a recording that it was trained on, as `pnpm train` would judge and draw it. */
import type { Core } from "@neural-string/core-wasm";
import { type ModelFile, UserError } from "@neural-string/shared";
import type { LearnedNote } from "@neural-string/trainer/core/passive/prepare";
import { type Judged, judge } from "@neural-string/trainer/judge";
import { reliefMaps } from "@neural-string/trainer/report/sound-plots";
import type { TrainedModel } from "./training-messages.ts";

/** Longest stretch that is compared (s). */
const SECONDS = 5;

/** Play a model after a note's first samples, and compare; nulls where the note is too short for it. */
export function heardModel(
  core: Core,
  file: ModelFile,
  { name, samples, f0 }: LearnedNote,
): Pick<TrainedModel, "metrics" | "edrSurface" | "sounds"> {
  const { sampleRate } = file.header;
  const judged = judgedOrNone(core, file, { name, samples, f0, onset: 0 });
  if (judged === null) return { metrics: null, edrSurface: null, sounds: null };
  const { judgement, render, target } = judged;
  const { edrDb, edcDb, lsdDb, partialDb, cents, seconds } = judgement.metrics;
  const length = Math.min(target.length, render.length, Math.round(seconds * sampleRate));
  const [x, y] = [target, render].map((sound) => Float64Array.from(sound.subarray(0, length)));
  return {
    metrics: { edr: edrDb, edc: edcDb, lsd: lsdDb, partials: partialDb, cents },
    edrSurface: reliefMaps({ target, sampleRate }, judgement, x, y),
    sounds: { target: target.slice(0, length), render: render.slice(0, length), sampleRate },
  };
}

function judgedOrNone(core: Core, file: ModelFile, recording: Parameters<typeof judge>[2]): Judged | null {
  try {
    const options = { skip: null, seconds: SECONDS, seenInTraining: true, tune: false };
    return core.temporarily(() => judge(core, file, recording, options));
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}
