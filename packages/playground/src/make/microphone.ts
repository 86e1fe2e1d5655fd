/**
 * The microphone, raw: what a browser does for calls (echo, noise, gain) is switched off, since it eats decays. Nothing is
 * opened before somebody asks, and it is closed when the recording ends.
 */

import { tellPhone } from "../audio/context.ts";

export interface MicrophoneEvents {
  /** Several times a second: a piece of what is heard, and its peak, full scale ±1. */
  onChunk(samples: Float32Array, peak: number): void;
}

export class Microphone {
  readonly sampleRate: number;
  readonly #context: AudioContext;
  readonly #stream: MediaStream;

  /**
   * Open it, in a gesture.
   * @param worklet where the capturing processor's script is
   * @throws Error with one sentence: refused, none there, busy, or a page that may not ask
   */
  static async open(worklet: string, events: MicrophoneEvents): Promise<Microphone> {
    if (navigator.mediaDevices?.getUserMedia === undefined) {
      throw new Error(
        "This page may not use a microphone: browsers allow it on secure pages (https) only. Drop a file instead.",
      );
    }
    let stream: MediaStream;
    tellPhone("play-and-record");
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
      });
    } catch (error) {
      tellPhone("playback");
      throw new Error(whyNot(error));
    }
    const context = new AudioContext();
    try {
      await context.audioWorklet.addModule(worklet);
      await context.resume();
      const node = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0 });
      node.port.onmessage = ({ data }: { data: Float32Array }) => {
        let peak = 0;
        for (const sample of data) peak = Math.max(peak, Math.abs(sample));
        events.onChunk(data, peak);
      };
      new MediaStreamAudioSourceNode(context, { mediaStream: stream }).connect(node);
      return new Microphone(context, stream);
    } catch (error) {
      for (const track of stream.getTracks()) track.stop();
      void context.close();
      tellPhone("playback");
      throw error;
    }
  }

  private constructor(context: AudioContext, stream: MediaStream) {
    this.sampleRate = context.sampleRate;
    this.#context = context;
    this.#stream = stream;
  }

  close(): void {
    for (const track of this.#stream.getTracks()) track.stop();
    void this.#context.close();
    tellPhone("playback");
  }
}

/** What kept a microphone from being opened, and what to do. */
function whyNot(error: unknown): string {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError") {
    return "The microphone was refused. Allow it for this site (beside the address), or drop a file instead.";
  }
  if (name === "NotFoundError") return "No microphone was found. Plug one in, or drop a file instead.";
  if (name === "NotReadableError") {
    return "The microphone is in use by something else. Close that, or drop a file instead.";
  }
  return `The microphone could not be opened (${name || String(error)}). Drop a file instead.`;
}
