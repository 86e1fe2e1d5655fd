/** What settings come to in physical terms: seconds, hertz, factors. */

/** Seconds to fall 60 dB that full damping leaves, and that the least of it begins at. */
const DEADEST = 0.08;
const LIVELIEST = 6;
/** A palm on the strings: everything dies, treble first. */
const PALM_T60 = 0.32;
const PALM_TREBLE_T60 = 0.05;
/** Seconds to fall 60 dB at 4 kHz, of the dullest tone and of the least dulled. */
const DULLEST = 0.02;
const HARDLY_DULL = 2;
/** What of the treble is added to it at most: 3.2 times as much is 10 dB. */
const MOST_LIFT = 2.2;
/** dBFS of the hardest pluck: six of them together just reach the limiter. And dB that a model is moved at most. */
const LOUDEST = -24;
const MOST_TRIM = 24;
/** Hz, and octaves: the corner that the hardest pluck leaves, and how far a gentle one is below. */
const OPEN_CUTOFF = 16000;
const OCTAVES = 5;

/** The T60 of the damper; Infinity = strings ring as they learned to. @param damping 0 .. 1 */
export function dampT60(damping: number, palm: boolean): number {
  const felt = damping === 0 ? Number.POSITIVE_INFINITY : LIVELIEST * (DEADEST / LIVELIEST) ** damping;
  return palm ? Math.min(felt, PALM_T60) : felt;
}

/** The T60 at 4 kHz of the softening. @param brightness -1 .. 1 */
export function softenT60(brightness: number, palm: boolean): number {
  const dull =
    brightness >= 0 ? Number.POSITIVE_INFINITY : HARDLY_DULL * (DULLEST / HARDLY_DULL) ** -brightness;
  return palm ? Math.min(dull, PALM_TREBLE_T60) : dull;
}

/** What of the treble is added to it after the strings. @param brightness -1 .. 1 */
export function brighten(brightness: number): number {
  return MOST_LIFT * Math.max(0, brightness);
}

/**
 * The factor on everything: recordings are as loud as somebody made them, strings here are alike.
 * @param volume dB; the bottom of the range is silence
 * @param level of the model's loudest pluck (dBFS, RMS)
 */
export function loudness(volume: number, level: number): number {
  const trim = Math.max(-MOST_TRIM, Math.min(MOST_TRIM, LOUDEST - level));
  return volume <= -36 ? 0 : 10 ** ((volume + trim) / 20);
}

/**
 * The corner of a pluck's low pass (Hz): the gentler, the duller. undefined = as it was recorded.
 * @param velocity 0 .. 1 @param softness 0 .. 1, how much that counts
 */
export function softCutoff(velocity: number, softness: number): number | undefined {
  const octaves = OCTAVES * softness * (1 - velocity);
  return octaves > 0 ? OPEN_CUTOFF * 2 ** -octaves : undefined;
}
