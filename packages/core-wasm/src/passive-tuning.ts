/**
 * The sizes of a passive string at another pitch or sample rate. Where the period is longer than what its filters were
 * learned for, they are as much longer, and reach as much further ahead; where it is shorter, they stay as they are.
 */
import type { PassiveModel } from "./passive-model.ts";

/** What a passive string may be tuned to. */
export interface Tuning {
  /** Hz */
  sampleRate: number;
  /** Hz */
  f0: number;
  /** Cents by which the string should be able to bend upwards where it is tuned higher than it was learned; default 0. */
  bendCents?: number;
}

/** Sizes that follow from a tuning; all in samples. */
export interface TunedShape {
  period: number;
  taps: number;
  ahead: number;
  /** Samples from one answer of the mixture's network to the next. */
  hop: number;
  /** F = period - ahead + taps - 1 */
  longestDelay: number;
}

/**
 * A string tuned: its filters, certified, and its plucks, as long as its round trip. Plain data, so that it can be made
 * where there is time and posted to where there is none. [1 + K, taps] loopTaps; [samples] each excitation, and as
 * many, for parallel loops, what the second loop is given.
 */
export interface StringTuning extends Omit<Tuning, "bendCents">, TunedShape {
  /** What no filter's gain exceeds. */
  gain: number;
  loopTaps: Float32Array;
  /** In the model's order. */
  excitations: Float32Array[];
  /** What comes through the coupling, as long as the excitation each; none for a cascade. */
  coupled: Float32Array[];
}

// A filter N taps long resolves sampleRate / N Hz. Damping and dispersion bend at the same frequencies however short the
// string is, so a string that is re-tuned from its taps never has fewer of them. One whose notes were trained through
// the learned form keeps the sizes they were trained with: with fewer than this the filter ripples between its
// frequencies, and what the certificate then takes off for the ripple is heard as damping (an A1 with B = 1e-4 played
// at C5 rang 0.3 s with 54 taps, as long as it should with 192).
const LEAST_LEARNED_TAPS = 192;

/** Samples before the first tap, where there is a choice: a string plays in steps of at most as many. */
const LEAST_NEAR = 8;

/** What bending asks for beyond the bend itself: a step of some length, and the points it is read between. */
const BEND_NEAR = 16;

/** Samples that a string plays at a time; a hop that is no multiple of them costs a shorter step. */
const BLOCK = 32;

/** A loop shorter than this many samples has nothing left between its first tap and its period. */
const LEAST_PERIOD = 8;

/** Hz. Hops and periods in samples stay far from what the core counts in, 31 bits. */
const MOST_RATE = 1e8;

/** More than any tuning's; what the core counts in has 31 bits. */
const MOST_HOP = 1 << 24;

/** Rounding of period, taps and ahead may lengthen what follows from a pitch by a few samples more than the pitch says. */
export const SPARE = 8;

/** What of a string its sizes follow from. */
type Learned = Pick<PassiveModel, "sampleRate" | "f0" | "taps" | "ahead" | "mixture" | "pitchControl">;

/**
 * Size a passive string for a tuning.
 * @throws RangeError where a number is not positive, the sample rate above 1e8 Hz, or the pitch above an eighth of it
 */
export function tunedShape(model: Learned, { sampleRate, f0, bendCents = 0 }: Tuning): TunedShape {
  if (!(sampleRate > 0 && sampleRate <= MOST_RATE)) {
    throw new RangeError(`sampleRate: expected above 0 and up to ${MOST_RATE} Hz, got ${sampleRate}`);
  }
  if (!(f0 > 0 && f0 <= sampleRate / LEAST_PERIOD)) {
    throw new RangeError(`f0: expected above 0 and up to ${sampleRate / LEAST_PERIOD} Hz, got ${f0}`);
  }
  const period = Math.round(sampleRate / f0);
  // multiplied out, so that the model's own tuning gives exactly 1
  const ratio = (sampleRate * model.f0) / (f0 * model.sampleRate);
  const hop = hopOf(model, sampleRate, ratio);
  const least = model.pitchControl ? Math.min(model.taps, LEAST_LEARNED_TAPS) : model.taps;
  const taps = Math.max(least, 2 * Math.round((model.taps * ratio) / 2));
  let ahead = Math.min(period - 1, Math.round(model.ahead * ratio));
  // as many taps as ever, and as far ahead as ever
  if (!model.pitchControl) ahead = Math.max(ahead, Math.min(model.ahead, period - LEAST_NEAR));
  // a string that bends must know what comes that much earlier (assembly/passive-bend.ts)
  const early = bendCents > 0 ? Math.ceil(period * (1 - 2 ** (-bendCents / 1200))) + BEND_NEAR : 0;
  if (ratio < 1) ahead = Math.min(ahead, period - Math.min(early, period >> 1));
  return { period, taps, ahead, hop, longestDelay: period - ahead + taps - 1 };
}

/**
 * How often the mixture's network is asked: the same share of a trip as where it was learned, in whole blocks where that is
 * as long as one. A trip in which they move loses for it, and they move most at the onset, where the excitation makes
 * up for that trip by trip. If they held as many samples at every pitch, an A1 would have lost 12 dB of what rings on at C5.
 * One that was trained at several pitches had the same hop at all of them.
 */
function hopOf(
  { mixture, sampleRate: own, pitchControl }: Learned,
  sampleRate: number,
  ratio: number,
): number {
  if (mixture === null) return 1;
  const { hop } = mixture;
  if (pitchControl) return Math.max(1, Math.round((hop * sampleRate) / own));
  if (ratio === 1) return hop;
  if (hop < BLOCK) return Math.max(hop, Math.round(hop * ratio));
  const blocks = BLOCK * Math.max(1, Math.round((hop * ratio) / BLOCK));
  // a lower string's are no shorter, a higher one's no longer
  return ratio < 1 ? Math.min(hop, blocks) : Math.max(hop, blocks);
}

/** Whether sizes, wherever they come from, are those of a string at a pitch: the core trusts them. */
export function isShape({
  sampleRate,
  f0,
  period,
  taps,
  ahead,
  hop,
  longestDelay,
}: TunedShape & Tuning): boolean {
  return (
    period === Math.round(sampleRate / f0) &&
    period >= LEAST_PERIOD &&
    [taps, ahead, hop].every(Number.isSafeInteger) &&
    taps >= 1 &&
    hop >= 1 &&
    hop <= MOST_HOP &&
    ahead >= 0 &&
    ahead < period &&
    longestDelay === period - ahead + taps - 1
  );
}

/** Whether a string has room in what was reserved for another. @param spare samples that any size may exceed it by */
export function fitsInto(shape: TunedShape, most: TunedShape, spare: number): boolean {
  return (["longestDelay", "taps", "period"] as const).every((size) => shape[size] <= most[size] + spare);
}
