/**
 * The AudioWorklet processor: compiles the core from the bytes it is made with, takes messages and fills blocks. Built
 * into one file without imports (build-worklet.ts), for bundlers copy a worklet's file and not what it imports. A worklet
 * has no fetch, TextDecoder, atob or performance, and nothing here needs them.
 */
import { Instrument } from "./instrument.ts";
import { PROCESSOR_NAME, type ProcessorOptions, type ToWorklet } from "./worklet-messages.ts";

/** What of the worklet's scope is used. */
interface WorkletScope {
  sampleRate: number;
  currentFrame: number;
  AudioWorkletProcessor: new () => {
    port: { onmessage: ((event: { data: ToWorklet }) => void) | null; postMessage(message: unknown): void };
  };
  registerProcessor(name: string, processor: unknown): void;
}

const scope = globalThis as unknown as WorkletScope;

class StringProcessor extends scope.AudioWorkletProcessor {
  #lives = true;
  readonly #instrument: Instrument;

  constructor(options: { processorOptions: ProcessorOptions }) {
    super();
    const module = new WebAssembly.Module(options.processorOptions.wasm as BufferSource);
    this.#instrument = new Instrument(module, scope.sampleRate, (message) => this.port.postMessage(message));
    this.port.onmessage = ({ data }) => {
      if (data.type === "dispose") this.#lives = false;
      else this.#instrument.take(data);
    };
  }

  process(_inputs: unknown, outputs: Float32Array[][]): boolean {
    const channels = outputs[0];
    this.#instrument.process(channels[0], scope.currentFrame);
    for (let i = 1; i < channels.length; i++) channels[i].set(channels[0]);
    return this.#lives;
  }
}

scope.registerProcessor(PROCESSOR_NAME, StringProcessor);
