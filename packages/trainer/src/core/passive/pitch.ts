/**
 * The last touch before export: a string is played at the pitch its recordings have. What training leaves is a fraction
 * of a cent to one cent, always the same way, since a loss on spectra says little of pitch; and a young string sounds
 * sharper than it goes on, which whoever tunes it to a few milliseconds of a recording must know.
 */
import { estimatePitch, type PassiveModel, type PitchCalibration } from "@neural-string/core-wasm";
import { median } from "../../measure/decay-time.ts";
import { partialFrequencies } from "../../measure/partials.ts";
import type { Play } from "./listen.ts";
import { furthestDelay } from "./tuning.ts";

/** Partials that are compared, and the stretch they are compared over (s): the judge's. */
const PARTIALS = 10;
const SECONDS = 2.2;
/** More is not a matter of trimming. */
export const MOST_CENTS = 20;
/** Lengths of history that are calibrated, in the longest delay. */
const HISTORIES = [2, 4.7, 8.4, 18.4];
/** Calibration listens to this many recordings at most: each takes seconds. */
const MOST_RECORDINGS = 4;
/** Recordings of one string were seen to differ by this much (cents); fewer would promise too much. */
const LEAST_SPREAD = 0.9;

/** The recordings of a string at its own pitch, from the onset on. */
export type PitchRecordings = readonly Float32Array[];

/**
 * How many cents sharp a string plays, against its own training recordings: the median over the first partials, mean
 * over the recordings.
 * @returns 0 where no recording is long enough to tell
 */
export function sharpness(play: Play, model: PassiveModel, recordings: PitchRecordings): number {
  const heard = recordings.flatMap((samples) => {
    const cents = partialCents(play, model, samples, PARTIALS).flatMap((sharp) => sharp ?? []);
    return cents.length === 0 ? [] : median(cents);
  });
  if (heard.length === 0) return 0;
  const mean = heard.reduce((sum, cents) => sum + cents, 0) / heard.length;
  return Math.abs(mean) <= MOST_CENTS ? mean : 0;
}

/**
 * How many cents sharp each of the first partials plays, where a string goes on after the beginning of a recording.
 * @param samples of its own pitch, from where it is taken up
 * @returns at most `count`; null where one is not heard, none where the recording is too short to tell
 */
export function partialCents(
  play: Play,
  model: PassiveModel,
  samples: Float32Array,
  count: number,
): (number | null)[] {
  const { sampleRate, f0 } = model;
  const frames = Math.round(SECONDS * sampleRate);
  const end = 2 * furthestDelay(model) + frames;
  if (samples.length < end) return [];
  const { render } = play(model, { samples, f0, controls: [] }, end);
  const recorded = partialFrequencies(samples.subarray(end - frames, end), sampleRate, f0, count);
  const played = partialFrequencies(render, sampleRate, f0, count);
  return recorded.map(({ frequency, isPeak }, i) =>
    isPeak && played[i]?.isPeak ? 1200 * Math.log2(played[i].frequency / frequency) : null,
  );
}

/** How a string's own recordings sound at some ages, against how they go on; undefined where none is long enough. */
export function calibratePitch(
  model: PassiveModel,
  recordings: PitchRecordings,
): PitchCalibration | undefined {
  const lengths = HISTORIES.map((ratio) => Math.round(ratio * furthestDelay(model)));
  const usable = recordings
    .filter((samples) => samples.length >= lengths[lengths.length - 1])
    .slice(0, MOST_RECORDINGS);
  if (usable.length === 0) return undefined;
  const plain = { ...model, tuning: undefined };
  const heard = usable.map((samples) =>
    lengths.map((length) => estimatePitch(plain, samples.subarray(0, length)).heardCents),
  );
  const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
  const cents = lengths.map((_, i) => mean(heard.map((row) => row[i])));
  const offsets = heard.map((row) => mean(row.map((x, i) => x - cents[i])));
  const spread = Math.sqrt(offsets.reduce((sum, x) => sum + x * x, 0) / Math.max(1, offsets.length - 1));
  return { samples: lengths, cents, spreadCents: Math.max(LEAST_SPREAD, spread) };
}
