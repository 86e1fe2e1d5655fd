/** The hardest of the followed examples, with what the exported string makes of them: what ships is what is shown. */
import type { Core } from "@neural-string/core-wasm";
import type { ModelFile } from "@neural-string/shared";
import { ONE_NOTE_CENTS } from "../core/controls.ts";
import { playAs } from "../judge.ts";
import type { LossRecord } from "../loss-file.ts";
import type { ShownExample } from "../report/losses/shown-example.ts";
import { exampleLosses, worstExamples } from "../report/losses/worst.ts";
import type { SourcedRecording } from "../sources.ts";
import { playString } from "../string-player.ts";

/** By each measure; those that several name are shown once. */
const WORST = 5;
/** Periods of the recording that are drawn before and after the target. */
const PERIODS_BEFORE = 1.2;
const PERIODS_AFTER = 1;
/** Seconds that are played, before the target and after it. */
const HEARD_BEFORE = 0.1;
const HEARD_AFTER = 0.25;

/**
 * Choose and play them.
 * @param recordings as the record's header names them, from the onset on
 * @returns none where nothing was evaluated
 */
export function shownExamples(
  core: Core,
  file: ModelFile,
  { header, rows }: LossRecord,
  recordings: readonly SourcedRecording[],
): ShownExample[] {
  const losses = exampleLosses(rows);
  if (losses === null) return [];
  return worstExamples(losses, WORST).map((worst) => {
    const recording = recordings[header.examples.recording[worst.example]];
    return { ...worst, ...lookAt(core, file, recording, header.examples.sample[worst.example]) };
  });
}

function lookAt(core: Core, file: ModelFile, recording: SourcedRecording, sample: number) {
  const { samples, sampleRate, f0 } = recording;
  const isFar = Math.abs(1200 * Math.log2(f0 / file.header.f0)) > ONE_NOTE_CENTS;
  return core.temporarily(() => {
    const string = playString(core, file, isFar ? f0 : undefined);
    const { model, resonator } = string;
    playAs(string, file, recording);
    const delays = model.kind === "classic" ? model.delays : null;
    resonator.excite(samples.subarray(0, sample), { removeOffset: model.kind === "passive" });
    const period = sampleRate / f0;
    const predicted = new Float32Array(Math.round(PERIODS_AFTER * period));
    resonator.process(predicted);
    // all taps are to be seen
    const before = Math.max(Math.round(PERIODS_BEFORE * period), ...(delays ?? []));
    const from = Math.max(0, sample - before);
    const heardFrom = Math.max(0, sample - Math.round(HEARD_BEFORE * sampleRate));
    return {
      recorded: samples.slice(from, sample + predicted.length),
      target: sample - from,
      delays: delays?.slice() ?? null,
      predicted,
      sound: samples.slice(heardFrom, sample + Math.round(HEARD_AFTER * sampleRate)),
      sampleRate,
    };
  });
}
