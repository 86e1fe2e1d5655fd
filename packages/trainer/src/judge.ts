/**
 * Renders a string from a recording's first samples and judges it against the rest: what ships is what is scored.
 * Used at the end of training and by `pnpm evaluate` and `pnpm render`.
 */
import type { ClassicModel, Core, ExciteOptions, Resonator } from "@neural-string/core-wasm";
import { type Judgement, type ModelFile, type ModelHeader, UserError } from "@neural-string/shared";
import { controlValues, ONE_NOTE_CENTS, startLevelDb } from "./core/controls.ts";
import { checkNote, compare } from "./measure/comparison.ts";
import { measureRender } from "./measure/metrics.ts";
import { namedFailures, verdicts } from "./measure/verdicts.ts";
import { type PlayedString, playString, tuneToHistory } from "./string-player.ts";

/** What to judge against: a whole recording, its samples counted from the start of its file. */
export interface JudgedRecording {
  name: string;
  samples: Float32Array;
  onset: number;
  f0: number;
}

/** Samples that a string wants of a recording, and the fewest it can do with: a resonator is one of these. */
export type Histories = Pick<Resonator, "wantedHistory" | "leastHistory">;

export interface Judged {
  judgement: Judgement;
  /** From sample `skip` of the recording on. */
  render: Float32Array;
  /** From the same instant on, to the recording's end: its tail tells its noise. */
  target: Float32Array;
  /** A mixture's weights, once a hop: [hops, filters]; empty without a mixture. */
  weights: Float32Array;
}

/** Samples of a recording that excite a string, if nobody says otherwise: from the onset, as many as it wants. */
export function defaultSkip(resonator: Resonator, onset: number): number {
  return onset + resonator.wantedHistory;
}

export interface RenderOptions extends ExciteOptions {
  /** First sample of the note: with `heardCents`, what comes before it is not listened to. Default 0. */
  onset?: number;
  /** Called once a hop (samples) while it renders. */
  watch?: { hop: number; look: () => void };
}

/**
 * Let a string run on its own after a recording's first samples.
 * @param samples f32, from the start of the file
 * @param skip how many of them excite it
 * @throws UserError where they are too few
 */
export function renderAfter(
  resonator: Resonator,
  samples: Float32Array,
  skip: number,
  frames: number,
  { onset = 0, watch, ...excite }: RenderOptions = {},
): Float32Array {
  checkSkip(skip, resonator.leastHistory, samples.length);
  const from = excite.heardCents === undefined ? 0 : Math.min(onset, skip - resonator.leastHistory);
  resonator.excite(samples.subarray(from, skip), { removeOffset: true, ...excite });
  const render = new Float32Array(frames);
  const step = watch?.hop ?? frames;
  for (let at = 0; at < frames; at += step) {
    resonator.process(render.subarray(at, Math.min(at + step, frames)));
    watch?.look();
  }
  return render;
}

/**
 * Check that a recording can judge, before hours of training go by.
 * @throws UserError, naming it
 */
export function checkJudge(
  { name, samples, onset, f0 }: JudgedRecording,
  sampleRate: number,
  { wantedHistory, leastHistory }: Histories,
  { skip, seconds }: { skip: number | null; seconds: number },
): void {
  const start = skip ?? onset + wantedHistory;
  try {
    checkSkip(start, leastHistory, samples.length);
    checkNote(sampleRate, f0);
    const target = samples.subarray(start);
    compare(target, target, sampleRate, seconds * sampleRate);
  } catch (error) {
    throw error instanceof UserError ? new UserError(`judge ${name}: ${error.message}`) : error;
  }
}

/** Check that a recording has the samples that are to excite a string. @throws UserError where it has not */
export function checkSkip(skip: number, leastHistory: number, length: number): void {
  if (skip >= leastHistory && skip <= length) return;
  if (length < leastHistory) {
    throw new UserError(
      `recording: expected ${leastHistory} samples or more (the string's longest delay), got ${length}; give a longer one`,
    );
  }
  throw new UserError(
    `initial samples: expected ${leastHistory} (the longest delay) to ${length} (the recording), got ${skip}`,
  );
}

