/**
 * Tunes a passive string to one pitch after another, and hands the certified filters and the stretched plucks over as
 * plain data. A tuning takes some milliseconds (a least-squares fit, and a bound on every filter's gain), more than an
 * audio callback has: so a keyboard's tunings are made ahead, on the main thread, in a worker or in Node, and a note-on
 * only copies one. Why not a fit in slices on the audio thread: a note at a new pitch would then sound late by as many
 * quanta as the fit has slices, or at a pitch that is still being found; a bank costs memory and a second at loading.
 * What lies between the bank's pitches, and pitch bend, is a fractional delay (assembly/passive-bend.ts).
 */
import type { Core } from "./core.ts";
import type { PassiveModel } from "./passive-model.ts";
import type { StringTuning } from "./passive-tuning.ts";
import { PassiveVoice } from "./passive-voice.ts";
import { MOST_BEND_CENTS } from "./playing-limits.ts";
import { PluckLevels } from "./pluck-levels.ts";

export interface TunerOptions {
  /** Hz, of the strings that will play; default: the model's. */
  sampleRate?: number;
  /** Hz, the lowest pitch that will be asked for; default: the lowest of `keyboardOf`. */
  lowestF0?: number;
  /** Times the model's own stiffness (B), 0 to 4; default 1, as it was learned. */
  stiffness?: number;
}

/** A bench on which a string is tuned. */
export class StringTuner {
  readonly #voice: PassiveVoice;
  readonly #levels: PluckLevels;

  /** @param core any, as long as it lives; the sound that plays may have another */
  constructor(core: Core, model: PassiveModel, options: TunerOptions = {}) {
    const { sampleRate, lowestF0 = keyboardOf(model, sampleRate)[0] } = options;
    this.#voice = new PassiveVoice(core, model, { sampleRate, lowestF0, bendCents: MOST_BEND_CENTS });
    this.#levels = new PluckLevels(core, model);
    if (options.stiffness !== undefined) this.#voice.stiffen(options.stiffness);
  }

  /**
   * Tune stiffer from now on, or less stiff. What rings keeps its tuning; the notes to come have the new one.
   * @param stiffness times the model's own (B), 0 to 4; what its filters are too short for they lose in damping
   */
  stiffen(stiffness: number): void {
    this.#voice.stiffen(stiffness);
  }

  /**
   * Tune, and make every pluck no louder than at the model's own pitch. Takes some milliseconds: not for the audio thread.
   * @param f0 Hz, from `lowestF0` to an eighth of the sample rate
   * @throws RangeError for a pitch out of range
   */
  tune(f0: number): StringTuning {
    this.#voice.retune({ f0 });
    return this.#levels.levelled(this.#voice.tuned);
  }
}

/** Hz of concert pitch. */
const A4 = 440;
/** Octaves above its own pitch that a string is playable at by default, and below. */
const ABOVE = 3;
const BELOW = 1;
/** Beyond this share of the sample rate a loop is hardly longer than its filter's flank (samples per period: 40). */
const HIGHEST = 1 / 40;

/**
 * List the pitches of a keyboard for a model: the semitones of concert pitch from an octave below its own pitch to
 * three above, its own pitch, where it plays exactly as it was learned, in the place of the nearest.
 * @returns Hz, ascending
 */
export function keyboardOf(model: PassiveModel, sampleRate = model.sampleRate): number[] {
  const keyOf = (f0: number) => 12 * Math.log2(f0 / A4);
  const own = Math.round(keyOf(model.f0));
  const keys = Array.from({ length: 12 * (ABOVE + BELOW) + 1 }, (_, i) => own - 12 * BELOW + i);
  return keys
    .map((key) => (key === own ? model.f0 : A4 * 2 ** (key / 12)))
    .filter((f0) => f0 === model.f0 || f0 <= HIGHEST * sampleRate);
}
