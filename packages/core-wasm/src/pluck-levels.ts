/**
 * Keeps an instrument's notes from growing louder the higher they are. An excitation is what one string needs at one pitch
 * to sound like its recording: part of it makes up, trip after trip, for what that string loses. Tuned up, a string
 * loses less on every trip, and what made up for a loss adds to itself: a piano's A1 came out sixteen decibels louder
 * at C5. So every pluck of a tuning is played once, and what exceeds its level at the model's own pitch is taken
 * off it. Nothing is made louder: that a short string fades sooner is as it should be.
 */
import type { Core } from "./core.ts";
import { streamsOf } from "./excitations.ts";
import { NoteVoice } from "./note-voice.ts";
import type { PassiveModel } from "./passive-model.ts";
import { SPARE, type StringTuning, tunedShape } from "./passive-tuning.ts";
import type { PlacedTuning } from "./tuning-bank.ts";

/** What is listened to after a pluck, and the stretches of it that are compared, of which the loudest counts (s). */
const STRETCHES = 5;
const STRETCH_SECONDS = 0.05;

/** A note may be as much louder than at the model's own pitch: nobody hears less than a decibel. */
const LEAST_GAIN = 10 ** (1 / 20);

/** Notes nearer to the model's own pitch than this are as loud as it is (cents). */
const NEAR_CENTS = 50;

/** A network lets what is softer decay otherwise: so it is listened to again, until it is this near to what it may be. */
const CLOSE = 1.01;
const ROUNDS = 4;

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
    const factors = this.#factorsFor(tuning);
    const softer = (streams: readonly Float32Array[]) =>
      streams.map((samples, i) => (factors[i] === 1 ? samples : samples.map((x) => factors[i] * x)));
    return { ...tuning, excitations: softer(tuning.excitations), coupled: softer(tuning.coupled) };
  }

  /** @returns [excitations], above 0 and at most 1 */
  #factorsFor(tuning: StringTuning): Float64Array {
    const { excitations, f0, pitchControl } = this.#model;
    const factors = new Float64Array(excitations.length).fill(1);
    const cents = Math.abs(1200 * Math.log2(tuning.f0 / f0));
    // one whose notes were recorded at many pitches plays each of them near its own
    if (pitchControl || cents < NEAR_CENTS) return factors;
    this.#own ??= this.#levelsOf(this.#asLearned(), factors);
    const most = this.#own.map((level) => LEAST_GAIN * level);
    for (let round = 0; round < ROUNDS; round++) {
      const excess = this.#levelsOf(tuning, factors).map((level, i) => level / most[i]);
      const tooLoud = excess.map((ratio) => (ratio > 1 && Number.isFinite(ratio) ? ratio : 1));
      tooLoud.forEach((ratio, i) => {
        factors[i] /= ratio;
      });
      if (tooLoud.every((ratio) => ratio < CLOSE)) break;
    }
    return factors;
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

  /** RMS of the loudest stretch of each pluck. @param factors on the plucks */
  #levelsOf(tuning: StringTuning, factors: Float64Array): Float64Array {
    const stretch = Math.round(STRETCH_SECONDS * tuning.sampleRate);
    return this.#core.temporarily(() => {
      const voice = this.#voiceFor(tuning);
      const placed = this.#placed(tuning);
      const out = this.#core.allocate(4 * stretch);
      const asRecorded = new Float64Array(this.#model.controls).fill(Number.NaN);
      return factors.map((factor, layer) => {
        voice.begin(placed, tuning.f0, layer, factor, asRecorded, {});
        let most = 0;
        for (let i = 0; i < STRETCHES; i++) {
          voice.render(out, stretch);
          most = Math.max(most, rms(this.#core.f32(out, stretch)));
        }
        voice.end();
        return most;
      });
    });
  }

  #voiceFor({ period, taps, longestDelay, ...sizes }: StringTuning): NoteVoice {
    const { hiddenWeight, hiddenBias, outputWeight, outputBias } = this.#model;
    const parameters = [hiddenWeight, hiddenBias, outputWeight, outputBias];
    const network = this.#core.put(Float32Array.from(parameters.flatMap((p) => Array.from(p))));
    const most = {
      ...sizes,
      period: period + SPARE,
      taps: taps + SPARE,
      longestDelay: longestDelay + SPARE,
    };
    // plucks are played as recorded, so no room is needed to shape them in
    return new NoteVoice(this.#core, this.#model, most, network, 0);
  }

  #placed({ loopTaps, excitations, coupled, ...sizes }: StringTuning): PlacedTuning {
    return {
      ...sizes,
      tapsAddress: this.#core.put(loopTaps),
      excitations: excitations.map((samples, i) => ({
        address: this.#core.put(samples),
        coupled: coupled[i] === undefined ? 0 : this.#core.put(coupled[i]),
        length: samples.length,
      })),
    };
  }
}

function rms(samples: Float32Array): number {
  let sum = 0;
  for (const x of samples) sum += x * x;
  return Math.sqrt(sum / samples.length);
}
