/**
 * Reads models and tunes strings, away from the page and from the audio: a tuning takes some milliseconds, a keyboard of
 * them a second. A newer job ends an older one.
 */
import {
  Core,
  readModelFile,
  type StringModel,
  StringTuner,
  type StringTuning,
} from "@neural-string/core-wasm";

/** Page to worker. */
export type ToTuner =
  /** Read a model's file. */
  | { type: "read"; job: number; wasm: ArrayBuffer; bytes: ArrayBuffer }
  /** Tune the model that was read last; `first` are told apart, since with them it can be played. */
  | { type: "tune"; job: number; sampleRate: number; stiffness: number; first: number[]; then: number[] };

/** Worker to page. */
export type FromTuner =
  | { type: "read"; job: number; model: StringModel }
  | { type: "tuned"; job: number; tuning: StringTuning; done: number; of: number; isPlayable: boolean }
  | { type: "failed"; job: number; reason: string };

let wasm: ArrayBuffer | undefined;
let model: StringModel | undefined;
let latest = 0;

const scope = globalThis as unknown as {
  onmessage: (event: { data: ToTuner }) => void;
  postMessage(message: FromTuner): void;
};

scope.onmessage = ({ data }) => {
  latest = data.job;
  const work = data.type === "read" ? read(data) : tune(data);
  work.catch((error: unknown) => {
    scope.postMessage({
      type: "failed",
      job: data.job,
      reason: error instanceof Error ? error.message : String(error),
    });
  });
};

async function read(message: ToTuner & { type: "read" }): Promise<void> {
  wasm = message.wasm;
  model = readModelFile(new Uint8Array(message.bytes));
  scope.postMessage({ type: "read", job: message.job, model });
}

async function tune({ job, sampleRate, stiffness, first, then }: ToTuner & { type: "tune" }): Promise<void> {
  if (wasm === undefined || model === undefined)
    throw new RangeError("tune: expected a model to be read first");
  if (model.kind !== "passive")
    throw new RangeError("This model is of the classic kind, which plays at one pitch only.");
  const all = [...first, ...then];
  const tuner = new StringTuner(new Core(wasm), model, {
    sampleRate,
    lowestF0: Math.min(...all, model.f0),
    stiffness,
  });
  for (const [i, f0] of all.entries()) {
    const tuning = tuner.tune(f0);
    // a newer job may have come in meanwhile
    if (job !== latest) return;
    scope.postMessage({
      type: "tuned",
      job,
      tuning,
      done: i + 1,
      of: all.length,
      isPlayable: i + 1 >= first.length,
    });
    await new Promise((resolve) => setTimeout(resolve));
  }
}
