/**
 * Reads models and tunes strings, away from the page and from the audio: a tuning takes some milliseconds, a keyboard of
 * them a second. Newer tuning ends older; reading a file disturbs nothing, since it may turn out to be none of ours.
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
  /** Tune the model that job `of` read; `first` are told apart, since with them it can be played. */
  | {
      type: "tune";
      job: number;
      of: number;
      sampleRate: number;
      stiffness: number;
      first: number[];
      then: number[];
    };

/** Worker to page. */
export type FromTuner =
  | { type: "read"; job: number; model: StringModel }
  | { type: "tuned"; job: number; tuning: StringTuning; done: number; of: number; isPlayable: boolean }
  | { type: "failed"; job: number; reason: string };

/** A model that was read, and by which job. */
interface Read {
  job: number;
  wasm: ArrayBuffer;
  model: StringModel;
}

/** The one that is tuned, and the one that was read last: whether it will be tuned, the page decides. */
let tuned: Read | undefined;
let lastRead: Read | undefined;
let latestTuning = 0;

const scope = globalThis as unknown as {
  onmessage: (event: { data: ToTuner }) => void;
  postMessage(message: FromTuner): void;
};

scope.onmessage = ({ data }) => {
  if (data.type === "tune") latestTuning = data.job;
  const work = data.type === "read" ? read(data) : tune(data);
  work.catch((error: unknown) => {
    scope.postMessage({
      type: "failed",
      job: data.job,
      reason: error instanceof Error ? error.message : String(error),
    });
  });
};

async function read({ job, wasm, bytes }: ToTuner & { type: "read" }): Promise<void> {
  const model = readModelFile(new Uint8Array(bytes));
  lastRead = { job, wasm, model };
  scope.postMessage({ type: "read", job, model });
}

async function tune(message: ToTuner & { type: "tune" }): Promise<void> {
  const { job, of, sampleRate, stiffness, first, then } = message;
  if (lastRead?.job === of) tuned = lastRead;
  if (tuned?.job !== of) throw new RangeError("tune: expected a model to be read first");
  const { wasm, model } = tuned;
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
    if (job !== latestTuning) return;
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
