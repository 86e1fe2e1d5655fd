/** The worklet's processor: a stage that takes the node's messages and fills its blocks. */
import { Stage } from "./stage.ts";
import { STAGE_PROCESSOR, type StageOptions, type ToStage } from "./stage-messages.ts";

/** What of the worklet's scope is used. */
interface WorkletScope {
  sampleRate: number;
  currentFrame: number;
  AudioWorkletProcessor: new () => {
    port: {
      onmessage: ((event: { data: ToStage }) => void) | null;
      postMessage(message: unknown, transfer?: ArrayBuffer[]): void;
    };
  };
  registerProcessor(name: string, processor: unknown): void;
}

const scope = globalThis as unknown as WorkletScope;

class StageProcessor extends scope.AudioWorkletProcessor {
  #lives = true;
  readonly #stage: Stage;

  constructor(options: { processorOptions: StageOptions }) {
    super();
    const module = new WebAssembly.Module(options.processorOptions.wasm);
    this.#stage = new Stage(module, scope.sampleRate, (message, transfer) => {
      this.port.postMessage(message, transfer);
    });
    this.port.onmessage = ({ data }) => {
      if (data.type === "dispose") this.#lives = false;
      else this.#stage.take(data);
    };
  }

  process(_inputs: unknown, outputs: Float32Array[][]): boolean {
    const channels = outputs[0];
    this.#stage.process(channels[0], scope.currentFrame);
    for (let i = 1; i < channels.length; i++) channels[i].set(channels[0]);
    return this.#lives;
  }
}

scope.registerProcessor(STAGE_PROCESSOR, StageProcessor);
