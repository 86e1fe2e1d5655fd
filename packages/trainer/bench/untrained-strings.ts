/**
 * Strings that are not trained, for `ablation.ts` to set beside those that are: least squares, textbook calibration,
 * plain Karplus-Strong; and no string at all, the other recordings themselves. The first two are as large as the passive
 * string that the same recordings would train.
 */
import { type ClassicModel, type Core, Resonator } from "@neural-string/core-wasm";
import {
  type Judgement,
  type ModelFile,
  type PassiveTrainConfig,
  type Tensor,
  UserError,
} from "@neural-string/shared";
import { chooseBackend } from "../src/backend.ts";
import { resolveConfig } from "../src/config.ts";
import { periodicLinearPrediction } from "../src/core/passive/linear-prediction.ts";
import { stiffPhase } from "../src/core/passive/start.ts";
import { nearestDelay, type Tuning } from "../src/core/passive/tuning.ts";
import { type Parameters, startParameters } from "../src/core/passive/variables.ts";
import { compareSounds, type JudgedRecording, judge, plainKarplusStrong, renderAfter } from "../src/judge.ts";
import { median } from "../src/measure/decay-time.ts";
import { measureRender } from "../src/measure/metrics.ts";
import { estimateInharmonicity, partialFrequencies } from "../src/measure/partials.ts";
import type { SourcedRecording } from "../src/sources.ts";
import { prepareTraining } from "../src/train/prepare.ts";
import type { PreparedTraining } from "../src/train/prepared.ts";
import { othersContinuation } from "./others-continuation.ts";

/** A string, ready to be judged from any start. */
export type JudgeString = (
  recording: JudgedRecording,
  start: { skip: number; seconds: number; tune: boolean },
) => Judgement;

export const UNTRAINED = ["least-squares", "textbook", "karplus-strong", "others"] as const;
export type Untrained = (typeof UNTRAINED)[number];

/** A passive string before its first step. */
interface Untaught {
  tuning: Tuning;
  prepared: PreparedTraining;
}

/** Longest stretch that T60s are measured over, and what must follow it to tell the noise (s). */
const DECAY_SECONDS = 10;
const NOISE_SECONDS = 4;
/** ln of a damping at which a gain of exp(-damping) is 0, in float64 already. */
const SILENT = 7;

/**
 * Make a string of one of the kinds.
 * @param trainedOn what it may be made from: from the onset on, of one sample rate
 * @throws UserError where they are too short, or tell no T60
 */
export async function untrainedString(
  kind: Untrained,
  core: Core,
  trainedOn: readonly SourcedRecording[],
): Promise<JudgeString> {
  const { sampleRate } = trainedOn[0];
  if (kind === "karplus-strong")
    return (recording, start) =>
      judgeClassic(core, plainKarplusStrong(sampleRate, recording.f0), recording, start);
  if (kind === "others") {
    const inharmonicity = inharmonicityOf(trainedOn);
    return (recording, start) =>
      judgeRender(recording, start, sampleRate, (frames) => ({
        render: othersContinuation(trainedOn, inharmonicity, recording, { skip: start.skip, frames }),
        brokenSamples: 0,
      }));
  }
  const untaught = await untaughtString(core, trainedOn);
  try {
    if (kind === "least-squares") {
      const model = leastSquares(trainedOn, untaught.tuning);
      return (recording, start) => judgeClassic(core, model, recording, start);
    }
    const file = textbook(trainedOn, untaught);
    return (recording, start) => judge(core, file, recording, { ...start, seenInTraining: false }).judgement;
  } finally {
    untaught.prepared.dispose();
  }
}

/** What `pnpm train` would begin with: a run of no steps hands out its start, whose bins and delays tell the shape. */
async function untaughtString(core: Core, trainedOn: readonly SourcedRecording[]): Promise<Untaught> {
  await chooseBackend("cpu");
  const recordings = trainedOn.map(({ source }) => source);
  const config = resolveConfig({ recordings, set: ["model.filters=1"] }) as PassiveTrainConfig;
  const { sampleRate } = trainedOn[0];
  const f0 = median(trainedOn.map((recording) => recording.f0));
  const prepared = prepareTraining({ config, name: "untrained", f0, core, trainedOn });
  const { parameters } = await prepared.run(0, {
    onLog: () => {},
    onState: () => {},
    pause: async () => {},
    shouldStop: () => false,
  });
  const taps = 2 * ((parameters.get("filters.turns") as Tensor).shape[0] - 1);
  const near = prepared.leastHistory - taps + 1;
  const tuning = { sampleRate, f0, taps, ahead: Math.round(sampleRate / f0) - near };
  return { tuning, prepared };
}

