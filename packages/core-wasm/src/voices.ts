/**
 * An instrument of many strings of one model: notes by pitch and velocity, note-off, pitch bend, and voice stealing
 * without a click. Tunings are made elsewhere (`StringTuner`), so a note-on at any pitch costs a copy: it sounds from the
 * next sample that is rendered.
 *
 * Everything is counted in samples since the instrument was made, never in the host's blocks, so what is rendered does
 * not depend on how blocks are cut.
 */
import type { Core } from "./core.ts";
import type { StringModel } from "./model-file.ts";
import { NoteVoice } from "./note-voice.ts";
import type { PassiveModel } from "./passive-model.ts";
import { type StringTuning, tunedShape } from "./passive-tuning.ts";
import { checkBend, checkPluck, checkPolarisation, checkT60, type PluckShape } from "./playing-limits.ts";
import { keyboardOf, StringTuner } from "./string-tuner.ts";
import { TuningBank } from "./tuning-bank.ts";

export interface VoicesOptions {
  /** Notes that sound at once; the quietest makes room for one more. Default 16, at most 256. */
  polyphony?: number;
  /** Hz; default: the model's. */
  sampleRate?: number;
  /** Hz, the lowest pitch of any tuning; memory is reserved for it. Default: the lowest of `keyboardOf`. */
  lowestF0?: number;
  /** Seconds to fall 60 dB after a note-off, above 0; Infinity = strings ring on. Default 0.15. */
  releaseT60?: number;
}

/** Frames between two looks at what has died away, and between two steps of a control's glide. */
const TICK = 256;

/** A stolen voice fades out in so many seconds. */
const FADE_SECONDS = 0.006;

/** Share of the way to its target that the polarisation goes per tick. */
const MIX_GLIDE = 0.25;

/** -120 dB of full scale: a voice that stays below for two periods is free again. */
const INAUDIBLE = 1e-6;

const MOST_POLYPHONY = 256;

// rounding of period, taps and ahead may lengthen a string by a few samples more than its pitch says
const SPARE = 8;