export interface JudgeOptions {
  /** null = from the onset, as many samples as the model wants. */
  skip: number | null;
  seconds: number;
  seenInTraining: boolean;
  /** Whether a passive string is tuned to the samples that excite it. */
  tune: boolean;
}

/**
 * Judge a model on a recording.
 * @throws UserError where the recording is too short to compare
 */
export function judge(
  core: Core,
  file: ModelFile,
  recording: JudgedRecording,
  options: JudgeOptions,
): Judged {
  const { skip, seconds, seenInTraining, tune } = options;
  const isFar = Math.abs(1200 * Math.log2(recording.f0 / file.header.f0)) > ONE_NOTE_CENTS;
  const string = playString(core, file, isFar ? recording.f0 : undefined);
  const { resonator, model } = string;
  const { onset, samples, name } = recording;
  const start = skip ?? defaultSkip(resonator, onset);
  const history = samples.subarray(Math.min(onset, start), start);
  playAs(string, file, recording);
  const heardCents = tune && !isFar ? tuneToHistory(string, history).heardCents : undefined;
  const { sampleRate } = model;
  const frames = Math.max(0, Math.min(Math.round(seconds * sampleRate), samples.length - start));
  const hop = model.kind === "passive" ? model.mixture?.hop : undefined;
  const weights: number[] = [];
  const look = () => weights.push(...resonator.mixtureWeights());
  const watch = hop === undefined ? undefined : { hop, look };
  const render = renderAfter(resonator, samples, start, frames, { heardCents, onset, watch });
  // the target runs on past the render: its end tells its noise
  const target = samples.subarray(start);
  const judgement = compareSounds(render, target, sampleRate, {
    recording: name,
    seenInTraining,
    skip: start,
    f0: recording.f0,
    seconds,
    brokenSamples: resonator.brokenSamples,
    kind: model.kind,
  });
  return { judgement, render, target, weights: Float32Array.from(weights) };
}

/** Set a classic string's controls to what they were in training for such a note. */
export function playAs(
  { resonator, f0: played }: PlayedString,
  { header }: ModelFile,
  { samples, onset }: Pick<JudgedRecording, "samples" | "onset">,
): void {
  if (header.kind !== "classic" || header.controlMeanings === undefined) return;
  const startDb = startLevelDb(samples.subarray(onset), header.sampleRate, played);
  controlValues(header.controlMeanings, { f0: played, startDb }, header.f0).forEach((value, i) => {
    resonator.setControl(i, value);
  });
}

/** What is known of a comparison beside its two sounds. */
export type Compared = Pick<Judgement, "recording" | "seenInTraining" | "skip" | "f0" | "brokenSamples"> & {
  /** Seconds to compare at most. */
  seconds: number;
  /** Of the string, where it is known. */
  kind?: ModelHeader["kind"];
};

/**
 * Measure a render, and say in words what was measured.
 * @param render [samples]
 * @param target [samples] from the same instant to the recording's end
 * @throws UserError as `measureRender` does
 */
export function compareSounds(
  render: Float32Array,
  target: Float32Array,
  sampleRate: number,
  { seconds, kind, ...known }: Compared,
): Judgement {
  const metrics = measureRender(render, target, sampleRate, { f0: known.f0, seconds });
  return {
    ...known,
    render: null,
    metrics,
    verdicts: verdicts(metrics),
    failures: namedFailures(metrics, render, target, sampleRate, kind).map((failure) => ({
      ...failure,
      causes: [...failure.causes],
    })),
  };
}

/** The textbook string at the same pitch, for comparison: the average of the two samples one period ago. */
export function plainKarplusStrong(sampleRate: number, f0: number): ClassicModel {
  const tapPattern = [{ periodFraction: 1, before: 0, after: 1 }];
  const period = Math.floor(sampleRate / f0);
  return {
    kind: "classic",
    sampleRate,
    f0,
    tapPattern,
    delays: Int32Array.of(period, period + 1),
    controls: 0,
    features: [],
    layers: [{ inputs: 2, units: 1, activation: "linear", weight: Float32Array.of(0.5, 0.5), bias: null }],
  };
}