/** One linear loop: the taps that predict best, as they come out. Nothing keeps it from blowing up. */
function leastSquares(trainedOn: readonly SourcedRecording[], tuning: Tuning): ClassicModel {
  const { sampleRate, f0, taps } = tuning;
  const near = nearestDelay(tuning);
  const weight = periodicLinearPrediction(
    trainedOn.map(({ samples }) => samples),
    sampleRate,
    { taps, near },
  );
  const period = Math.floor(sampleRate / f0);
  return {
    kind: "classic",
    sampleRate,
    f0,
    tapPattern: [{ periodFraction: 1, before: period - near, after: near + taps - 1 - period }],
    delays: Int32Array.from({ length: taps }, (_, j) => near + j),
    controls: 0,
    features: [],
    layers: [{ inputs: taps, units: 1, activation: "linear", weight: Float32Array.from(weight), bias: null }],
  };
}

/** One FIR whose gain at each partial's frequency is what its T60 asks for, and whose phase is a stiff string's. */
function textbook(trainedOn: readonly SourcedRecording[], { tuning, prepared }: Untaught): ModelFile {
  const { sampleRate, taps } = tuning;
  const bins = taps / 2 + 1;
  const points = partialDampings(trainedOn);
  const first = {
    logDamping: Float64Array.from({ length: bins }, (_, k) => between(points, (k * sampleRate) / taps)),
    phase: stiffPhase(tuning, inharmonicityOf(trainedOn)),
  };
  const silent = { logDamping: new Float64Array(bins).fill(SILENT), phase: new Float64Array(bins) };
  const parameters: Parameters = startParameters({ rows: [silent, first], turns: new Float64Array(bins) });
  return prepared.exported(parameters); // below the cap and at its recordings' pitch, as trained strings are
}

/** ln of the damping per round trip (nepers) of each partial whose T60 some recording tells, by frequency (Hz). */
function partialDampings(trainedOn: readonly SourcedRecording[]): [hz: number, log: number][] {
  const measured = new Map<number, { hz: number[]; log: number[] }>();
  for (const { samples, sampleRate, f0 } of trainedOn) {
    const longest = samples.length / sampleRate;
    const seconds = Math.min(DECAY_SECONDS, longest > 2 * NOISE_SECONDS ? longest - NOISE_SECONDS : longest);
    // a recording against itself: the judge's own T60s, with all it knows of noise and neighbours
    const { partials } = measureRender(samples, samples, sampleRate, { f0, seconds });
    for (const { partial, frequency, t60Seconds } of partials) {
      if (t60Seconds === null) continue;
      const { hz, log } = measured.get(partial) ?? { hz: [], log: [] };
      // a gain of 10^(-3 / (T60 f0)) per round trip
      measured.set(partial, {
        hz: [...hz, frequency],
        log: [...log, Math.log((3 * Math.LN10) / (t60Seconds * f0))],
      });
    }
  }
  if (measured.size < 2) {
    throw new UserError(
      `textbook: expected recordings that tell the T60 of two partials or more, got ${measured.size}; use longer ones`,
    );
  }
  return [...measured.values()]
    .map(({ hz, log }): [number, number] => [median(hz), median(log)])
    .sort(([a], [b]) => a - b);
}

/** Linear interpolation between points of rising frequency, held beyond the first and the last. */
function between(points: readonly [hz: number, value: number][], hz: number): number {
  const next = points.findIndex(([at]) => at > hz);
  if (next === 0) return points[0][1];
  if (next < 0) return points[points.length - 1][1];
  const [[x0, y0], [x1, y1]] = [points[next - 1], points[next]];
  return y0 + ((y1 - y0) * (hz - x0)) / (x1 - x0);
}

/** B as the partials' frequencies have it, median over the recordings; 0 where none tells. */
function inharmonicityOf(trainedOn: readonly SourcedRecording[]): number {
  const known = trainedOn.flatMap(({ samples, sampleRate, f0 }) => {
    const peaks = partialFrequencies(samples, sampleRate, f0).filter(({ isPeak }) => isPeak);
    return estimateInharmonicity(peaks)?.B ?? [];
  });
  return known.length === 0 ? 0 : Math.max(0, median(known));
}

/** Excite a classic string as `judge` does a model file's, and compare. */
function judgeClassic(
  core: Core,
  model: ClassicModel,
  recording: JudgedRecording,
  start: { skip: number; seconds: number },
): Judgement {
  return judgeRender(recording, start, model.sampleRate, (frames) => {
    const resonator = new Resonator(core, model);
    const render = renderAfter(resonator, recording.samples, start.skip, frames);
    return { render, brokenSamples: resonator.brokenSamples };
  });
}

/** Compare what goes on after a recording's first samples with the recording. */
function judgeRender(
  { name, samples, f0 }: JudgedRecording,
  { skip, seconds }: { skip: number; seconds: number },
  sampleRate: number,
  goOn: (frames: number) => { render: Float32Array; brokenSamples: number },
): Judgement {
  const { render, brokenSamples } = goOn(
    Math.max(0, Math.min(Math.round(seconds * sampleRate), samples.length - skip)),
  );
  const known = { recording: name, seenInTraining: false, skip, f0, seconds, brokenSamples };
  return compareSounds(render, samples.subarray(skip), sampleRate, known);
}
