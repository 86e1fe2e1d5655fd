/**
 * The page's side of the worklet: makes the node, tunes the model's keyboard in slices between which the page stays alive,
 * and says with methods what would otherwise be messages.
 */
import { Core } from "./core.ts";
import { readModelFile, type StringModel } from "./model-file.ts";
import type { StringTuning } from "./passive-tuning.ts";
import { keyboardOf, StringTuner } from "./string-tuner.ts";
import { type FromWorklet, type PlayMessage, PROCESSOR_NAME, type ToWorklet } from "./worklet-messages.ts";

/** AudioWorkletNode where the DOM's types are known, else what of it is used here. */
export type WorkletNode = typeof globalThis extends {
  AudioWorkletNode: { new (...args: never[]): infer Node extends BareNode };
}
  ? Node
  : BareNode;

interface BareNode {
  port: {
    postMessage(message: unknown): void;
    // biome-ignore lint/suspicious/noExplicitAny: the DOM's own handler has a `this` of the port's type
    onmessage: any;
  };
  disconnect(): void;
}

/** What of an audio context is used. */
export interface WorkletContext {
  readonly sampleRate: number;
  readonly audioWorklet: { addModule(url: string | URL): Promise<void> };
}

export interface LoadOptions {
  /** A model's file, or what `readModelFile` made of it. */
  model: ArrayBuffer | Uint8Array | StringModel;
  /** Notes that sound at once; default 16. */
  polyphony?: number;
  /** Seconds to fall 60 dB after a note-off; default 0.15. */
  releaseT60?: number;
  /** Hz, to be tuned ahead; a note is bent there from the nearest, 200 cents at most. Default: `keyboardOf`. */
  pitches?: readonly number[];
  /** Tunings made elsewhere (in a worker, by a `StringTuner` at the context's sample rate) instead of `pitches`. */
  tunings?: readonly StringTuning[];
  /** Told how many of the tunings are made. */
  onProgress?: (done: number, of: number) => void;
}

export interface StringNodeOptions extends LoadOptions {
  /** A build's bytes; `bestBuild()` names the one to fetch. */
  wasm: ArrayBuffer | Uint8Array<ArrayBuffer>;
  /** Where the processor's script is; default: beside this module, which bundlers that copy assets find. */
  worklet?: string | URL;
  /** Told what could not be done, in one sentence; default: thrown from a task of its own, so that it is seen. */
  onFailure?: (reason: string) => void;
  /** Told of samples that broke or were held back. */
  onStatus?: (status: FromWorklet & { type: "status" }) => void;
}

/**
 * Make a node that plays a model, in a context that exists (browsers want it made in a click). It has one mono output and
 * is not connected. Resolves when it can be played: after a fetch of the script, and some ten milliseconds for each pitch
 * to be tuned; the page stays alive meanwhile.
 * @throws ModelFileError, RangeError, or what the browser says of the script or the bytes
 */
export async function createStringNode(
  context: WorkletContext,
  options: StringNodeOptions,
): Promise<StringNode> {
  // `new URL` with a literal is what bundlers look for
  const { wasm, worklet = new URL("./worklet.js", import.meta.url) } = options;
  await context.audioWorklet.addModule(worklet);
  const scope = globalThis as unknown as {
    AudioWorkletNode: new (context: WorkletContext, name: string, options: object) => WorkletNode;
  };
  const node = new scope.AudioWorkletNode(context, PROCESSOR_NAME, {
    numberOfInputs: 0,
    outputChannelCount: [1],
    processorOptions: { wasm },
  });
  const string = new StringNode(node, context.sampleRate, options);
  await string.load(options);
  return string;
}

/** The messages of which a load is made. */
const LOADING: readonly (FromWorklet & { type: "failed" })["request"][] = [
  "load",
  "prepare",
  "tuning",
  "play",
];

/** A node that plays; made by `createStringNode`. Methods take effect at `time` (s, of the context), or at once. */
export class StringNode {
  /** To be connected. */
  readonly node: WorkletNode;
  readonly #sampleRate: number;
  readonly #options: StringNodeOptions;
  #lastId = 0;
  #lastSync = 0;
  readonly #syncs = new Map<number, () => void>();
  #loading: { resolve(): void; reject(error: Error): void } | undefined;
  #lastLoad: Promise<void> = Promise.resolve();

