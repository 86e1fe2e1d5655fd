/**
 * Plays sounds of one length beside each other: all run together, one is heard, and switching between them takes 10 ms,
 * without a click and without losing the place. The context is made when somebody first presses play.
 */
import { openContext } from "../audio/context.ts";

export type SoundName = "target" | "render" | "karplus";

export interface LoadedSound {
  samples: Float32Array;
  gain: number;
}

/** Time constant of a switch (s): four of them, and it is over. */
const SWITCH = 0.0025;

interface Running {
  gains: Record<SoundName, GainNode>;
  sources: AudioBufferSourceNode[];
  /** The context's time at which second 0 was, or would have been, heard. */
  zero: number;
}

export class Player {
  #context: AudioContext | undefined;
  #sounds: Record<SoundName, LoadedSound> | undefined;
  #sampleRate = 48000;
  #running: Running | undefined;
  #heard: SoundName = "target";
  #at = 0;
  /** Told when it starts, stops and comes to its end. */
  onChange: () => void = () => undefined;

  /** Take other sounds, from their start. Those that play stop. */
  load(sounds: Record<SoundName, LoadedSound>, sampleRate: number): void {
    this.stop();
    this.#sounds = sounds;
    this.#sampleRate = sampleRate;
    this.#at = 0;
  }

  get isPlaying(): boolean {
    return this.#running !== undefined;
  }

  get heard(): SoundName {
    return this.#heard;
  }

  /** Length of the sounds (s). */
  get seconds(): number {
    return (this.#sounds?.target.samples.length ?? 0) / this.#sampleRate;
  }

  /** Where it is (s). */
  get position(): number {
    if (!this.#running || !this.#context) return this.#at;
    return Math.min(this.seconds, Math.max(0, this.#context.currentTime - this.#running.zero));
  }

  /** Hear another of the sounds, from here on. */
  hear(name: SoundName): void {
    this.#heard = name;
    if (!this.#running || !this.#context) return;
    for (const [other, gain] of Object.entries(this.#running.gains)) {
      gain.gain.setTargetAtTime(other === name ? 1 : 0, this.#context.currentTime, SWITCH);
    }
  }

  /** Go to a place. @param seconds from the start */
  seek(seconds: number): void {
    const goesOn = this.isPlaying;
    this.#halt();
    this.#at = Math.max(0, Math.min(this.seconds, seconds));
    if (goesOn) this.play();
  }

  /** Play on from where it is, or from the start where it is at its end. In a gesture. */
  play(): void {
    const sounds = this.#sounds;
    if (!sounds || this.#running) return;
    this.#context ??= openContext();
    const context = this.#context;
    if (this.#at >= this.seconds - 0.02) this.#at = 0;
    const start = context.currentTime + 0.03;
    const sources: AudioBufferSourceNode[] = [];
    const gains = {} as Record<SoundName, GainNode>;
    for (const name of Object.keys(sounds) as SoundName[]) {
      const gain = new GainNode(context, { gain: name === this.#heard ? 1 : 0 });
      const source = new AudioBufferSourceNode(context, { buffer: this.#buffer(context, sounds[name]) });
      source.connect(gain).connect(context.destination);
      source.start(start, this.#at);
      gains[name] = gain;
      sources.push(source);
    }
    const running: Running = { gains, sources, zero: start - this.#at };
    sources[0].onended = () => {
      if (this.#running !== running) return;
      this.#running = undefined;
      this.#at = 0;
      this.onChange();
    };
    this.#running = running;
    this.onChange();
  }

  /** Stop, and stay where it is. */
  stop(): void {
    if (!this.#running) return;
    this.#halt();
    this.onChange();
  }

  #halt(): void {
    const running = this.#running;
    if (!running || !this.#context) return;
    this.#at = this.position;
    this.#running = undefined;
    for (const gain of Object.values(running.gains))
      gain.gain.setTargetAtTime(0, this.#context.currentTime, SWITCH);
    for (const source of running.sources) source.stop(this.#context.currentTime + 8 * SWITCH);
  }

  #buffer(context: AudioContext, { samples, gain }: LoadedSound): AudioBuffer {
    const buffer = context.createBuffer(1, samples.length, this.#sampleRate);
    const channel = buffer.getChannelData(0);
    for (let n = 0; n < samples.length; n++) channel[n] = gain * samples[n];
    return buffer;
  }
}
