/**
 * An instrument of many strings of one model: notes by pitch and velocity, note-off, pitch bend, and voice stealing
 * without a click. Tunings are made elsewhere (`StringTuner`), so a note-on at any pitch costs a copy: it sounds from the
 * next sample that is rendered.
 *
 * Everything is counted in samples since the instrument was made, never in the host's blocks, so what is rendered does
 * not depend on how blocks are cut.
 */
import type { Core } from "./core.ts";
import { known } from "./known-numbers.ts";
import type { StringModel } from "./model-file.ts";
import { NoteVoice } from "./note-voice.ts";
import { networkParameters, type PassiveModel } from "./passive-model.ts";
import type { StringTuning } from "./passive-tuning.ts";
import { checkBend, checkPluck, checkPolarisation, checkT60, type PluckShape } from "./playing-limits.ts";
import { keyboardOf, StringTuner } from "./string-tuner.ts";
import { TuningBank } from "./tuning-bank.ts";
import { VoiceLook } from "./voice-look.ts";
import { VoicePool } from "./voice-pool.ts";

export interface VoicesOptions {
  /** Notes that sound at once; the quietest makes room for one more. Default 16, at most 256. */
  polyphony?: number;
  /** Hz; default: the model's. */
  sampleRate?: number;
  /** Hz, the lowest pitch of any tuning; memory is reserved for it. Default: the lowest of `keyboardOf`. */
  lowestF0?: number;
  /** Seconds to fall 60 dB after a note-off, above 0; Infinity = strings ring on. Default 0.15. */
  releaseT60?: number;
  /** How many of the voices are made at once; `prepare` makes the rest. Default: all. */
  prepared?: number;
}

const MOST_POLYPHONY = 256;

const AS_RECORDED: PluckShape = {};

/** Many strings of one model. Made off the audio thread; what is not said to allocate is safe on it. */
export class Voices {
  readonly model: PassiveModel;
  /** Hz */
  readonly sampleRate: number;
  readonly #core: Core;
  readonly #bank: TuningBank;
  readonly #pool: VoicePool;
  readonly #look: VoiceLook;
  readonly #controls: Float64Array;
  #lastId = 0;
  #bend = 0;
  #softT60 = Number.POSITIVE_INFINITY;
  #muteT60 = Number.POSITIVE_INFINITY;
  #releaseT60: number;
  #tuner: StringTuner | undefined;

  /**
   * Make an instrument. It needs a tuning (`addTuning`, `tune`) near every pitch that it is to play.
   * @throws RangeError for a classic model, one without excitations, or options out of range
   */
  constructor(core: Core, model: StringModel, options: VoicesOptions = {}) {
    if (model.kind !== "passive") throw new RangeError("model: expected a passive string, got a classic one");
    if (model.excitations.length === 0) {
      throw new RangeError("model: expected at least one excitation to play notes with, got none");
    }
    const {
      polyphony = 16,
      sampleRate = model.sampleRate,
      releaseT60 = 0.15,
      prepared = polyphony,
    } = options;
    if (!(Number.isInteger(polyphony) && polyphony >= 1 && polyphony <= MOST_POLYPHONY)) {
      throw new RangeError(
        `polyphony: expected a whole number from 1 to ${MOST_POLYPHONY}, got ${polyphony}`,
      );
    }
    checkT60(releaseT60);
    this.model = model;
    this.sampleRate = sampleRate;
    this.#core = core;
    this.#releaseT60 = releaseT60;
    this.#controls = new Float64Array(model.controls).fill(Number.NaN);
    const lowestF0 = options.lowestF0 ?? keyboardOf(model, sampleRate)[0];
    this.#bank = new TuningBank(core, model, sampleRate, lowestF0);
    const { longest, longestPluck } = this.#bank;
    const network = core.put(networkParameters(model));
    const make = () => new NoteVoice(core, model, longest, network, longestPluck);
    this.#pool = new VoicePool(core, make, polyphony, sampleRate, longest.longestDelay);
    this.#look = new VoiceLook(core, sampleRate, longest.period);
    this.#pool.prepare(prepared);
  }

