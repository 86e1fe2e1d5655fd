/**
 * Keeps an instrument's notes from growing louder the higher they are. An excitation is what one string needs at one pitch
 * to sound like its recording: part of it makes up, trip after trip, for what that string loses. Tuned up, a string
 * loses less on every trip, and what made up for a loss adds to itself: a piano's A1, in cascade, came out sixteen
 * decibels louder at C5 (parallel planes of it come out as they were, to a decibel). So every pluck of a tuning is
 * played, and what exceeds its level at the model's own pitch is taken off it. Nothing is made
 * louder: that a short string fades sooner is as it should be.
 */
import type { Core } from "./core.ts";
import { streamsOf } from "./excitations.ts";
import { NoteVoice } from "./note-voice.ts";
import { networkParameters, type PassiveModel } from "./passive-model.ts";
import { type StringTuning, type Tuning, tunedShape } from "./passive-tuning.ts";
import { PassiveVoice } from "./passive-voice.ts";
import { sumOfSquares } from "./state-fit.ts";
import { placeTuning } from "./tuning-bank.ts";

/** How much of a note is listened to after its pluck: so many stretches of so long (s), of which the loudest counts. */
const STRETCHES = 5;
const STRETCH_SECONDS = 0.05;

/** A note may be as much louder than at the model's own pitch: nobody hears less than a decibel. */
const DECIBEL = 10 ** (1 / 20);

/** Notes nearer to the model's own pitch than this are as loud as it is (cents). */
const NEAR_CENTS = 50;

/** A network lets what is softer decay otherwise: so it is listened to again, until it is this near to what it may be. */
const CLOSE = 1.01;
const ROUNDS = 4;

/**
 * The `level` that keeps each pluck of a `Resonator` no louder than at its model's own pitch (plus a decibel); what a
 * `StringTuner` hands over for `Voices` is softened already. Plays the plucks: not for the audio thread.
 * @param core any; nothing of it stays in use
 * @param tuning the resonator's
 * @returns [excitations], above 0 and at most 1
 * @throws RangeError as `tunedShape`
 */
export function pluckLevels(core: Core, model: PassiveModel, tuning: Partial<Tuning>): Float64Array {
  const { sampleRate = model.sampleRate, f0 = model.f0 } = tuning;
  return core.temporarily(() => {
    const voice = new PassiveVoice(core, model, { sampleRate, f0, lowestF0: Math.min(f0, model.f0) });
    return new PluckLevels(core, model).factorsFor(voice.tuned);
  });
}

/** RMS of one of a tuning's plucks. @param factor on the pluck */
type LevelOf = (layer: number, factor: number) => number;

/** The levels of one model's plucks. */
export class PluckLevels {
  readonly #core: Core;
  readonly #model: PassiveModel;
  /** RMS of each pluck at the model's own pitch, once it has been asked for. */
  #own: Float64Array | undefined;

  constructor(core: Core, model: PassiveModel) {
    this.#core = core;
    this.#model = model;
  }

  /**
   * A tuning whose plucks are no louder than at the model's own pitch. Plays them, a millisecond or two each, in memory
   * of the core that it gives back.
   * @param tuning of this model, its plucks as they are
   */
  levelled(tuning: StringTuning): StringTuning {
    const factors = this.factorsFor(tuning);
    const softer = (streams: readonly Float32Array[]) =>
      streams.map((samples, i) => (factors[i] === 1 ? samples : samples.map((x) => factors[i] * x)));
    return { ...tuning, excitations: softer(tuning.excitations), coupled: softer(tuning.coupled) };
  }

  /** What a tuning's plucks as they are come to that level by. @returns [excitations], above 0 and at most 1 */
  factorsFor(tuning: StringTuning): Float64Array {
    const { excitations, f0, pitchControl } = this.#model;
    const cents = Math.abs(1200 * Math.log2(tuning.f0 / f0));
    // one whose notes were recorded at many pitches plays each of them near its own
    if (pitchControl || cents < NEAR_CENTS) return new Float64Array(excitations.length).fill(1);
    this.#own ??= this.#listen(this.#asLearned(), (levelOf) =>
      Float64Array.from(excitations, (_, i) => levelOf(i, 1)),
    );
    const own = this.#own;
    return this.#listen(tuning, (levelOf) =>
      own.map((level, i) => this.#softened(DECIBEL * level, (factor) => levelOf(i, factor))),
    );
  }

  /** The factor with which a pluck comes to a level, or 1 where it does not exceed it. */
  #softened(most: number, levelWith: (factor: number) => number): number {
    // without a network half the pluck is half the sound
    const rounds = this.#model.mixture === null ? 1 : ROUNDS;
    let factor = 1;
    for (let round = 0; round < rounds; round++) {
      const excess = levelWith(factor) / most;
      if (!(excess > 1 && Number.isFinite(excess))) break;
      factor /= excess;
      if (excess < CLOSE) break;
    }
    return factor;
  }

  #asLearned(): StringTuning {
    const { sampleRate, f0, certificate, loopTaps, excitations } = this.#model;
    const shape = tunedShape(this.#model, { sampleRate, f0 });
    const streams = excitations.map(({ samples }) => streamsOf(this.#model, samples));
    return {
      ...{ sampleRate, f0, ...shape, gain: certificate.gain, loopTaps },
      excitations: streams.map(([first]) => first),
      coupled: streams.flatMap(([, second]) => second ?? []),
    };
  }

  /** Let the plucks of a tuning be heard, in memory that is given back. @returns what was made of it, no view */
  #listen(tuning: StringTuning, hear: (levelOf: LevelOf) => Float64Array): Float64Array {
    const stretch = Math.round(STRETCH_SECONDS * tuning.sampleRate);
    const core = this.#core;
    return core.temporarily(() => {
      // plucks are played as recorded, so no room is needed to shape them in
      const voice = new NoteVoice(core, this.#model, tuning, core.put(networkParameters(this.#model)), 0);
      const placed = placeTuning(core, tuning);
      const out = core.allocate(4 * stretch);
      const asRecorded = new Float64Array(this.#model.controls).fill(Number.NaN);
      return hear((layer, factor) => {
        voice.begin(placed, tuning.f0, layer, factor, asRecorded, {});
        let most = 0;
        for (let i = 0; i < STRETCHES; i++) {
          voice.render(out, stretch);
          most = Math.max(most, sumOfSquares(core.f32(out, stretch)));
        }
        voice.end();
        return Math.sqrt(most / stretch);
      });
    });
  }
}
