/**
 * What the other recordings of a string tell about one, with no model in between: every partial goes on as it did in them
 * on average, from the size and the phase it has in the newest periods of what is heard. A model that knew its
 * recordings by heart, and nothing else, would sound like this; `ablation.ts` sets it beside the strings.
 *
 *   z_k(t) = z_k(t0) exp(mean over the others of ln(y_k(t) / y_k(t0)))        y_k: the partial, shifted to 0 Hz
 */
import { type Judgement, UserError } from "@neural-string/shared";
import { compareSounds, type JudgedRecording } from "../src/judge.ts";
import { median } from "../src/measure/decay-time.ts";
import { estimateInharmonicity, partialFrequencies } from "../src/measure/partials.ts";
import type { SourcedRecording } from "../src/sources.ts";

/** Partials that are followed, up to this part of the sample rate. */
const PARTIALS = 64;
const HIGHEST = 0.45;
/** A window of so many periods has its nulls at the other partials. */
const PERIODS = 4;
/** Samples from one look at a partial to the next. */
const HOP = 256;

/** Other recordings, and where their partials lie. */
interface Other {
  samples: Float32Array;
  f0: number;
}

/** One partial over time: logarithm of its size, and its phase with all its turns. */
interface Followed {
  logSize: Float64Array;
  phase: Float64Array;
}

/**
 * Judge a recording's continuation by the others.
 * @param others from the onset on, of the judged recording's sample rate
 * @param skip samples of the judged recording, from the start of its file, that are heard
 * @throws UserError where the recordings are too short to be followed for so long
 */
export function judgeOthersContinuation(
  others: readonly SourcedRecording[],
  recording: JudgedRecording,
  { skip, seconds }: { skip: number; seconds: number },
): Judgement {
  const { sampleRate } = others[0];
  const { samples, onset, f0, name } = recording;
  const count = Math.max(0, Math.min(Math.round(seconds * sampleRate), samples.length - skip));
  if (skip <= onset) {
    throw new UserError(
      `${name}: expected a start after its onset (sample ${onset}), got ${skip}; start later`,
    );
  }
  const shortest = Math.min(...others.map((other) => other.samples.length));
  if (shortest < skip - onset + count) {
    throw new UserError(
      `${name}: expected other recordings of ${skip - onset + count} samples or more, got ${shortest}; judge fewer seconds`,
    );
  }
  const render = othersContinuation(others, recording, { skip, count });
  const known = { recording: name, seenInTraining: false, skip, f0, seconds, brokenSamples: 0 };
  return compareSounds(render, samples.subarray(skip), sampleRate, known);
}

/** @returns [count], from sample `skip` of the recording on */
function othersContinuation(
  others: readonly SourcedRecording[],
  { samples, onset, f0 }: JudgedRecording,
  { skip, count }: { skip: number; count: number },
): Float32Array {
  const { sampleRate } = others[0];
  const stiffness = stiffnessOf(others);
  const heard = samples.subarray(onset, skip);
  const window = Math.min(heard.length, Math.round((PERIODS * sampleRate) / f0));
  const middle = heard.length - Math.ceil(window / 2);
  const frames = Math.ceil((heard.length - middle + count) / HOP) + 2;
  const render = new Float32Array(count);
  for (let partial = 1; partial <= PARTIALS; partial++) {
    const ratio = partial * Math.sqrt(1 + stiffness * partial * partial);
    if (ratio * f0 > HIGHEST * sampleRate) break;
    const followed = others.map((other) =>
      follow(other, (ratio * other.f0) / sampleRate, middle, frames, window),
    );
    const cycles = (ratio * f0) / sampleRate;
    const [re, im] = look(heard, middle, cycles, window);
    const mean = (of: (f: Followed, i: number) => number, i: number) =>
      followed.reduce((sum, f) => sum + of(f, i) - of(f, 0), 0) / followed.length;
    const logSize = Float64Array.from(
      { length: frames },
      (_, i) => Math.log(Math.hypot(re, im)) + mean((f, j) => f.logSize[j], i),
    );
    const phase = Float64Array.from(
      { length: frames },
      (_, i) => Math.atan2(im, re) + mean((f, j) => f.phase[j], i),
    );
    for (let n = 0; n < count; n++) {
      const at = heard.length - middle + n;
      const i = Math.floor(at / HOP);
      const part = at / HOP - i;
      const size = Math.exp(logSize[i] + part * (logSize[i + 1] - logSize[i]));
      const turned = phase[i] + part * (phase[i + 1] - phase[i]);
      render[n] += 2 * size * Math.cos(2 * Math.PI * cycles * at + turned);
    }
  }
  return render;
}

/** B, as the recordings' partials have it. */
function stiffnessOf(recordings: readonly SourcedRecording[]): number {
  const known = recordings.flatMap(({ samples, sampleRate, f0 }) => {
    const peaks = partialFrequencies(samples, sampleRate, f0).filter(({ isPeak }) => isPeak);
    return estimateInharmonicity(peaks)?.B ?? [];
  });
  return known.length === 0 ? 0 : Math.max(0, median(known));
}

/** Follow a partial from a sample on, HOP by HOP. */
function follow({ samples }: Other, cycles: number, from: number, frames: number, window: number): Followed {
  const logSize = new Float64Array(frames);
  const phase = new Float64Array(frames);
  let turns = 0;
  for (let i = 0; i < frames; i++) {
    const [re, im] = look(samples, from + i * HOP, cycles, window);
    logSize[i] = Math.log(Math.max(Number.MIN_VALUE, Math.hypot(re, im)));
    // the window's own shift along the partial is undone: what is left turns slowly
    const turned = Math.atan2(im, re) - 2 * Math.PI * cycles * i * HOP;
    if (i > 0) turns -= Math.round((turned + turns - phase[i - 1]) / (2 * Math.PI)) * 2 * Math.PI;
    phase[i] = turned + turns;
  }
  return { logSize, phase };
}

/** A partial's amplitude around a sample, its phase as it is there. Half the amplitude of a real sine. */
function look(x: Float32Array, middle: number, cycles: number, window: number): [re: number, im: number] {
  const half = Math.floor(window / 2);
  const [stepRe, stepIm] = [Math.cos(2 * Math.PI * cycles), -Math.sin(2 * Math.PI * cycles)];
  let [c, s] = [Math.cos(2 * Math.PI * cycles * half), Math.sin(2 * Math.PI * cycles * half)];
  let [re, im, weights] = [0, 0, 0];
  for (let n = -half; n < half; n++) {
    const weight = 0.5 + 0.5 * Math.cos((Math.PI * n) / half);
    const sample = x[middle + n] ?? 0;
    re += weight * sample * c;
    im += weight * sample * s;
    weights += weight;
    [c, s] = [c * stepRe - s * stepIm, c * stepIm + s * stepRe];
  }
  return [re / weights, im / weights];
}