  /**
   * Make more of the voices, some tenths of a millisecond each: for who cannot wait for all of them at once. Allocates.
   * @param count at most
   * @returns how many are still missing; notes play with those that there are
   */
  prepare(count = MOST_POLYPHONY): number {
    return this.#pool.prepare(count);
  }

  /** Hz of the tunings at hand; a note is played from the nearest. */
  get pitches(): number[] {
    return this.#bank.pitches;
  }

  /**
   * Take a tuning in. Allocates, but quickly: between two blocks it may be done where sound is rendered.
   * @param tuning made by a `StringTuner` of the same model and sample rate, whose certificate is believed: to prove it
   *   again would take several quanta
   * @throws RangeError for one that does not fit, or whose taps are not finite
   */
  addTuning(tuning: StringTuning): void {
    this.#bank.add(tuning);
  }

  /**
   * Make tunings here and now, for who has the time (some milliseconds each): Node, a page that plays nothing yet.
   * @param pitches Hz; default: a keyboard (`keyboardOf`)
   */
  tune(pitches: Iterable<number> = keyboardOf(this.model, this.sampleRate)): void {
    const { sampleRate, lowestF0 } = this.#bank;
    this.#tuner ??= new StringTuner(this.#core, this.model, { sampleRate, lowestF0 });
    for (const f0 of pitches) this.addTuning(this.#tuner.tune(f0));
  }

  /**
   * Begin a note; it sounds from the next sample on. Where all voices sound, the quietest (of the released ones, if
   * there are any) is faded out within 6 ms and gives its place.
   * @param f0 Hz, within 200 cents of a tuning
   * @param velocity 0 .. 1: 1 is the model's loudest recording, half of it 12 dB less, by the nearest recorded layer
   * @param id to call the note by; default: a new one
   * @param pluck where on the string, and how softly, if not as it was recorded
   * @returns the id
   * @throws RangeError where no tuning is near, or for a pluck that cannot be
   * Audio thread: allocates nothing.
   */
  noteOn(f0: number, velocity = 1, id = this.#lastId + 1, pluck: PluckShape = AS_RECORDED): number {
    if (!(f0 > 0 && Number.isFinite(f0)))
      throw new RangeError(`f0: expected a positive number (Hz), got ${f0}`);
    if (!(velocity >= 0 && velocity <= 1)) throw new RangeError(`velocity: expected 0 to 1, got ${velocity}`);
    if (!(Number.isSafeInteger(id) && id > 0))
      throw new RangeError(`id: expected a whole number above 0, got ${id}`);
    checkPluck(pluck);
    const tuning = this.#bank.nearest(f0);
    const voice = this.#pool.free();
    const layer = this.#bank.layer(f0, velocity);
    voice.id = id;
    voice.offset = 1200 * Math.log2(f0 / tuning.f0);
    voice.bent = 0;
    // at rest: where the string is bent to, it begins
    voice.bend(this.#bend);
    voice.soften(this.#softT60);
    voice.begin(tuning, f0, layer, this.#bank.levelOf(layer, velocity), this.#controls, pluck);
    if (this.#muteT60 < Number.POSITIVE_INFINITY) voice.damp(this.#muteT60);
    this.#lastId = Math.max(this.#lastId, id);
    return id;
  }

  /** End a note: its string is damped. One that has ended is none. Audio thread: allocates nothing. */
  noteOff(id: number): void {
    for (const voice of this.#pool.voices) {
      if (voice.id !== id || voice.isReleased || id === 0) continue;
      voice.isReleased = true;
      voice.damp(this.#releaseT60);
    }
  }

  /**
   * Bend the pitch, of one note or of all that sound and will; it glides there, some 100 ms for two semitones at 82 Hz.
   * @param cents up to 200 either way; a note that lies between tunings has as much less
   * Audio thread: allocates nothing.
   */
  bend(cents: number, id?: number): void {
    checkBend(cents);
    if (id === undefined) this.#bend = cents;
    for (const voice of this.#pool.voices) {
      if (voice.id === 0 || (id !== undefined && voice.id !== id)) continue;
      if (id !== undefined) voice.bent = cents;
      voice.bend(this.#bend);
    }
  }

  /**
   * Damp what sounds, as a note-off would but without ending notes; new notes are not damped.
   * @param t60 seconds to fall 60 dB by this alone; Infinity lets it ring
   * Audio thread: allocates nothing.
   */
  damp(t60: number): void {
    checkT60(t60);
    for (const voice of this.#pool.voices) if (voice.id !== 0 && !voice.isReleased) voice.damp(t60);
  }

  /**
   * Damp what sounds and will (palm mute, a damped instrument), until told otherwise.
   * @param t60 seconds to fall 60 dB by this alone; Infinity lets it ring
   * Audio thread: allocates nothing.
   */
  mute(t60: number): void {
    this.damp(t60);
    this.#muteT60 = t60;
  }

  /**
   * Weigh the two polarisations: what is heard of the second loop is 1 + mix times what it is as learned. The loops
   * themselves are not touched, so decay, pitch and certificate stay.
   * @param mix -1 (the first loop's answer alone) .. 1; 0 = as learned
   * Audio thread: allocates nothing.
   */
  set polarisation(mix: number) {
    checkPolarisation(mix);
    this.#pool.polarisation = mix;
  }

  get polarisation(): number {
    return this.#pool.polarisation;
  }

  /**
   * Soften the tone of what sounds and will: high partials die sooner.
   * @param t60 seconds to fall 60 dB at 4 kHz by this alone; Infinity = as learned
   * Audio thread: allocates nothing.
   */
  soften(t60: number): void {
    checkT60(t60);
    this.#softT60 = t60;
    for (const voice of this.#pool.voices) if (voice.id !== 0) voice.soften(t60);
  }

  /** Seconds to fall 60 dB after the note-offs to come. */
  set releaseT60(t60: number) {
    checkT60(t60);
    this.#releaseT60 = t60;
  }

  get releaseT60(): number {
    return this.#releaseT60;
  }

  /**
   * Hold one of the model's controls at a value, of what sounds and will; it glides there. NaN, or what is not finite: as
   * each pluck was recorded, for the notes to come.
   * Audio thread: allocates nothing.
   */
  setControl(index: number, value: number): void {
    if (!(index >= 0 && index < this.#controls.length)) return;
    const to = known(value);
    this.#controls[index] = to;
    if (Number.isNaN(to)) return;
    for (const voice of this.#pool.voices) if (voice.id !== 0) voice.aimControl(index, to);
  }

  /** Fade out all that sounds, within 6 ms. Audio thread: allocates nothing. */
  stop(): void {
    this.#pool.stop();
  }

  /** Silence at once. Audio thread: allocates nothing. */
  reset(): void {
    this.#pool.reset();
  }

  /** Notes that sound. */
  get sounding(): number {
    return this.#pool.sounding;
  }

  /** True where the next sample would be 0: no note sounds, and none fades. */
  get isSilent(): boolean {
    return this.#pool.isSilent;
  }

  /**
   * Look at what sounds: the newest period of every note, as it goes round its loop. Point j of a shape is what was heard
   * at the phase j / points of the period, counted in periods since the note began, so that shapes of one note can be
   * laid over each other.
   * @param shapes f32 [as many notes as there is room for, points]
   * @param notes f64 [as many, 3]: id, f0 (Hz), the note's phase now (periods)
   * @returns how many notes were written
   * Audio thread: allocates nothing (unless the memory has grown since the last call).
   */
  look(shapes: Float32Array, notes: Float64Array, points: number): number {
    return this.#look.at(this.#pool.voices, shapes, notes, points);
  }

  /** Samples that were not finite and became silence, since the instrument was made; 0 unless something is wrong. */
  get brokenSamples(): number {
    return this.#pool.brokenSamples;
  }

  /**
   * Render the next samples of all notes, summed, into out[from .. to - 1].
   * Audio thread: allocates nothing (unless the memory has grown since the last call).
   */
  process(out: Float32Array, from = 0, to = out.length): void {
    this.#pool.process(out, from, to);
  }
}
