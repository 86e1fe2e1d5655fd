/**
 * How much of the second loop is heard beyond what it is as learned: the second polarisation of a string, weighed where
 * it is heard, so that the loops themselves go on as they do. The weight moves on straight lines from tick to tick,
 * counted in whole frames: blocks, however cut, give one sum.
 */
import type { Core } from "./core.ts";
import type { NoteVoice } from "./note-voice.ts";

/** Share of the way to its target that the weight goes per tick. */
const GLIDE = 0.25;

export class PolarisationMix {
  readonly #core: Core;
  readonly #tick: number;
  /** Frames that may be rendered before the second loop has forgotten them. */
  readonly #most: number;
  /** f32 x most, what the second loop of a voice holds. */
  readonly #address: number;
  #second: Float32Array;
  #from = 0;
  #frames = 0;
  #step = 0;
  #to = 0;

  /**
   * As learned: weight 0.
   * @param tick frames between two calls of `turn`
   * @param longestDelay of any voice (samples)
   */
  constructor(core: Core, tick: number, longestDelay: number) {
    this.#core = core;
    this.#tick = tick;
    this.#most = Math.min(tick, longestDelay);
    this.#address = core.allocate(4 * this.#most);
    this.#second = core.f32(this.#address, this.#most);
  }

  /** Where the weight goes. */
  get target(): number {
    return this.#to;
  }

  /** Let the weight go somewhere: by and by, or, where nothing sounds, at once. */
  aim(mix: number, atOnce: boolean): void {
    this.#to = mix;
    this.#line(atOnce ? mix : this.#now);
  }

  /**
   * Render a voice as it is heard.
   * @param address of the sound in the core's memory, f32 x frames
   * @param sound a view of it
   */
  hear(voice: NoteVoice, address: number, sound: Float32Array, frames: number): void {
    if (this.#from === 0 && this.#step === 0) {
      voice.render(address, frames);
      return;
    }
    // growing the memory detaches old views
    if (this.#second.length === 0) this.#second = this.#core.f32(this.#address, this.#most);
    const second = this.#second;
    for (let at = 0; at < frames; at += this.#most) {
      const count = Math.min(this.#most, frames - at);
      voice.render(address + 4 * at, count);
      voice.secondLoop(this.#address, count);
      const done = this.#frames + at;
      for (let n = 0; n < count; n++) sound[at + n] += (this.#from + (done + n) * this.#step) * second[n];
    }
  }

  /** All voices have been heard for so many frames more. */
  advance(frames: number): void {
    this.#frames += frames;
  }

  /** A tick is over: the next line begins. */
  turn(): void {
    this.#line(this.#now);
  }

  get #now(): number {
    return this.#from + this.#frames * this.#step;
  }

  #line(from: number): void {
    const gap = this.#to - from;
    const isNear = Math.abs(gap) < 1e-4;
    this.#from = isNear ? this.#to : from;
    this.#step = isNear ? 0 : (GLIDE * gap) / this.#tick;
    this.#frames = 0;
  }
}
