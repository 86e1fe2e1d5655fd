/**
 * Which stretches of the training recordings are kept out of training, so that the closed loop can be heard on audio
 * the network has not seen. The recordings that judge a run take no part in this.
 */
import { UserError } from "@neural-string/shared";

/** A stretch: samples start .. end - 1 of a recording. */
export interface Stretch {
  recording: number;
  start: number;
  end: number;
}

// At most this much of a recording is held out; stretches are shortened to keep it.
const MOST_HELD_OUT = 0.25;

/**
 * Choose stretches, spread from the early decay to the late one: the i-th of S begins (i + 0.3)^1.5 / S^1.5 of the
 * way, denser where the sound changes faster.
 * @param lengths samples of each recording
 * @param longestDelay samples; a stretch needs that much past, and what follows it must not look back into it
 * @param stretches per recording
 * @param samples wished length of each
 * @returns none for a recording too short to spare any
 */
export function holdOut(
  lengths: readonly number[],
  longestDelay: number,
  stretches: number,
  samples: number,
): Stretch[] {
  return lengths.flatMap((length, recording) => {
    const usable = length - longestDelay;
    const size = Math.min(samples, Math.floor((MOST_HELD_OUT * usable) / stretches));
    if (size < 2) return [];
    const pitch = usable - size;
    const found: Stretch[] = [];
    for (let i = 0; i < stretches; i++) {
      const wished = longestDelay + Math.floor(pitch * ((i + 0.3) / stretches) ** 1.5);
      const start = Math.max(wished, found.at(-1)?.end ?? 0);
      if (start + size > length) break;
      found.push({ recording, start, end: start + size });
    }
    return found;
  });
}

/**
 * Whether a sample may be trained on: neither it nor any of its taps lies in a held-out stretch.
 * @param stretches those of its recording
 */
export function isTrainable(sample: number, longestDelay: number, stretches: readonly Stretch[]): boolean {
  return stretches.every(({ start, end }) => sample < start || sample >= end + longestDelay);
}

/** Samples that a held-out stretch must have so that the closed loop can be compared on it. */
export function fewestHeard(sampleRate: number): number {
  return Math.max(2048, Math.ceil(0.25 * sampleRate));
}

/** Refuse recordings that cannot spare what is to be held out. @throws UserError naming the first */
export function checkLengths(
  recordings: readonly Float32Array[],
  { longestDelay, stretches, sampleRate }: { longestDelay: number; stretches: number; sampleRate: number },
): void {
  // a quarter of it at most is held out
  const least = longestDelay + (stretches * fewestHeard(sampleRate)) / MOST_HELD_OUT;
  const short = recordings.findIndex(({ length }) => length < least);
  if (short < 0) return;
  const seconds = (samples: number) => (samples / sampleRate).toFixed(2);
  throw new UserError(
    `recording ${short + 1}: expected at least ${seconds(least)} s of decay for these taps and held-out stretches, got ${seconds(recordings[short].length)} s; use a longer recording or fewer selection.stretches`,
  );
}