/** Many strings of one model. Made off the audio thread; what is not said to allocate is safe on it. */
export class Voices {
  readonly model: PassiveModel;
  /** Hz */
  readonly sampleRate: number;
  readonly #core: Core;
  readonly #bank: TuningBank;
  readonly #voices: NoteVoice[];
  readonly #lowestF0: number;
  readonly #longest: ReturnType<typeof tunedShape>;
  readonly #controls: Float64Array;
  readonly #scratch: number;
  #sound: Float32Array;
  /** f32 x TICK, what the second loop of a voice holds. */
  readonly #second: number;
  #secondLoop: Float32Array;
  /** Weights of a stolen voice's last samples; and the sum of all such samples still to come, a ring from #tailAt on. */
  readonly #fade: Float32Array;
  readonly #tail: Float32Array;
  #tailAt = 0;
  #tailLeft = 0;
  #untilTick = TICK;
  #lastId = 0;
  #bend = 0;
  #softT60 = Number.POSITIVE_INFINITY;
  #muteT60 = Number.POSITIVE_INFINITY;
  /** What of the second loop is added to what is heard: on a straight line for so many frames, and where it goes. */
  #mixFrom = 0;
  #mixFrames = 0;
  #mixStep = 0;
  #mixTo = 0;
  #releaseT60: number;
  #brokenBefore = 0;
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
    const { polyphony = 16, sampleRate = model.sampleRate, releaseT60 = 0.15 } = options;
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
    this.#lowestF0 = options.lowestF0 ?? keyboardOf(model, sampleRate)[0];
    this.#longest = tunedShape(model, { sampleRate, f0: this.#lowestF0 });
    this.#controls = new Float64Array(model.controls).fill(Number.NaN);
    this.#bank = new TuningBank(core, model);
    const parameters = [model.hiddenWeight, model.hiddenBias, model.outputWeight, model.outputBias];
    const network = core.put(Float32Array.from(parameters.flatMap((p) => Array.from(p))));
    const { period, taps, longestDelay } = this.#longest;
    const most = {
      ...this.#longest,
      period: period + SPARE,
      taps: taps + SPARE,
      longestDelay: longestDelay + SPARE,
    };
    const mostPluck = longestPluck(model, sampleRate, this.#lowestF0) + period + SPARE;
    this.#voices = Array.from(
      { length: polyphony },
      () => new NoteVoice(core, model, most, network, mostPluck),
    );
    const frames = Math.ceil(FADE_SECONDS * sampleRate);
    this.#tail = new Float32Array(frames);
    this.#fade = Float32Array.from(this.#tail, (_, n) => 1 - smooth((n + 1) / frames));
    const sizes = { scratch: Math.max(TICK, frames, period + SPARE), second: TICK };
    this.#scratch = core.allocate(4 * sizes.scratch);
    this.#second = core.allocate(4 * sizes.second);
    this.#sound = core.f32(this.#scratch, sizes.scratch);
    this.#secondLoop = core.f32(this.#second, sizes.second);
  }

  /** Hz of the tunings at hand; a note is played from the nearest. */
  get pitches(): number[] {
    return this.#bank.pitches;
  }

  /**
   * Take a tuning in. Allocates, but quickly: between two blocks it may be done where sound is rendered.
   * @param tuning made by a `StringTuner` of the same model and sample rate
   * @throws RangeError for one that does not fit
   */
  addTuning(tuning: StringTuning): void {
    const { model } = this;
    const fits =
      tuning.sampleRate === this.sampleRate &&
      tuning.longestDelay <= this.#longest.longestDelay + SPARE &&
      tuning.period <= this.#longest.period + SPARE &&
      tuning.taps <= this.#longest.taps + SPARE &&
      tuning.loopTaps.length === (1 + model.filters) * tuning.taps &&
      tuning.excitations.length === model.excitations.length;
    if (!fits) {
      throw new RangeError(
        `tuning: expected one of this model at ${this.sampleRate} Hz and from ${this.#lowestF0} Hz up, got one at ${tuning.sampleRate} Hz and ${tuning.f0} Hz`,
      );
    }
    this.#bank.add(tuning);
  }

  /**
   * Make tunings here and now, for who has the time (some milliseconds each): Node, a page that plays nothing yet.
   * @param pitches Hz; default: a keyboard (`keyboardOf`)
   */
  tune(pitches: Iterable<number> = keyboardOf(this.model, this.sampleRate)): void {
    const { sampleRate } = this;
    this.#tuner ??= new StringTuner(this.#core, this.model, { sampleRate, lowestF0: this.#lowestF0 });
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
    const { position = 0, cutoff = Number.POSITIVE_INFINITY } = pluck;
    const tuning = this.#bank.nearest(f0);
    const voice = this.#freeVoice();
    const layer = this.#bank.layer(f0, velocity);
    voice.id = id;
    voice.offset = 1200 * Math.log2(f0 / tuning.f0);
    voice.bent = 0;
    // at rest: where the string is bent to, it begins
    voice.bend(this.#bend);
    voice.soften(this.#softT60);
    const level = this.#bank.levelOf(layer, velocity);
    voice.begin(tuning, f0, layer, level, this.#controls, position, cutoff);
    if (this.#muteT60 < Number.POSITIVE_INFINITY) voice.damp(this.#muteT60);
    this.#lastId = Math.max(this.#lastId, id);
    return id;
  }

  /** End a note: its string is damped. One that has ended is none. Audio thread: allocates nothing. */
  noteOff(id: number): void {
    for (const voice of this.#voices) {
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
    for (const voice of this.#voices) {
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
    for (const voice of this.#voices) if (voice.id !== 0 && !voice.isReleased) voice.damp(t60);
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
    this.#mixTo = mix;
    this.#aimMix(this.isSilent ? mix : this.#mix);
  }

  get polarisation(): number {
    return this.#mixTo;
  }

  /**
   * Soften the tone of what sounds and will: high partials die sooner.
   * @param t60 seconds to fall 60 dB at 4 kHz by this alone; Infinity = as learned
   * Audio thread: allocates nothing.
   */
  soften(t60: number): void {
    checkT60(t60);
    this.#softT60 = t60;
    for (const voice of this.#voices) if (voice.id !== 0) voice.soften(t60);
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
   * Hold one of the model's controls at a value, of what sounds and will; it glides there. NaN: as each pluck was
   * recorded, for the notes to come.
   * Audio thread: allocates nothing.
   */
  setControl(index: number, value: number): void {
    if (!(index >= 0 && index < this.#controls.length)) return;
    this.#controls[index] = value;
    if (Number.isNaN(value)) return;
    for (const voice of this.#voices) if (voice.id !== 0) voice.aimControl(index, value);
  }

  /** Fade out all that sounds, within 6 ms. Audio thread: allocates nothing. */
  stop(): void {
    for (const voice of this.#voices) if (voice.id !== 0) this.#fadeOut(voice);
  }

  /** Silence at once. Audio thread: allocates nothing. */
  reset(): void {
    for (const voice of this.#voices) if (voice.id !== 0) voice.end();
    this.#tail.fill(0);
    this.#tailLeft = 0;
  }

  /** Notes that sound. */
  get sounding(): number {
    let count = 0;
    for (const voice of this.#voices) if (voice.id !== 0) count++;
    return count;
  }

  /** True where the next sample would be 0: no note sounds, and none fades. */
  get isSilent(): boolean {
    return this.#tailLeft === 0 && this.sounding === 0;
  }

  /**
   * Look at what sounds: the newest period of every note, as it goes round its loop. Point j of a shape is what was heard
   * at the phase j / points of the period, counted in periods since the note began, so that shapes of one note can be
   * laid over each other.
   * @param shapes f32 [as many notes as there is room for, points]
   * @param notes f64 [as many, 3]: id, f0 (Hz), the note's phase now (periods)
   * @returns how many notes were written
   * Audio thread: allocates nothing.
   */
  look(shapes: Float32Array, notes: Float64Array, points: number): number {
    this.#refresh();
    const room = Math.min(Math.floor(shapes.length / points), Math.floor(notes.length / 3));
    let count = 0;
    for (const voice of this.#voices) {
      if (voice.id === 0 || count === room) continue;
      const period = this.sampleRate / voice.f0;
      const frames = Math.min(Math.ceil(period) + 1, this.#sound.length);
      voice.heard(this.#scratch, frames);
      const turns = voice.age / period;
      const sound = this.#sound;
      for (let j = 0; j < points; j++) {
        // samples before the newest
        const back = (turns - j / points - Math.floor(turns - j / points)) * period;
        const at = frames - 1 - back;
        const i = Math.min(frames - 2, Math.max(0, Math.floor(at)));
        shapes[count * points + j] = sound[i] + (at - i) * (sound[i + 1] - sound[i]);
      }
      notes[3 * count] = voice.id;
      notes[3 * count + 1] = voice.f0;
      notes[3 * count + 2] = turns;
      count++;
    }
    return count;
  }

  /** Samples that were not finite and became silence, since the instrument was made; 0 unless something is wrong. */
  get brokenSamples(): number {
    let count = this.#brokenBefore;
    for (const voice of this.#voices) if (voice.id !== 0) count += voice.brokenSamples;
    return count;
  }

  /**
   * Render the next samples of all notes, summed, into out[from .. to - 1].
   * Audio thread: allocates nothing (unless the memory has grown since the last call).
   */
  process(out: Float32Array, from = 0, to = out.length): void {
    this.#refresh();
    for (let at = from; at < to; ) {
      const frames = Math.min(this.#untilTick, to - at);
      out.fill(0, at, at + frames);
      for (const voice of this.#voices) if (voice.id !== 0) this.#add(voice, out, at, frames);
      if (this.#tailLeft > 0) this.#addTail(out, at, frames);
      this.#mixFrames += frames;
      this.#untilTick -= frames;
      if (this.#untilTick === 0) this.#tick();
      at += frames;
    }
  }

  #add(voice: NoteVoice, out: Float32Array, at: number, frames: number): void {
    this.#hear(voice, frames);
    const sound = this.#sound;
    let peak = voice.peak;
    for (let n = 0; n < frames; n++) {
      const x = sound[n];
      out[at + n] += x;
      if (x > peak) peak = x;
      else if (-x > peak) peak = -x;
    }
    voice.peak = peak;
    voice.age += frames;
  }

  /** Render a voice as it is heard, its polarisations weighed. */
  #hear(voice: NoteVoice, frames: number): void {
    if (this.#mixFrom === 0 && this.#mixStep === 0) {
      voice.render(this.#scratch, frames);
      return;
    }
    const most = Math.min(TICK, this.#longest.longestDelay);
    for (let at = 0; at < frames; at += most) {
      const count = Math.min(most, frames - at);
      voice.render(this.#scratch + 4 * at, count);
      voice.secondLoop(this.#second, count);
      const done = this.#mixFrames + at;
      for (let n = 0; n < count; n++) {
        this.#sound[at + n] += (this.#mixFrom + (done + n) * this.#mixStep) * this.#secondLoop[n];
      }
    }
  }

  get #mix(): number {
    return this.#mixFrom + this.#mixFrames * this.#mixStep;
  }

  /** From tick to tick the mix goes in a straight line, counted in whole frames: blocks, however cut, give one sum. */
  #aimMix(from: number): void {
    const gap = this.#mixTo - from;
    const near = Math.abs(gap) < 1e-4;
    this.#mixFrom = near ? this.#mixTo : from;
    this.#mixStep = near ? 0 : (MIX_GLIDE * gap) / TICK;
    this.#mixFrames = 0;
  }

  /** Growing the memory detaches old views. */
  #refresh(): void {
    if (this.#sound.length > 0) return;
    const { period } = this.#longest;
    this.#sound = this.#core.f32(this.#scratch, Math.max(TICK, this.#tail.length, period + SPARE));
    this.#secondLoop = this.#core.f32(this.#second, TICK);
  }

  #addTail(out: Float32Array, at: number, frames: number): void {
    const count = Math.min(frames, this.#tailLeft);
    const tail = this.#tail;
    for (let n = 0; n < count; n++) {
      out[at + n] += tail[this.#tailAt];
      tail[this.#tailAt] = 0;
      this.#tailAt = this.#tailAt + 1 < tail.length ? this.#tailAt + 1 : 0;
    }
    this.#tailLeft -= count;
  }

  #tick(): void {
    this.#untilTick = TICK;
    this.#aimMix(this.#mix);
    for (const voice of this.#voices) {
      if (voice.id === 0) continue;
      voice.quiet = voice.peak < INAUDIBLE ? voice.quiet + TICK : 0;
      voice.lastPeak = voice.age < TICK ? Number.POSITIVE_INFINITY : voice.peak;
      voice.peak = 0;
      if (voice.quiet > 2 * this.#longest.longestDelay) this.#end(voice);
      else voice.glide();
    }
  }

  /** A voice at rest; if there is none, the quietest is made to be, of the released ones first. */
  #freeVoice(): NoteVoice {
    let stolen = this.#voices[0];
    for (const voice of this.#voices) {
      if (voice.id === 0) return voice;
      if (isRatherStolen(voice, stolen)) stolen = voice;
    }
    this.#fadeOut(stolen);
    return stolen;
  }

  /** Render what a voice still says while it fades, now, so that its string is free at once. */
  #fadeOut(voice: NoteVoice): void {
    const { length } = this.#tail;
    this.#refresh();
    this.#hear(voice, length);
    for (let n = 0, at = this.#tailAt; n < length; n++) {
      this.#tail[at] += this.#fade[n] * this.#sound[n];
      at = at + 1 < length ? at + 1 : 0;
    }
    this.#tailLeft = length;
    this.#end(voice);
  }

  #end(voice: NoteVoice): void {
    this.#brokenBefore += voice.brokenSamples;
    voice.end();
  }
}

/** Released notes before held ones, quiet ones before loud ones, old ones before young ones. */
function isRatherStolen(voice: NoteVoice, than: NoteVoice): boolean {
  if (voice.isReleased !== than.isReleased) return voice.isReleased;
  return voice.lastPeak === than.lastPeak ? voice.age > than.age : voice.lastPeak < than.lastPeak;
}

const AS_RECORDED: PluckShape = {};

/** Samples of the longest excitation where it is tuned lowest. */
function longestPluck(model: PassiveModel, sampleRate: number, lowestF0: number): number {
  const lengths = model.excitations.map(({ samples, f0 }) => {
    const stretched = (samples.length * sampleRate * f0) / (model.sampleRate * lowestF0);
    // the swell that is taken out of it (excitations.ts) lasts some periods more
    return Math.max(samples.length, stretched) + (8 * sampleRate) / lowestF0;
  });
  return Math.ceil(Math.max(...lengths));
}

/** From 0 to 1 without a corner; a polynomial, so that every engine has the same bits. */
function smooth(x: number): number {
  return x * x * (3 - 2 * x);
}
