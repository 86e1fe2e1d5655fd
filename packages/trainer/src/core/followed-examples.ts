/**
 * Training examples that are followed: the same few at every evaluation, undisturbed, each with a loss of its own. From
 * them a report tells which are always hard, and which only now and then. Free of node.
 */
import type { LossHeader } from "@neural-string/shared";
import { seededRandom } from "./random.ts";

/** What is known of the followed examples; see `LossHeaderSchema`. */
export type FollowedFacts = Pick<LossHeader, "of" | "loss" | "window" | "examples">;

/** One evaluation of them. */
export interface LossRow {
  /** Updates done. */
  step: number;
  /** [examples] */
  losses: Float32Array;
}

/** How many are followed where the config does not say. */
export const FOLLOWED_SAMPLES = 2048;
export const FOLLOWED_ROLLOUTS = 24;

// A row of 2,048 examples takes 8 kB: more rows than a picture has columns would only fill the disk.
const MOST_ROWS = 250;
/** Of the random numbers: another stream than those of batches and noise. */
const STREAM = 8;

/**
 * Choose places evenly spread over a range, one in each of `count` equal parts, where in its part by chance: steps of one
 * length would follow the period of the sound, and always meet it in the same phase.
 * @param length of the range
 * @returns whole numbers below `length`, ascending, all different; fewer than `count` where there are no more
 */
export function spread(length: number, count: number, ...seeds: number[]): number[] {
  if (length <= count) return Array.from({ length }, (_, i) => i);
  const random = seededRandom(...seeds, STREAM);
  return Array.from({ length: count }, (_, i) => {
    const [from, to] = [Math.floor((i * length) / count), Math.floor(((i + 1) * length) / count)];
    return Math.min(to - 1, from + Math.floor(random() * (to - from)));
  });
}

/**
 * Whether the evaluation after so many steps is one whose losses are kept: all of them, but for trainings that listen more
 * often than a picture could show. It hangs on the step alone, so a resumed run keeps the same.
 */
export function keepsLosses(step: number, evaluateEvery: number, evaluations: number): boolean {
  return step % (evaluateEvery * Math.ceil(evaluations / MOST_ROWS)) === 0;
}

/**
 * Say what is known of examples.
 * @param places recording, and the first sample that is predicted
 * @param levelDb of the string just before a sample of a recording
 * @param target the sample itself
 */
export function followedColumns(
  places: readonly { recording: number; sample: number }[],
  levelDb: (recording: number, sample: number) => number,
  target: (recording: number, sample: number) => number,
): LossHeader["examples"] {
  const columns: LossHeader["examples"] = { recording: [], sample: [], levelDb: [], relative: [] };
  for (const { recording, sample } of places) {
    const level = levelDb(recording, sample);
    columns.recording.push(recording);
    columns.sample.push(sample);
    columns.levelDb.push(Number(level.toFixed(2)));
    columns.relative.push(Number((target(recording, sample) / 10 ** (level / 20)).toPrecision(4)));
  }
  return columns;
}
