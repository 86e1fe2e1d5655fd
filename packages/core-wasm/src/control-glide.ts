/**
 * How a string's controls move while it sounds: they glide, because the sound would jump with them. Steps are counted
 * in samples since the string was started, never in the host's blocks.
 */
import { known } from "./known-numbers.ts";
import type { StringVoice } from "./string-voice.ts";

/** Time constant of a glide (s). */
export const CONTROL_SECONDS = 0.02;

/** Samples between two steps: what a classic string's network evaluates at once. */
const TICK = 8;

/** What is left of a way that need not be gone in steps. */
const NEAR = 1e-4;

/** The controls of one string. Audio thread: allocates nothing once it is made. */
export class ControlGlide {
  readonly #voice: StringVoice;
  readonly #sampleRate: number;
  readonly #values: Float64Array;
  readonly #targets: Float64Array;
  /** Share of the way left that each control goes per tick; 0 = it rests. */
  readonly #shares: Float64Array;
  #moving = 0;
  /** Samples since the start. */
  #age = 0;

  /** @param controls how many there are */
  constructor(voice: StringVoice, controls: number, sampleRate: number) {
    this.#voice = voice;
    this.#sampleRate = sampleRate;
    this.#values = new Float64Array(controls);
    this.#targets = new Float64Array(controls);
    this.#shares = new Float64Array(controls);
  }

  /** Let a control move to a value; at once where nothing has sounded since the start, or there is no way between. */
  aim(index: number, value: number, seconds: number): void {
    if (this.#targets[index] === undefined) return; // there is no such control
    this.#rest(index);
    this.#targets[index] = known(value);
    this.#values[index] = this.#voice.controls[index];
    if (this.#age === 0 || !(seconds > 0) || !Number.isFinite(this.#targets[index] - this.#values[index])) {
      this.#arrive(index);
      return;
    }
    this.#shares[index] = Math.min(1, TICK / (seconds * this.#sampleRate));
    this.#moving++;
  }

  /** Arrive, everywhere. */
  settle(): void {
    for (let i = 0; i < this.#shares.length; i++) if (this.#shares[i] > 0) this.#arrive(i);
  }

  /** Arrive, and count samples anew: the string is started. */
  restart(): void {
    this.settle();
    this.#age = 0;
  }

  /** How many of the next samples have the same controls. */
  most(frames: number): number {
    return this.#moving > 0 ? Math.min(frames, TICK - (this.#age % TICK)) : frames;
  }

  /** So many samples have been rendered, at most `most`. */
  advance(frames: number): void {
    this.#age += frames;
    if (this.#moving === 0 || this.#age % TICK > 0) return;
    for (let i = 0; i < this.#shares.length; i++) {
      if (this.#shares[i] === 0) continue;
      const gap = this.#targets[i] - this.#values[i];
      if (Math.abs(gap) < NEAR) {
        this.#arrive(i);
      } else {
        this.#values[i] += this.#shares[i] * gap;
        this.#voice.controls[i] = this.#values[i];
      }
    }
  }

  #arrive(index: number): void {
    this.#rest(index);
    this.#voice.controls[index] = this.#targets[index];
  }

  #rest(index: number): void {
    if (this.#shares[index] > 0) this.#moving--;
    this.#shares[index] = 0;
  }
}
