/** Plays sounds that were computed: several at once, behind a limiter. The audio context is made with the first of them. */
import { openContext } from "../audio/context.ts";

/** Time constant (s) of an end that somebody asked for. */
const FADE = 0.012;

export class Speaker {
  #context: AudioContext | undefined;
  #out: AudioNode | undefined;

  /**
   * Play. In a gesture, the first time.
   * @param samples mono
   * @param gain a factor
   * @param onEnd told once it is over, however it ended
   * @returns ends it
   */
  play(
    samples: Float32Array,
    sampleRate: number,
    gain: number,
    onEnd: () => void = () => undefined,
  ): () => void {
    const context = this.#wake();
    const buffer = context.createBuffer(1, samples.length, sampleRate);
    buffer.getChannelData(0).set(samples);
    const source = new AudioBufferSourceNode(context, { buffer });
    const volume = new GainNode(context, { gain });
    source.connect(volume).connect(this.#out as AudioNode);
    source.start();
    source.onended = () => {
      volume.disconnect();
      onEnd();
    };
    return () => {
      volume.gain.setTargetAtTime(0, context.currentTime, FADE);
      source.stop(context.currentTime + 8 * FADE);
    };
  }

  #wake(): AudioContext {
    if (this.#context === undefined) {
      this.#context = openContext({ latencyHint: "interactive" });
      const limiter = new DynamicsCompressorNode(this.#context, {
        threshold: -6,
        ratio: 12,
        attack: 0.002,
        release: 0.1,
      });
      limiter.connect(this.#context.destination);
      this.#out = limiter;
    }
    return this.#context;
  }
}

/** The factor at which a sound's highest peak is a third below full scale; recordings are as loud as somebody made them. */
export function gainFor(samples: Float32Array): number {
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  return peak > 0 ? Math.min(30, 0.65 / peak) : 1;
}
