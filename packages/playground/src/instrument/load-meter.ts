/**
 * How much of its time the audio thread needs. An AudioWorklet has no clock finer than a millisecond, and a block takes a
 * tenth of that; but where a block lies between two ticks is chance, so that over many blocks the ticks that fall into
 * them sum up to the time they took.
 */

/** Seconds of sound that one reading is taken over. */
const WINDOW_SECONDS = 0.5;

export class LoadMeter {
  readonly #now: () => number;
  readonly #windowFrames: number;
  #busyMs = 0;
  #frames = 0;
  #began = 0;
  #load = 0;

  /** @param sampleRate Hz @param now milliseconds, however coarse */
  constructor(sampleRate: number, now: () => number) {
    this.#now = now;
    this.#windowFrames = WINDOW_SECONDS * sampleRate;
  }

  begin(): void {
    this.#began = this.#now();
  }

  /** @param frames that were rendered since `begin` */
  end(frames: number, sampleRate: number): void {
    // a clock may be set back
    this.#busyMs += Math.max(0, this.#now() - this.#began);
    this.#frames += frames;
    if (this.#frames < this.#windowFrames) return;
    this.#load = (this.#busyMs * sampleRate) / (1000 * this.#frames);
    this.#busyMs = 0;
    this.#frames = 0;
  }

  /** Share of the time there is, 0 .. 1 (and above, where sound breaks up). */
  get load(): number {
    return this.#load;
  }
}
