/**
 * The page's side of the sound: the audio context, the node, and the worker that reads models and tunes strings. Made in a
 * gesture, because browsers start sound in one only.
 */

import { withPeriod } from "@neural-string/shared/sentence";
import { openContext } from "../audio/context.ts";
import { pitchesToTune } from "./pitch.ts";
import {
  emptyLook,
  type FromStage,
  type Levels,
  type Look,
  STAGE_PROCESSOR,
  type ToStage,
} from "./stage-messages.ts";
import type { FromTuner, ToTuner } from "./tuning-worker.ts";

/** Where the bundler put what is fetched when sound is asked for. */
export interface EngineAssets {
  /** The processor's script. */
  worklet: string;
  /** The tuning worker's script. */
  tuner: string;
  /** A build of the core. */
  wasm(): Promise<ArrayBuffer>;
}

export interface EngineEvents {
  /** A model plays from now on; settings are to be told. @param level of its loudest pluck (dBFS) */
  onPlaying(level: number): void;
  onProgress(done: number, of: number): void;
  onLook(look: Look, count: number, levels: Levels): void;
  onRecorded(samples: Float32Array, isLast: boolean): void;
  /** What could not be done, in one sentence. */
  onFailure(reason: string): void;
}

export interface LoadRequest {
  bytes: ArrayBuffer;
  polyphony: number;
  stiffness: number;
}

/** A model that is on its way. */
interface Load {
  request: LoadRequest;
  resolve(plays: boolean): void;
  reject(error: Error): void;
}

/** No loop of fewer samples than this is played. */
const LEAST_PERIOD = 40;

export class Engine {
  readonly context: AudioContext;
  readonly #node: AudioWorkletNode;
  readonly #tuner: Worker;
  readonly #wasm: ArrayBuffer;
  readonly #events: EngineEvents;
  #lastJob = 0;
  /** The jobs that answers are awaited of, and the one that read the model that is tuned. */
  #readJob = 0;
  #tuneJob = 0;
  #tunedRead = 0;
  #pitches: { first: number[]; then: number[] } | undefined;
  #request: LoadRequest | undefined;
  #isPlaying = false;
  /** Of the loudest pluck of the model that was loaded last (dBFS). */
  #level = 0;
  /** A model is loaded in the audio thread and waits for its first tunings. */
  #isWaiting = false;
  /** Its file is being read; and: it was read, and is made ready to be played. */
  #reading: Load | undefined;
  #loading: Load | undefined;
  #look: Look | undefined = emptyLook();

  /**
   * Start sound. The context is made at once, so that the gesture counts.
   * @throws Error with one sentence where the browser has no audio worklet, or a file cannot be had
   */
  static async start(assets: EngineAssets, events: EngineEvents): Promise<Engine> {
    const context = openContext({ latencyHint: "interactive" });
    try {
      if (context.audioWorklet === undefined) {
        throw new Error("This browser plays audio worklets on secure pages (https) only");
      }
      const [wasm] = await Promise.all([assets.wasm(), context.audioWorklet.addModule(assets.worklet)]);
      return new Engine(context, wasm, assets, events);
    } catch (error) {
      context.close();
      throw error;
    }
  }

