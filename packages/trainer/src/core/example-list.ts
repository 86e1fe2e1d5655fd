/**
 * Which samples of which recordings are trained on: those that have all their taps and are not held out, thinned by
 * level where there are more than asked for. A loss of windows wants consecutive samples, so what is listed is
 * windows; for other losses a window is one sample.
 */
import { isTrainable, type Stretch } from "./held-out.ts";
import { seededRandom } from "./random.ts";
import { thinByLevel } from "./thinning.ts";

/** Windows of samples to be predicted. */
export interface ExampleList {
  /** Which recording each is of. */
  recordings: Uint16Array;
  /** First sample of each within its recording. */
  targets: Uint32Array;
  /** Samples of each. */
  window: number;
}

export interface ListOptions {
  longestDelay: number;
  stretches: readonly Stretch[];
  window: number;
}

/** List all there are; windows follow each other without overlap within every piece that is not held out. */
export function listExamples(
  lengths: readonly number[],
  { longestDelay, stretches, window }: ListOptions,
): ExampleList {
  const most = lengths.reduce((sum, length) => sum + Math.ceil(length / window), 0);
  const from = new Uint16Array(most);
  const targets = new Uint32Array(most);
  let count = 0;
  lengths.forEach((length, recording) => {
    const own = stretches.filter((stretch) => stretch.recording === recording);
    let run = 0; // trainable samples since the last window's end
    for (let target = longestDelay; target < length; target++) {
      run = isTrainable(target, longestDelay, own) ? run + 1 : 0;
      if (run < window) continue;
      from[count] = recording;
      targets[count++] = target - window + 1;
      run = 0;
    }
  });
  return { recordings: from.slice(0, count), targets: targets.slice(0, count), window };
}

/**
 * Thin a list to a number of frames.
 * @param levelDb of the string at a sample of a recording
 * @param maxFrames samples; null = all stay
 */
export function thinExamples(
  list: ExampleList,
  levelDb: (recording: number, sample: number) => number,
  maxFrames: number | null,
  seed: number,
): ExampleList {
  const most = maxFrames === null ? list.targets.length : Math.max(1, Math.floor(maxFrames / list.window));
  if (most >= list.targets.length) return list;
  const levels = exampleLevels(list, levelDb);
  const kept = thinByLevel(levels, most, seededRandom(seed, 6));
  return {
    ...list,
    recordings: Uint16Array.from(kept, (i) => list.recordings[i]),
    targets: Uint32Array.from(kept, (i) => list.targets[i]),
  };
}

/** Level of every entry of a list (dB). */
export function exampleLevels(
  { recordings, targets }: ExampleList,
  levelDb: (recording: number, sample: number) => number,
): Float64Array {
  return Float64Array.from(targets, (target, i) => levelDb(recordings[i], target));
}
