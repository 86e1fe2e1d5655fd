/**
 * Plays sounds that were computed: several at once, under a soft ceiling. What is compared by ear must not be changed on its
 * way, and a DynamicsCompressorNode changes every attack and the level of everything; so what is not too loud passes as it
 * is, and only what several sounds come to together is bent. The audio context is made with the first of them.
 */
import { openContext } from "../audio/context.ts";
import { ceilingCurve, LOUDEST } from "./level.ts";

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
      // a shaper takes in what lies within ±1
      const within = new GainNode(this.#context, { gain: 1 / LOUDEST });
      const ceiling = new WaveShaperNode(this.#context, { curve: ceilingCurve() });
      within.connect(ceiling).connect(this.#context.destination);
      this.#out = within;
    }
    return this.#context;
  }
}
