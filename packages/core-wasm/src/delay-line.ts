/**
 * A delay line on its own: write blocks, read many taps of the past at once, between samples too. For people who
 * build another string (or a chorus, or a reverb) on the same kernels.
 */
import type { Core } from "./core.ts";

// What one write or read may hold; the history keeps this much room.
const MOST_FRAMES = 4096;

/** A delay line with a fixed set of taps. Audio thread: read and write allocate nothing. */
export class DelayLine {
  readonly taps: number;
  /** Frames one `read` or `write` may ask for. */
  readonly blockFrames: number;
  readonly #core: Core;
  readonly #line: number;
  readonly #delays: number;
  readonly #in: number;
  readonly #out: number;
  #inView: Float32Array;
  #outView: Float32Array;
  #broken = 0;

  /**
   * Make a silent line.
   * @param delays samples >= 1, fractional allowed (cubic interpolation); the order is the order of `read`
   * @param blockFrames most frames of a block, default: as many as the shortest delay lets a feedback loop read ahead
   * @throws RangeError on delays below 1 or blocks beyond 4096
   */
  constructor(core: Core, delays: ArrayLike<number>, blockFrames?: number) {
    const list = Float64Array.from(delays);
    const shortest = Math.min(...list);
    if (list.length === 0 || !(shortest >= 1) || !Number.isFinite(Math.max(...list))) {
      throw new RangeError(
        `delays: expected one or more finite numbers >= 1, got ${shortest} as the shortest`,
      );
    }
    const ahead = list.every(Number.isInteger) ? shortest : Math.max(1, Math.floor(shortest) - 1);
    this.taps = list.length;
    this.blockFrames = blockFrames ?? Math.min(ahead, MOST_FRAMES);
    if (!(this.blockFrames >= 1 && this.blockFrames <= Math.min(ahead, MOST_FRAMES))) {
      throw new RangeError(
        `blockFrames: expected 1 to ${Math.min(ahead, MOST_FRAMES)} with these delays, got ${blockFrames}`,
      );
    }
    this.#core = core;
    this.#line = core.exports.delayLineCreate(Math.ceil(Math.max(...list)));
    this.#delays = core.put(list);
    this.#in = core.allocate(4 * this.blockFrames);
    this.#out = core.allocate(4 * this.blockFrames * this.taps);
    this.#inView = core.f32(this.#in, this.blockFrames);
    this.#outView = core.f32(this.#out, this.blockFrames * this.taps);
  }

  /**
   * Read every tap for the next `frames` samples, which are not written yet: out[t * frames + i] is the sample
   * delays[t] before the i-th of them.
   * @param out f32, taps * frames
   * @param frames 1 .. blockFrames
   */
  read(out: Float32Array, frames: number): void {
    this.#check(frames, out.length / this.taps);
    this.#core.exports.delayLineRead(this.#line, frames, this.#delays, this.taps, this.#out);
    this.#lookAgain();
    // whole blocks in one copy; a view of a part would have to be made
    if (frames === this.blockFrames) out.set(this.#outView);
    else for (let i = 0; i < frames * this.taps; i++) out[i] = this.#outView[i];
  }

  /** Append samples, at most blockFrames; what is not finite (or beyond 1e15) becomes silence and is counted. */
  write(samples: Float32Array): void {
    this.#check(samples.length, samples.length);
    this.#lookAgain();
    this.#inView.set(samples);
    this.#broken += this.#core.exports.delayLineWrite(this.#line, this.#in, samples.length);
  }

  /** Samples, since the line was cleared, that were not finite and became silence. */
  get brokenSamples(): number {
    return this.#broken;
  }

  /** Silence. */
  clear(): void {
    this.#broken = 0;
    this.#core.exports.delayLineClear(this.#line);
  }

  /** Renew the views where the memory has grown, which detaches them. */
  #lookAgain(): void {
    if (this.#inView.length > 0) return;
    this.#inView = this.#core.f32(this.#in, this.blockFrames);
    this.#outView = this.#core.f32(this.#out, this.blockFrames * this.taps);
  }

  #check(frames: number, room: number): void {
    if (!(frames >= 0 && frames <= this.blockFrames && frames <= room)) {
      throw new RangeError(
        `frames: expected at most ${Math.min(this.blockFrames, Math.floor(room))}, got ${frames}`,
      );
    }
  }
}
