/**
 * What makes a player of messages and blocks an AudioWorklet's processor: compiles the core from the bytes the node is
 * made with, hands messages over, and copies one channel to the others. A worklet has no fetch, TextDecoder, atob or
 * performance, and nothing here needs them.
 */
import type { ProcessorOptions } from "./worklet-messages.ts";

/** What plays in a worklet, for example an `Instrument`. */
export interface BlockPlayer<Message> {
  /** Take a message; between two blocks. */
  take(message: Message): void;
  /** Fill a block. @param frame of its first sample, on the context's clock */
  process(out: Float32Array, frame: number): void;
}

/** What of the worklet's scope is used. */
interface WorkletScope {
  sampleRate: number;
  currentFrame: number;
  AudioWorkletProcessor: new () => {
    port: {
      onmessage: ((event: { data: unknown }) => void) | null;
      postMessage(message: unknown, transfer?: ArrayBuffer[]): void;
    };
  };
  registerProcessor(name: string, processor: unknown): void;
}

/**
 * Register a processor: its player takes whatever messages come, but for `{ type: "dispose" }`, which ends it. In a
 * worklet's scope only.
 * @param name what the node asks for; it is made with `processorOptions: { wasm }`
 * @param make the player: from the compiled core, the context's sample rate (Hz), and a way to answer
 */
export function registerPlayer<Message extends { type: string }>(
  name: string,
  make: (
    module: WebAssembly.Module,
    sampleRate: number,
    answer: (message: unknown, transfer?: ArrayBuffer[]) => void,
  ) => BlockPlayer<Message>,
): void {
  const scope = globalThis as unknown as WorkletScope;

  class PlayerProcessor extends scope.AudioWorkletProcessor {
    #lives = true;
    readonly #player: BlockPlayer<Message>;

    constructor(options: { processorOptions: ProcessorOptions }) {
      super();
      const module = new WebAssembly.Module(options.processorOptions.wasm as BufferSource);
      this.#player = make(module, scope.sampleRate, (message, transfer) =>
        this.port.postMessage(message, transfer),
      );
      this.port.onmessage = ({ data }) => {
        const message = data as Message;
        if (message.type === "dispose") this.#lives = false;
        else this.#player.take(message);
      };
    }

    process(_inputs: unknown, outputs: Float32Array[][]): boolean {
      const channels = outputs[0];
      this.#player.process(channels[0], scope.currentFrame);
      for (let i = 1; i < channels.length; i++) channels[i].set(channels[0]);
      return this.#lives;
    }
  }

  scope.registerProcessor(name, PlayerProcessor);
}
