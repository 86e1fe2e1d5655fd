/**
 * What stolen voices still say: their last samples, faded out, are rendered at once, so that their strings are free, and
 * summed in a ring from which the instrument plays them while new notes sound.
 */

/** A stolen voice fades out in so many seconds. */
const FADE_SECONDS = 0.006;

export class FadingTail {
  /** Weights of a voice's last samples; and the sum of all such samples still to come, a ring from #at on. */
  readonly #fade: Float32Array;
  readonly #ring: Float32Array;
  #at = 0;
  #left = 0;

  /** @param sampleRate Hz */
  constructor(sampleRate: number) {
    const frames = Math.ceil(FADE_SECONDS * sampleRate);
    this.#ring = new Float32Array(frames);
    this.#fade = Float32Array.from(this.#ring, (_, n) => 1 - smooth((n + 1) / frames));
  }

  /** Samples that a fade takes. */
  get frames(): number {
    return this.#ring.length;
  }

  get isSilent(): boolean {
    return this.#left === 0;
  }

  /** Fade a voice out. @param sound its next samples; at least `frames`. Audio thread: allocates nothing. */
  take(sound: Float32Array): void {
    const ring = this.#ring;
    for (let n = 0, at = this.#at; n < ring.length; n++) {
      ring[at] += this.#fade[n] * sound[n];
      at = at + 1 < ring.length ? at + 1 : 0;
    }
    this.#left = ring.length;
  }

  /** Add the next samples to out[at .. at + frames - 1]. Audio thread: allocates nothing. */
  addTo(out: Float32Array, at: number, frames: number): void {
    const ring = this.#ring;
    const count = Math.min(frames, this.#left);
    for (let n = 0; n < count; n++) {
      out[at + n] += ring[this.#at];
      ring[this.#at] = 0;
      this.#at = this.#at + 1 < ring.length ? this.#at + 1 : 0;
    }
    this.#left -= count;
  }

  /** Nothing fades any more. */
  clear(): void {
    this.#ring.fill(0);
    this.#left = 0;
  }
}

/** From 0 to 1 without a corner; a polynomial, so that every engine has the same bits. */
function smooth(x: number): number {
  return x * x * (3 - 2 * x);
}