  constructor(node: WorkletNode, sampleRate: number, options: StringNodeOptions) {
    this.node = node;
    this.#sampleRate = sampleRate;
    this.#options = options;
    node.port.onmessage = ({ data }: { data: FromWorklet }) => this.#hear(data);
  }

  /**
   * Play another model; what sounds goes on until it is ready, and fades out then. The audio thread is given one small
   * piece of work at a time, so that it keeps up with what plays. A load that is not over delays the next.
   * @throws ModelFileError, or RangeError for what cannot be played
   */
  load(options: LoadOptions): Promise<void> {
    const begin = () => this.#load(options);
    this.#lastLoad = this.#lastLoad.then(begin, begin);
    return this.#lastLoad;
  }

  async #load(options: LoadOptions): Promise<void> {
    const { polyphony = 16, releaseT60 = 0.15, onProgress } = options;
    const model = isModel(options.model) ? options.model : readModelFile(new Uint8Array(options.model));
    const isPassive = model.kind === "passive";
    const tunings = isPassive ? (options.tunings ?? []) : [];
    const pitches =
      isPassive && options.tunings === undefined
        ? (options.pitches ?? keyboardOf(model, this.#sampleRate))
        : [];
    const all = [...pitches, ...tunings.map(({ f0 }) => f0)];
    // strings are made at the model's own pitch, whatever they are tuned to then
    const lowestF0 = all.length > 0 ? Math.min(model.f0, ...all) : undefined;
    const loaded = new Promise<void>((resolve, reject) => {
      this.#loading = { resolve, reject };
    });
    // what the audio thread has refused needs no further steps
    const step = (message: ToWorklet) => {
      this.#post(message);
      return Promise.race([this.arrived(), loaded]);
    };
    await step({ type: "load", model, polyphony, releaseT60, lowestF0 });
    if (isPassive) {
      for (let made = 0; made < polyphony; made++) await step({ type: "prepare", voices: 1 });
    }
    for (const tuning of tunings) await step({ type: "tuning", tuning });
    if (isPassive && pitches.length > 0) {
      const options = { sampleRate: this.#sampleRate, lowestF0 };
      const tuner = new StringTuner(new Core(this.#options.wasm), model, options);
      for (const [i, f0] of pitches.entries()) {
        await step({ type: "tuning", tuning: tuner.tune(f0) });
        onProgress?.(i + 1, pitches.length);
        await new Promise((resolve) => setTimeout(resolve));
      }
    }
    this.#post({ type: "play" });
    await loaded;
  }

  /** Begin a note. @param f0 Hz @param velocity 0 .. 1 @returns what to call it by */
  noteOn(f0: number, velocity = 1, time?: number): number {
    const id = ++this.#lastId;
    this.play({ type: "noteOn", id, f0, velocity, time });
    return id;
  }

  /** End a note: its string is damped. */
  noteOff(id: number, time?: number): void {
    this.play({ type: "noteOff", id, time });
  }

  /** Bend all notes, or one. @param cents up to 200 either way */
  bend(cents: number, id?: number, time?: number): void {
    this.play({ type: "bend", cents, id, time });
  }

  /** Anything else that can be played: damp, soften, release, control, feature, excite, stop. */
  play(message: PlayMessage): void {
    this.#post(message);
  }

  /** Resolves when everything asked for so far has arrived; to be awaited before an offline context starts to render. */
  arrived(): Promise<void> {
    const id = ++this.#lastSync;
    return new Promise((resolve) => {
      this.#syncs.set(id, resolve);
      this.#post({ type: "sync", id });
    });
  }

  /** Take the node from the graph, for good. */
  dispose(): void {
    this.#post({ type: "dispose" });
    this.node.disconnect();
  }

  #post(message: ToWorklet): void {
    this.node.port.postMessage(message);
  }

  #hear(message: FromWorklet): void {
    if (message.type === "status") this.#options.onStatus?.(message);
    else if (message.type === "synced") {
      this.#syncs.get(message.id)?.();
      this.#syncs.delete(message.id);
    } else if (message.type === "loaded") {
      this.#loading?.resolve();
      this.#loading = undefined;
    } else if (this.#loading && LOADING.includes(message.request)) {
      this.#loading.reject(new RangeError(message.reason));
      this.#loading = undefined;
    } else if (this.#options.onFailure) this.#options.onFailure(message.reason);
    else {
      setTimeout(() => {
        throw new RangeError(message.reason);
      });
    }
  }
}

function isModel(model: LoadOptions["model"]): model is StringModel {
  return "kind" in model;
}