  private constructor(context: AudioContext, wasm: ArrayBuffer, assets: EngineAssets, events: EngineEvents) {
    this.context = context;
    this.#wasm = wasm;
    this.#events = events;
    this.#node = new AudioWorkletNode(context, STAGE_PROCESSOR, {
      numberOfInputs: 0,
      outputChannelCount: [1],
      processorOptions: { wasm },
    });
    this.#node.port.onmessage = ({ data }: { data: FromStage }) => this.#hear(data);
    this.#node.onprocessorerror = () => events.onFailure("The audio thread broke down; reload the page.");
    this.#node.connect(context.destination);
    this.#tuner = new Worker(assets.tuner, { type: "module" });
    this.#tuner.onmessage = ({ data }: { data: FromTuner }) => this.#hearTuner(data);
    this.#tuner.onerror = () => this.#fail("The tuning worker could not be started; reload the page.");
  }

  /** Whether a model plays. */
  get isPlaying(): boolean {
    return this.#isPlaying;
  }

  /** Hz */
  get sampleRate(): number {
    return this.context.sampleRate;
  }

  /** Say something to the audio thread; until a model plays, nothing is there to be told. */
  post(message: ToStage): void {
    if (this.#isPlaying || message.type === "tone" || message.type === "record") this.#send(message);
  }

  /**
   * Play another model; what sounds goes on until that one can be played, and fades out then.
   * @returns whether it plays; false where another was chosen meanwhile
   * @throws Error with one sentence for a file that is no model, or one that cannot play notes; nothing has changed then
   */
  load(request: LoadRequest): Promise<boolean> {
    this.#reading?.resolve(false);
    this.#readJob = this.#ask({ type: "read", wasm: this.#wasm, bytes: request.bytes });
    return new Promise((resolve, reject) => {
      this.#reading = { request, resolve, reject };
    });
  }

  /** Tune all strings anew; notes to come are as stiff as that. */
  retune(stiffness: number): void {
    if (this.#request === undefined) return;
    this.#request.stiffness = stiffness;
    if (this.#pitches !== undefined && (this.#isPlaying || this.#isWaiting)) this.#tune();
  }

  /** Ask what strings look like now; answered once, and not asked again before it was. */
  look(): void {
    if (this.#look === undefined || !this.#isPlaying) return;
    const look = this.#look;
    this.#look = undefined;
    this.#node.port.postMessage({ type: "look", look } satisfies ToStage, [
      look.shapes.buffer,
      look.notes.buffer,
    ]);
  }

  #tune(): void {
    const { first, then } = this.#pitches as { first: number[]; then: number[] };
    const { stiffness } = this.#request as LoadRequest;
    const of = this.#tunedRead;
    this.#tuneJob = this.#ask({ type: "tune", of, sampleRate: this.sampleRate, stiffness, first, then });
  }

  /** @returns the job's number */
  #ask(message: Omitted<ToTuner>): number {
    const job = ++this.#lastJob;
    this.#tuner.postMessage({ ...message, job });
    return job;
  }

  #send(message: ToStage): void {
    this.#node.port.postMessage(message);
  }

  #hearTuner(message: FromTuner): void {
    const { job } = message;
    const reading = job === this.#readJob ? this.#reading : undefined;
    if (reading !== undefined) {
      this.#reading = undefined;
      if (message.type === "read") this.#prepare(message.model, reading);
      else if (message.type === "failed") reading.reject(new Error(withPeriod(message.reason)));
    }
    if (job !== this.#tuneJob) return;
    if (message.type === "failed") this.#fail(message.reason);
    else if (message.type === "tuned") {
      this.#send({ type: "tuning", tuning: message.tuning });
      this.#events.onProgress(message.done, message.of);
      if (this.#isWaiting && message.isPlayable) {
        this.#isWaiting = false;
        this.#send({ type: "play" });
      }
    }
  }

  /** A file was read: it is played, unless notes cannot be played with it. */
  #prepare(model: (FromTuner & { type: "read" })["model"], load: Load): void {
    if (model.kind !== "passive") {
      const why =
        "This string is of the classic kind, which plays at one pitch only; the Listen page plays it.";
      load.reject(new Error(why));
      return;
    }
    if (model.excitations.length === 0) {
      const why = "This string has no pluck of its own (no excitation), so it can play no notes.";
      load.reject(new Error(why));
      return;
    }
    this.#loading?.resolve(false);
    this.#loading = load;
    this.#request = load.request;
    this.#tunedRead = this.#readJob;
    this.#pitches = pitchesToTune(model.f0, this.sampleRate / LEAST_PERIOD);
    const lowestF0 = Math.min(...this.#pitches.first, ...this.#pitches.then);
    this.#send({ type: "load", model, polyphony: load.request.polyphony, releaseT60: 0.2, lowestF0 });
    this.#level = Math.max(...model.excitations.map(({ level }) => level));
    this.#isWaiting = true;
    this.#tune();
  }

  #hear(message: FromStage): void {
    switch (message.type) {
      case "loaded":
        this.#isPlaying = true;
        this.#events.onPlaying(this.#level);
        this.#loading?.resolve(true);
        this.#loading = undefined;
        break;
      case "looked":
        this.#look = message.look;
        this.#events.onLook(message.look, message.count, message.levels);
        break;
      case "recorded":
        this.#events.onRecorded(message.samples, message.isLast);
        break;
      case "failed":
        this.#fail(message.reason);
    }
  }

  #fail(reason: string): void {
    const error = new Error(withPeriod(reason));
    const loading = this.#loading ?? this.#reading;
    if (loading === undefined) {
      this.#events.onFailure(error.message);
      return;
    }
    this.#isWaiting = false;
    this.#loading = undefined;
    this.#reading = undefined;
    loading.reject(error);
  }
}

/** A message before it has its job's number. */
type Omitted<Message> = Message extends unknown ? Omit<Message, "job"> : never;
