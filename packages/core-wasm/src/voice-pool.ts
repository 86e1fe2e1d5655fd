/**
 * The voices of an instrument: which of them sounds, which is free and which makes room for a new note, and their sum.
 * Time is counted in samples since the pool was made, never in the host's blocks.
 */
import type { Core } from "./core.ts";
import { FadingTail } from "./fading-tail.ts";
import type { NoteVoice } from "./note-voice.ts";
import { PolarisationMix } from "./polarisation-mix.ts";

/** Frames between two looks at what has died away, and between two steps of a glide. */
const TICK = 256;

/** -120 dB of full scale: a voice that stays below for long enough is free again. */
const INAUDIBLE = 1e-6;

export class VoicePool {
  /** All there are; those that sound have an id. */
  readonly voices: NoteVoice[] = [];
  readonly #core: Core;
  readonly #make: () => NoteVoice;
  readonly #most: number;
  readonly #patience: number;
  readonly #tail: FadingTail;
  readonly #mix: PolarisationMix;
  readonly #scratch: number;
  #sound: Float32Array;
  #untilTick = TICK;
  #brokenBefore = 0;

  /**
   * A pool without voices.
   * @param make makes one, at rest
   * @param most voices
   * @param sampleRate Hz
   * @param longestDelay of any voice (samples); one that is too quiet to be heard for two of them is free again
   */
  constructor(core: Core, make: () => NoteVoice, most: number, sampleRate: number, longestDelay: number) {
    this.#core = core;
    this.#make = make;
    this.#most = most;
    this.#patience = 2 * longestDelay;
    this.#tail = new FadingTail(sampleRate);
    this.#mix = new PolarisationMix(core, TICK, longestDelay);
    this.#scratch = core.allocate(4 * this.#frames);
    this.#sound = core.f32(this.#scratch, this.#frames);
  }

  /** Make up to so many more voices. Allocates. @returns how many are still missing */
  prepare(count: number): number {
    const to = Math.min(this.#most, this.voices.length + Math.max(0, count));
    while (this.voices.length < to) this.voices.push(this.#make());
    return this.#most - to;
  }

  /**
   * A voice at rest; if there is none, the quietest is made to be, of the released ones first.
   * @throws RangeError where there are no voices yet
   */
  free(): NoteVoice {
    let stolen = this.voices[0];
    if (stolen === undefined) throw new RangeError("voices: expected one at least to be prepared, got none");
    for (const voice of this.voices) {
      if (voice.id === 0) return voice;
      if (isRatherStolen(voice, stolen)) stolen = voice;
    }
    this.#fadeOut(stolen);
    return stolen;
  }

  /** What is heard of the second loop beyond what it is as learned, as a factor; it glides there while something sounds. */
  set polarisation(mix: number) {
    this.#mix.aim(mix, this.isSilent);
  }

  get polarisation(): number {
    return this.#mix.target;
  }

  /** Fade out all that sounds, within 6 ms. */
  stop(): void {
    for (const voice of this.voices) if (voice.id !== 0) this.#fadeOut(voice);
  }

  /** Silence at once. */
  reset(): void {
    for (const voice of this.voices) if (voice.id !== 0) this.#end(voice);
    this.#tail.clear();
  }

  /** How many sound. */
  get sounding(): number {
    let count = 0;
    for (const voice of this.voices) if (voice.id !== 0) count++;
    return count;
  }

  /** True where the next sample would be 0. */
  get isSilent(): boolean {
    return this.#tail.isSilent && this.sounding === 0;
  }

  /** Samples that were not finite and became silence, of all notes ever. */
  get brokenSamples(): number {
    let count = this.#brokenBefore;
    for (const voice of this.voices) if (voice.id !== 0) count += voice.brokenSamples;
    return count;
  }

  /** Render the next samples, summed, into out[from .. to - 1]. */
  process(out: Float32Array, from: number, to: number): void {
    this.#look();
    for (let at = from; at < to; ) {
      const frames = Math.min(this.#untilTick, to - at);
      out.fill(0, at, at + frames);
      for (const voice of this.voices) if (voice.id !== 0) this.#add(voice, out, at, frames);
      this.#tail.addTo(out, at, frames);
      this.#mix.advance(frames);
      this.#untilTick -= frames;
      if (this.#untilTick === 0) this.#tick();
      at += frames;
    }
  }

  #add(voice: NoteVoice, out: Float32Array, at: number, frames: number): void {
    const sound = this.#sound;
    this.#mix.hear(voice, this.#scratch, sound, frames);
    const { peaks } = voice;
    let peak = peaks[0];
    for (let n = 0; n < frames; n++) {
      const x = sound[n];
      out[at + n] += x;
      if (x > peak) peak = x;
      else if (-x > peak) peak = -x;
    }
    peaks[0] = peak;
    voice.age += frames;
  }

  #tick(): void {
    this.#untilTick = TICK;
    this.#mix.turn();
    for (const voice of this.voices) {
      if (voice.id === 0) continue;
      const { peaks } = voice;
      voice.quiet = peaks[0] < INAUDIBLE ? voice.quiet + TICK : 0;
      peaks[1] = voice.age < TICK ? Number.POSITIVE_INFINITY : peaks[0];
      peaks[0] = 0;
      if (voice.quiet > this.#patience) this.#end(voice);
      else voice.glide();
    }
  }

  /** Render what a voice still says while it fades, now, so that its string is free at once. */
  #fadeOut(voice: NoteVoice): void {
    this.#look();
    this.#mix.hear(voice, this.#scratch, this.#sound, this.#tail.frames);
    this.#tail.take(this.#sound);
    this.#end(voice);
  }

  #end(voice: NoteVoice): void {
    this.#brokenBefore += voice.brokenSamples;
    voice.end();
  }

  /** Growing the memory detaches old views. */
  #look(): void {
    if (this.#sound.length === 0) this.#sound = this.#core.f32(this.#scratch, this.#frames);
  }

  /** Room for a tick, and for a fade. */
  get #frames(): number {
    return Math.max(TICK, this.#tail.frames);
  }
}

/** Released notes before held ones, quiet ones before loud ones, old ones before young ones. */
function isRatherStolen(voice: NoteVoice, than: NoteVoice): boolean {
  if (voice.isReleased !== than.isReleased) return voice.isReleased;
  return voice.peaks[1] === than.peaks[1] ? voice.age > than.age : voice.peaks[1] < than.peaks[1];
}
