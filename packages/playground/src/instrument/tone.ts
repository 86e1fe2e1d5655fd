/**
 * What comes after the strings: treble that is lifted, and the volume. Both glide. At rest (no lift, a gain of 1) sound
 * passes bit for bit; arithmetic only, so that every engine has the same bits.
 */

/** Hz above which treble is lifted. */
const SHELF_HZ = 1800;
const GLIDE_SECONDS = 0.006;

export class Tone {
  readonly #pole: number;
  readonly #glide: number;
  #low = 0;
  #lift = 0;
  #liftTo = 0;
  #gain = 1;
  #gainTo = 1;

  /** @param sampleRate Hz */
  constructor(sampleRate: number) {
    const w = (2 * Math.PI * SHELF_HZ) / sampleRate;
    this.#pole = w / (1 + w);
    this.#glide = 1 / (GLIDE_SECONDS * sampleRate);
  }

  /** @param lift what of the treble is added to it, 0 .. 4 */
  set lift(lift: number) {
    this.#liftTo = lift;
  }

  /** @param gain factor on everything, 0 .. 8 */
  set gain(gain: number) {
    this.#gainTo = gain;
  }

  /** In place. Audio thread: allocates nothing. */
  process(sound: Float32Array): void {
    for (let n = 0; n < sound.length; n++) {
      const x = sound[n];
      this.#low += this.#pole * (x - this.#low);
      // a tail that nobody hears must not become subnormal
      if (Math.abs(this.#low) < 1e-15) this.#low = 0;
      this.#lift = approach(this.#lift, this.#liftTo, this.#glide);
      this.#gain = approach(this.#gain, this.#gainTo, this.#glide);
      sound[n] = this.#gain * (this.#lift === 0 ? x : x + this.#lift * (x - this.#low));
    }
  }
}

function approach(from: number, to: number, share: number): number {
  const gap = to - from;
  return Math.abs(gap) < 1e-6 ? to : from + share * gap;
}
