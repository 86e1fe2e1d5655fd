/** `pnpm render`: let a model run on its own after a recording's first samples, into a 32-bit float WAV. */
import { basename } from "node:path";
import { GUARD_HEADROOM, Resonator, type StringModel } from "@neural-string/core-wasm";
import { UserError } from "@neural-string/shared";
import { readRecording } from "../audio/read-recording.ts";
import { encodeWav } from "../audio/wav.ts";
import { loadCore } from "../core-build.ts";
import { writeWhole } from "../files.ts";
import { defaultSkip, renderAfter } from "../judge.ts";
import { findOnset } from "../note/onset.ts";
import { CHECK_TOLERANCE_DB, checkDeviationDb } from "../string-check.ts";
import { openModel, playableModel } from "../string-model.ts";
import { short, type Terminal } from "../terminal.ts";

export interface RenderRequest {
  model: string;
  init?: string;
  initSamples?: number;
  seconds: number;
  f0?: number;
  channel: number;
  guard: boolean;
  /** Each "index=value". */
  control: string[];
  /** Each "kind=value" or "kind=live". */
  feature: string[];
  out: string;
}

/** Render to a file. @throws UserError */
export async function render(request: RenderRequest, terminal: Terminal): Promise<number> {
  const file = openModel(request.model);
  const { sampleRate } = file.header;
  const core = loadCore();
  const model = playableModel(file, request.f0);
  const deviationDb = checkDeviationDb(core, file);
  if (deviationDb !== null && deviationDb > CHECK_TOLERANCE_DB) {
    terminal.warn(
      `${basename(request.model)}: it does not play the sound it was exported with (${deviationDb.toFixed(0)} dB of it): its weights were changed, or this player differs`,
    );
  }
  const resonator = new Resonator(core, model);
  applySettings(resonator, model, request);
  if (request.init === undefined) {
    throw new UserError(
      `${basename(request.model)}: a classic string stores no excitation; give it a recording's first samples with --init W.wav`,
    );
  }
  const recording = await readRecording(request.init, {
    channel: request.channel,
    targetSampleRate: sampleRate,
  });
  for (const note of recording.notes) terminal.warn(`${recording.name}: ${note}`);
  const { samples } = recording;
  const broken = samples.findIndex((x) => !Number.isFinite(x));
  if (broken >= 0)
    throw new UserError(`${recording.name}: sample ${broken} is not a number; export the file again`);
  const skip = request.initSamples ?? defaultSkip(resonator, findOnset(samples, sampleRate));
  const frames = Math.round(request.seconds * sampleRate);
  const sound = renderAfter(resonator, samples, skip, frames, request.guard ? GUARD_HEADROOM : 0);
  writeWhole(request.out, encodeWav(sound, sampleRate));

  const { guardReport, brokenSamples } = resonator;
  terminal.say(
    `${request.out}: ${short(request.seconds)} s at ${sampleRate} Hz; its first sample is sample ${skip} of ${recording.name}`,
  );
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
    f0: model.f0,
    brokenSamples,
    guard: request.guard ? guardReport : null,
  });
  return 0;
}

/** Set controls and features as asked; what is not mentioned stays 0. */
export function applySettings(
  resonator: Resonator,
  model: StringModel,
  { control, feature }: Pick<RenderRequest, "control" | "feature">,
): void {
  for (const text of control) {
    const [, index, value] = /^(\d+)=(.+)$/.exec(text) ?? [];
    const number = Number(value);
    if (index === undefined || !Number.isFinite(number)) {
      throw new UserError(`--control ${text}: expected index=number, for example 0=0.5`);
    }
    if (Number(index) >= model.controls) {
      throw new UserError(`--control ${text}: the model has ${model.controls} controls, counted from 0`);
    }
    resonator.setControl(Number(index), number);
  }
  for (const text of feature) {
    const [, kind, value] = /^(\w+)=(.+)$/.exec(text) ?? [];
    if (kind === undefined || (value !== "live" && !Number.isFinite(Number(value)))) {
      throw new UserError(`--feature ${text}: expected kind=number or kind=live, for example decay=0.3`);
    }
    const matching = model.features.flatMap((f, i) => (f.kind === kind ? [i] : []));
    if (matching.length === 0) {
      const kinds = [...new Set(model.features.map((f) => f.kind))].join(", ") || "none";
      throw new UserError(`--feature ${text}: the model has no such feature; it has ${kinds}`);
    }
    for (const index of matching) {
      if (value !== "live") resonator.setFeature(index, Number(value));
      else if (model.features[index].mean === null) {
        throw new UserError(
          `--feature ${text}: the model does not know the feature's mean, so it cannot run live; give a number from -1 to 1`,
        );
      } else resonator.setFeatureLive(index);
    }
  }
}
