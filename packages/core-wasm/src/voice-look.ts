/** A look at what sounds, for who draws strings: the newest period of every note, as it goes round its loop. */
import type { Core } from "./core.ts";
import type { NoteVoice } from "./note-voice.ts";

export class VoiceLook {
  readonly #core: Core;
  readonly #sampleRate: number;
  /** Samples of the longest period, and its f32 in the core's memory. */
  readonly #most: number;
  readonly #address: number;
  #heard: Float32Array;

  /** @param sampleRate Hz @param mostPeriod of any voice's tuning (samples) */
  constructor(core: Core, sampleRate: number, mostPeriod: number) {
    this.#core = core;
    this.#sampleRate = sampleRate;
    this.#most = mostPeriod;
    this.#address = core.allocate(4 * mostPeriod);
    this.#heard = core.f32(this.#address, mostPeriod);
  }

  /** What `Voices.look` does. Audio thread: allocates nothing (unless the memory has grown since the last call). */
  at(voices: readonly NoteVoice[], shapes: Float32Array, notes: Float64Array, points: number): number {
    // growing the memory detaches old views
    if (this.#heard.length === 0) this.#heard = this.#core.f32(this.#address, this.#most);
    const room = Math.min(Math.floor(shapes.length / points), Math.floor(notes.length / 3));
    let count = 0;
    for (const voice of voices) {
      if (voice.id === 0 || count === room) continue;
      const period = this.#sampleRate / voice.f0;
      const turns = voice.age / period;
      this.#shape(voice, period, turns, shapes, count * points, points);
      notes[3 * count] = voice.id;
      notes[3 * count + 1] = voice.f0;
      notes[3 * count + 2] = turns;
      count++;
    }
    return count;
  }

  /** Read a voice's newest period at even phases, into shapes[to .. to + points - 1]. */
  #shape(voice: NoteVoice, period: number, turns: number, shapes: Float32Array, to: number, points: number) {
    const frames = Math.min(Math.ceil(period) + 1, this.#most);
    voice.heard(this.#address, frames);
    const heard = this.#heard;
    for (let j = 0; j < points; j++) {
      const phase = turns - j / points;
      // samples before the newest
      const back = (phase - Math.floor(phase)) * period;
      const at = frames - 1 - back;
      const i = Math.min(frames - 2, Math.max(0, Math.floor(at)));
      shapes[to + j] = heard[i] + (at - i) * (heard[i + 1] - heard[i]);
    }
  }
}
