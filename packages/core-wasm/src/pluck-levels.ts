/**
 * Keeps a string that is tuned up from growing louder than it was recorded. An excitation is what one string needs at one
 * pitch to sound like its recording: part of it makes up, trip after trip, for what that string loses. Tuned up, a string
 * loses less on every trip, and what made up for a loss adds to itself: a piano's A1 came out sixteen decibels louder
 * at C5. So a note is played once, where there is time, and what exceeds the level of the model's own pitch is taken off
 * its pluck. Nothing is made louder: that a short string fades sooner is as it should be.
 */
import type { Core } from "./core.ts";
import { NoteVoice } from "./note-voice.ts";
import type { PassiveModel } from "./passive-model.ts";
import type { TunedShape } from "./passive-tuning.ts";
import type { PlacedTuning } from "./tuning-bank.ts";

/** What is listened to after a pluck, and the stretches of it that are compared, of which the loudest counts (s). */
const SECONDS = 0.25;
const STRETCH_SECONDS = 0.05;

/** A note may be as much louder than at the model's own pitch: nobody hears less than a decibel. */
const LEAST_GAIN = 10 ** (1 / 20);

/** Notes nearer to the model's own pitch than this are as loud as it is (cents). */
const NEAR_CENTS = 50;

/** The levels of one model's plucks. */
export class PluckLevels {
  readonly #core: Core;
  readonly #model: PassiveModel;
  readonly #longest: TunedShape;
  /** RMS of each pluck as the model has it. */
  readonly #own: Float64Array;

  /**
   * Play the model's own plucks: a millisecond or two each. Leaves the core with room for later ones.
   * @param longest sizes of any tuning to come; the model's own may exceed them
   * @param asLearned the model's own pitch, filters and plucks
   */
  constructor(core: Core, model: PassiveModel, longest: TunedShape, asLearned: PlacedTuning) {
    this.#core = core;
    this.#model = model;
    const { period, taps, longestDelay } = asLearned;
    this.#longest = {
      ...longest,
      period: Math.max(period, longest.period),
      taps: Math.max(taps, longest.taps),
      longestDelay: Math.max(longestDelay, longest.longestDelay),
    };
    this.#own = this.#levelsOf(asLearned);
  }

  /**
   * The factor on each pluck that keeps it from being louder than at the model's own pitch. Plays them: a millisecond or
   * two each, and nothing that the string itself would notice.
   * @param tuning of this model, its plucks as they are
   * @returns [excitations], above 0 and at most 1
   */
  factorsFor(tuning: PlacedTuning): Float64Array {
    const { f0, pitchControl } = this.#model;
    const cents = Math.abs(1200 * Math.log2(tuning.f0 / f0));
    // one whose notes were recorded at many pitches plays each of them near its own
    if (pitchControl || cents < NEAR_CENTS) return new Float64Array(this.#own.length).fill(1);
    return this.#levelsOf(tuning).map((level, i) => {
      const most = LEAST_GAIN * this.#own[i];
      return level > most && Number.isFinite(level) ? most / level : 1;
    });
  }

  /** RMS of the loudest stretch of each pluck. */
  #levelsOf(tuning: PlacedTuning): Float64Array {
    const count = tuning.excitations.length;
    if (count === 0) return new Float64Array(0);
    const stretch = Math.round(STRETCH_SECONDS * tuning.sampleRate);
    return this.#core.temporarily(() => {
      const voice = this.#voice();
      const out = this.#core.allocate(4 * stretch);
      const asRecorded = new Float64Array(this.#model.controls).fill(Number.NaN);
      const levels = new Float64Array(count);
      for (let layer = 0; layer < count; layer++) {
        voice.begin(tuning, tuning.f0, layer, 1, asRecorded, {});
        for (let played = 0; played < SECONDS; played += STRETCH_SECONDS) {
          voice.render(out, stretch);
          levels[layer] = Math.max(levels[layer], rms(this.#core.f32(out, stretch)));
        }
        voice.end();
      }
      return levels;
    });
  }

  #voice(): NoteVoice {
    const { hiddenWeight, hiddenBias, outputWeight, outputBias } = this.#model;
    const parameters = [hiddenWeight, hiddenBias, outputWeight, outputBias];
    const network = this.#core.put(Float32Array.from(parameters.flatMap((p) => Array.from(p))));
    // plucks are played as recorded, so no room is needed to shape them in
    return new NoteVoice(this.#core, this.#model, this.#longest, network, 0);
  }
}

function rms(samples: Float32Array): number {
  let sum = 0;
  for (const x of samples) sum += x * x;
  return Math.sqrt(sum / samples.length);
}
