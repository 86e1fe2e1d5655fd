/**
 * `pnpm render`: let a model run on its own, after a recording's first samples or from its own pluck, into a 32-bit
 * float WAV.
 */
import { basename } from "node:path";
import { type Core, GUARD_HEADROOM, pluckLevels } from "@neural-string/core-wasm";
import { type ModelHeader, UserError } from "@neural-string/shared";
import { readRecording } from "../audio/read-recording.ts";
import { encodeWav } from "../audio/wav.ts";
import { startLevelDb } from "../core/controls.ts";
import { loadCore } from "../core-build.ts";
import { writeWhole } from "../files.ts";
import { checkSkip, defaultSkip, renderAfter } from "../judge.ts";
import { findOnset } from "../note/onset.ts";
import { checkOutput } from "../output-file.ts";
import { applySettings } from "../play-settings.ts";
import { pathOf } from "../sources.ts";
import { CHECK_TOLERANCE_DB, checkDeviationDb } from "../string-check.ts";
import { openModel } from "../string-model.ts";
import { type PlayedString, playString, tuneToHistory } from "../string-player.ts";
import { line, short, type Terminal } from "../terminal.ts";

export interface RenderRequest {
  model: string;
  init?: string;
  initSamples?: number;
  /** Index of the model's own excitations, played where there is no recording. */
  excitation: number;
  seconds: number;
  f0?: number;
  tune: "none" | "auto";
  channel: number;
  guard: boolean;
  /** As `PlaySettings`. */
  control: string[];
  feature: string[];
  out: string;
}

/** Render to a file. @throws UserError */
export async function render(request: RenderRequest, terminal: Terminal): Promise<number> {
  checkOptions(request);
  checkOutput(request.out, [request.model, request.init]);
  const file = openModel(request.model);
  const { sampleRate } = file.header;
  const core = loadCore();
  const deviationDb = checkDeviationDb(core, file);
  if (deviationDb !== null && deviationDb > CHECK_TOLERANCE_DB) {
    terminal.warn(
      `${basename(request.model)}: it does not play the sound it was exported with (${deviationDb.toFixed(0)} dB of it): its weights were changed, or this player differs`,
    );
  }
  const string = playString(core, file, request.f0);
  const frames = Math.round(request.seconds * sampleRate);
  const { sound, skip, from } =
    request.init === undefined
      ? pluck(core, string, file.header, request, frames)
      : await goOn(string, file.header, request.init, request, frames, terminal);
  writeWhole(request.out, encodeWav(sound, sampleRate));

  const { guardReport, brokenSamples } = string.resonator;
  terminal.say(`${line(request.out)}: ${short(request.seconds)} s at ${sampleRate} Hz; ${line(from)}`);
  if (brokenSamples > 0) {
    terminal.warn(
      `${brokenSamples} samples were not finite and became silence: the loop blew up; try --guard`,
    );
  }
  if (guardReport.interventions > 0) {
    terminal.warn(
      `the energy guard acted on ${guardReport.interventions} blocks (smallest gain ${short(guardReport.smallestGain)}): this network is not stable by itself`,
    );
  }
  terminal.emit({
    type: "render",
    out: request.out,
    sampleRate,
    frames,
    skip,
    f0: string.f0,
    brokenSamples,
    guard: request.guard ? guardReport : null,
  });
  return 0;
}

/** Options that go with --init, or without it. @throws UserError for one that would change nothing */
function checkOptions({ init, initSamples, channel, excitation }: RenderRequest): void {
  if (init !== undefined && excitation !== 0) {
    throw new UserError(`--excitation ${excitation}: expected no --init beside it; leave one out`);
  }
  if (init !== undefined) return;
  for (const [name, given] of [
    ["--init-samples", initSamples !== undefined],
    ["--channel", channel !== 0],
  ] as const) {
    if (given) throw new UserError(`${name}: expected --init beside it, a recording to read; give one`);
  }
}

/** From the model's own pluck. */
function pluck(
  core: Core,
  string: PlayedString,
  header: ModelHeader,
  request: RenderRequest,
  frames: number,
) {
  const { resonator, model } = string;
  applySettings(string, header, request, null);
  if (model.kind !== "passive") {
    throw new UserError(
      `${basename(request.model)}: a classic string stores no excitation; give it a recording's first samples with --init W.wav`,
    );
  }
  if (request.tune === "auto") {
    throw new UserError("--tune auto: expected --init W.wav, a recording to tune to; give one, or --f0");
  }
  const { excitations } = model;
  const chosen = excitations[request.excitation];
  if (chosen === undefined) {
    throw new UserError(
      `--excitation ${request.excitation}: the model has ${excitations.length} of them, counted from 0; give --init W.wav, or one of these`,
    );
  }
  const controls = request.control.length > 0;
  resonator.pluck(request.excitation, {
    level: pluckLevels(core, model, { f0: string.f0 })[request.excitation],
    ...(request.guard ? { guardHeadroom: GUARD_HEADROOM } : {}),
  });
  // a pluck brings the controls it was recorded with; those given here stand
  if (controls) applySettings(string, header, { control: request.control, feature: [] }, null);
  const sound = new Float32Array(frames);
  resonator.process(sound);
  return { sound, skip: 0, from: `plucked as ${chosen.name} was` };
}

/** After a recording's first samples. */
async function goOn(
  string: PlayedString,
  header: ModelHeader,
  init: string,
  request: RenderRequest,
  frames: number,
  terminal: Terminal,
) {
  const { sampleRate } = string.model;
  if (request.tune === "auto" && request.f0 !== undefined) {
    throw new UserError("--tune auto: expected no --f0 beside it; leave one out");
  }
  const recording = await readRecording(pathOf(init), {
    channel: request.channel,
    targetSampleRate: sampleRate,
  });
  for (const note of recording.notes) terminal.warn(`${recording.name}: ${note}`);
  const { samples } = recording;
  const onset = findOnset(samples, sampleRate);
  applySettings(string, header, request, startLevelDb(samples.subarray(onset), sampleRate, string.f0));
  const skip = request.initSamples ?? defaultSkip(string.resonator, onset);
  checkSkip(skip, string.resonator.leastHistory, samples.length);
  if (samples.subarray(0, skip).every((x) => x === 0)) {
    throw new UserError(
      `${recording.name}: expected sound in its first ${skip} samples, which excite the string, got silence; give a recording that begins with the note, or more --init-samples`,
    );
  }
  const tuned =
    request.tune === "auto"
      ? tuneToHistory(string, samples.subarray(Math.min(onset, skip), skip))
      : undefined;
  const sound = renderAfter(string.resonator, samples, skip, frames, {
    guardHeadroom: request.guard ? GUARD_HEADROOM : 0,
    heardCents: tuned?.heardCents,
    onset,
  });
  if (tuned) {
    string.f0 = tuned.f0;
    terminal.say(`tuned to ${tuned.f0.toFixed(2)} Hz, ${tuned.cents.toFixed(1)} cents from the model`);
  }
  return { sound, skip, from: `its first sample is sample ${skip} of ${recording.name}` };
}
