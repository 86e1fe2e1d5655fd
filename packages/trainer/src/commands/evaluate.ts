/** `pnpm evaluate`: how far a render, or a model's free run, is from the recording it should sound like. */
import { basename } from "node:path";
import { type Judgement, UserError } from "@neural-string/shared";
import { type Recording, readRecording } from "../audio/read-recording.ts";
import { loadCore } from "../core-build.ts";
import { compareSounds, defaultSkip, judge, renderAfter } from "../judge.ts";
import { type PassiveSoak, soakPassive } from "../measure/passive-soak.ts";
import { type SoakVerdict, soakVerdict } from "../measure/soak.ts";
import { estimateF0 } from "../note/f0.ts";
import { findOnset } from "../note/onset.ts";
import { bindPassive, isPassive } from "../passive-file.ts";
import { pathOf } from "../sources.ts";
import { openModel } from "../string-model.ts";
import { playString } from "../string-player.ts";
import type { Terminal } from "../terminal.ts";
import { tellJudgement } from "../train/conclude.ts";
import { describeSoak } from "./describe-soak.ts";

export interface EvaluateRequest {
  model?: string;
  render?: string;
  target: string;
  skip?: number;
  seconds: number;
  f0?: number;
  channel: number;
  tune: "none" | "auto";
  soak: boolean;
}

const SOAK_SECONDS = 60;

/** Measure and print. @throws UserError */
export async function evaluate(request: EvaluateRequest, terminal: Terminal): Promise<number> {
  if ((request.model === undefined) === (request.render === undefined)) {
    throw new UserError("evaluate: expected either --model F or --render R.wav, and one of them only");
  }
  const { judgement, soak } =
    request.model === undefined
      ? await judgeRender(request, terminal)
      : await judgeModel(request, request.model, terminal);
  tellJudgement(judgement, terminal);
  if (soak) terminal.say(describeSoak(soak, SOAK_SECONDS));
  terminal.emit({ type: "evaluation", ...judgement, soak });
  return 0;
}

async function judgeModel(
  request: EvaluateRequest,
  path: string,
  terminal: Terminal,
): Promise<{ judgement: Judgement; soak: SoakVerdict | PassiveSoak | null }> {
  const file = openModel(path);
  const { sampleRate } = file.header;
  const recording = await readTarget(request, terminal, sampleRate);
  const core = loadCore();
  const tune = request.tune === "auto";
  const { judgement } = judge(
    core,
    file,
    { ...recording, f0: request.f0 ?? recording.f0 },
    {
      skip: request.skip ?? null,
      seconds: request.seconds,
      tune,
      seenInTraining:
        file.header.provenance?.recordings?.some(({ sha256 }) => sha256 === recording.contentHash) ?? false,
    },
  );
  if (!request.soak) return { judgement, soak: null };
  if (isPassive(file)) {
    const { samples, onset, f0 } = recording;
    const soak = soakPassive(
      core,
      bindPassive(file),
      { samples: samples.subarray(onset), sampleRate, f0 },
      {
        seconds: SOAK_SECONDS,
        onProgress: (done, runs) => terminal.progress(`soak: ${done} of ${runs} runs`),
      },
    );
    return { judgement, soak };
  }
  const { resonator } = playString(core, file);
  const skip = request.skip ?? defaultSkip(resonator, recording.onset);
  const long = renderAfter(resonator, recording.samples, skip, SOAK_SECONDS * sampleRate);
  return { judgement, soak: soakVerdict(long, sampleRate) };
}

async function judgeRender(
  request: EvaluateRequest,
  terminal: Terminal,
): Promise<{ judgement: Judgement; soak: null }> {
  if (request.soak) throw new UserError("--soak: expected --model, since a render cannot be run on");
  const rendered = await readRecording(pathOf(request.render as string), {
    channel: request.channel,
    mayBeBroken: true, // a string that blew up is judged, not refused
  });
  const { sampleRate } = rendered;
  for (const note of rendered.notes) terminal.warn(`${rendered.name}: ${note}`);
  const target = await readTarget(request, terminal);
  if (target.sampleRate !== sampleRate) {
    throw new UserError(
      `${rendered.name}: its sample rate is ${sampleRate} Hz, the target's ${target.sampleRate} Hz; render at the target's rate`,
    );
  }
  if (request.tune === "auto") throw new UserError("--tune auto: expected --model; a render has its pitch");
  const skip = request.skip ?? 0;
  if (skip >= target.samples.length) {
    throw new UserError(`--skip ${skip}: the target has only ${target.samples.length} samples`);
  }
  const judgement = compareSounds(rendered.samples, target.samples.subarray(skip), sampleRate, {
    recording: target.name,
    seenInTraining: null,
    skip,
    f0: request.f0 ?? target.f0,
    seconds: request.seconds,
    brokenSamples: 0,
  });
  return { judgement: { ...judgement, render: basename(request.render as string) }, soak: null };
}

async function readTarget(
  { target, channel, f0 }: EvaluateRequest,
  terminal: Terminal,
  targetSampleRate?: number,
): Promise<Recording & { onset: number; f0: number }> {
  const recording = await readRecording(pathOf(target), { channel, targetSampleRate });
  for (const note of recording.notes) terminal.warn(`${recording.name}: ${note}`);
  const { samples, sampleRate, name } = recording;
  const onset = findOnset(samples, sampleRate);
  try {
    return { ...recording, onset, f0: f0 ?? estimateF0(samples.subarray(onset), sampleRate).f0 };
  } catch (error) {
    throw error instanceof UserError ? new UserError(`${name}: ${error.message}`) : error;
  }
}
