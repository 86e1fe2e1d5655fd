/** What was recorded, in pieces as they come, and in one piece as a WAV file. */
import { encodeWav } from "@neural-string/shared/encode-wav";

/** A recording that nobody ends must not fill the memory: at 48 kHz this is 115 MB. */
export const MOST_SECONDS = 600;

export class Tape {
  readonly #sampleRate: number;
  readonly #pieces: Float32Array[] = [];
  #frames = 0;

  /** @param sampleRate Hz */
  constructor(sampleRate: number) {
    this.#sampleRate = sampleRate;
  }

  get seconds(): number {
    return this.#frames / this.#sampleRate;
  }

  get isFull(): boolean {
    return this.seconds >= MOST_SECONDS;
  }

  add(samples: Float32Array): void {
    this.#pieces.push(samples);
    this.#frames += samples.length;
  }

  /** All of it, mono. */
  get samples(): Float32Array {
    const all = new Float32Array(this.#frames);
    let at = 0;
    for (const piece of this.#pieces) {
      all.set(piece, at);
      at += piece.length;
    }
    return all;
  }

  /** As a 32-bit float WAV file. */
  toWav(): Uint8Array<ArrayBuffer> {
    return encodeWav(this.samples, this.#sampleRate) as Uint8Array<ArrayBuffer>;
  }
}

/** "1:05" */
export function minutes(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
