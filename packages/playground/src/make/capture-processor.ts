/** The worklet's processor that hands over what a microphone hears, raw: no codec, no processing, first channel. */

/** What of the worklet's scope is used. */
interface WorkletScope {
  AudioWorkletProcessor: new () => { port: { postMessage(message: unknown, transfer: ArrayBuffer[]): void } };
  registerProcessor(name: string, processor: unknown): void;
}

const scope = globalThis as unknown as WorkletScope;

/** Samples of a message: 43 ms at 48 kHz, often enough for a meter. */
const CHUNK = 2048;

class CaptureProcessor extends scope.AudioWorkletProcessor {
  #chunk = new Float32Array(CHUNK);
  #filled = 0;

  process([channels]: Float32Array[][]): boolean {
    const heard = channels?.[0];
    // nothing is connected yet, or no longer
    if (heard === undefined) return true;
    for (const sample of heard) {
      this.#chunk[this.#filled++] = sample;
      if (this.#filled < CHUNK) continue;
      this.port.postMessage(this.#chunk, [this.#chunk.buffer]);
      this.#chunk = new Float32Array(CHUNK);
      this.#filled = 0;
    }
    return true;
  }
}

// the name is microphone.ts's, too, which is no part of this script
scope.registerProcessor("capture", CaptureProcessor);
