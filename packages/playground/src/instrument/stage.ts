/**
 * What the instrument's audio thread does, without the worklet: core-wasm's instrument, then tone, then the limiter; and
 * on the way, meters, what strings look like, and a tape. In Node it renders what it renders in a browser, bit for bit.
 */
import { Instrument } from "@neural-string/core-wasm";
import { Limiter } from "./limiter.ts";
import { LoadMeter } from "./load-meter.ts";
import { type FromStage, LOOK_POINTS, type Look, type ToStage } from "./stage-messages.ts";
import { Tone } from "./tone.ts";

/** Samples that the tape hands over at a time. */
const TAPE_FRAMES = 8192;

/** Tells the page; buffers named in `transfer` go with it. */
export type Say = (message: FromStage, transfer?: ArrayBuffer[]) => void;

export class Stage {
  readonly #instrument: Instrument;
  readonly #tone: Tone;
  readonly #limiter: Limiter;
  readonly #meter: LoadMeter;
  readonly #sampleRate: number;
  readonly #say: Say;
  #look: Look | undefined;
  #tape: Float32Array<ArrayBuffer> | undefined;
  #taped = 0;
  #peak = 0;
  #outPeak = 0;
  #energy = 0;
  #frames = 0;

  /**
   * @param module compiled from a build of the core
   * @param sampleRate Hz
   * @param now milliseconds, however coarse; for the meter of load
   */
  constructor(module: WebAssembly.Module, sampleRate: number, say: Say, now: () => number = Date.now) {
    this.#instrument = new Instrument(module, sampleRate, say);
    this.#tone = new Tone(sampleRate);
    this.#limiter = new Limiter(sampleRate);
    this.#meter = new LoadMeter(sampleRate, now);
    this.#sampleRate = sampleRate;
    this.#say = say;
  }

  /** Samples by which everything is late: the limiter's look-ahead. */
  get latency(): number {
    return this.#limiter.latency;
  }

  /** Take a message; between two blocks. */
  take(message: ToStage): void {
    switch (message.type) {
      case "tone":
        this.#tone.gain = message.gain;
        this.#tone.lift = message.lift;
        break;
      case "look":
        this.#look = message.look;
        break;
      case "record":
        if (message.isOn) this.#tape ??= new Float32Array(TAPE_FRAMES);
        else this.#cutTape(true);
        break;
      default:
        this.#instrument.take(message);
    }
  }

  /** Render the next samples. @param out f32, at most 8192 @param frame of the context, of the first sample */
  process(out: Float32Array, frame: number): void {
    this.#meter.begin();
    this.#instrument.process(out, frame);
    this.#tone.process(out);
    for (let n = 0; n < out.length; n++) this.#peak = Math.max(this.#peak, Math.abs(out[n]));
    this.#limiter.process(out);
    for (let n = 0; n < out.length; n++) {
      this.#outPeak = Math.max(this.#outPeak, Math.abs(out[n]));
      this.#energy += out[n] * out[n];
    }
    this.#frames += out.length;
    if (this.#tape !== undefined) this.#record(out);
    if (this.#look !== undefined) this.#answer(this.#look);
    this.#meter.end(out.length, this.#sampleRate);
  }

  #answer(look: Look): void {
    this.#look = undefined;
    const { voices } = this.#instrument;
    const count = voices?.look(look.shapes, look.notes, LOOK_POINTS) ?? 0;
    const levels = {
      peak: this.#peak,
      outPeak: this.#outPeak,
      rms: Math.sqrt(this.#energy / Math.max(1, this.#frames)),
      leastGain: this.#limiter.takeLeastGain(),
      load: this.#meter.load,
      sounding: voices?.sounding ?? 0,
    };
    this.#peak = 0;
    this.#outPeak = 0;
    this.#energy = 0;
    this.#frames = 0;
    this.#say({ type: "looked", look, count, levels }, [look.shapes.buffer, look.notes.buffer]);
  }

  #record(out: Float32Array): void {
    for (let n = 0; n < out.length; n++) {
      (this.#tape as Float32Array)[this.#taped++] = out[n];
      if (this.#taped === TAPE_FRAMES) this.#cutTape(false);
    }
  }

  /** Hand over what the tape holds. */
  #cutTape(isLast: boolean): void {
    if (this.#tape === undefined) return;
    const samples = this.#taped === TAPE_FRAMES ? this.#tape : this.#tape.slice(0, this.#taped);
    this.#tape = isLast ? undefined : new Float32Array(TAPE_FRAMES);
    this.#taped = 0;
    this.#say({ type: "recorded", samples, isLast }, [samples.buffer]);
  }
}
