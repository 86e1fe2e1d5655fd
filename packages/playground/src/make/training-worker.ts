/**
 * The training worker's door: fetches what training needs when it starts, trains what it is given, and lets the page's
 * wishes in. See training-messages.ts.
 */
import { UserError } from "@neural-string/shared";
import { ComputeCrew, defaultThreads } from "./compute-crew.ts";
import type { FromTrainingWorker, ToTrainingWorker } from "./training-messages.ts";
import { TrainingPace } from "./training-pace.ts";
import { trainSession } from "./training-session.ts";
import { trainingModules } from "./wasm-files.ts";

const scope = globalThis as unknown as {
  onmessage: (event: { data: ToTrainingWorker }) => void;
  postMessage(message: FromTrainingWorker, transfer?: Transferable[]): void;
};
const post = (message: FromTrainingWorker, transfer?: Transferable[]) => scope.postMessage(message, transfer);

const pace = new TrainingPace();
const started = start();
started.then(
  ({ crew }) => post({ type: "ready", threads: crew.threads }),
  (error: unknown) => fail(error),
);

async function start() {
  const [modules, crew] = await Promise.all([trainingModules(), ComputeCrew.start(defaultThreads())]);
  return { ...modules, crew };
}

async function train(request: Extract<ToTrainingWorker, { type: "train" }>): Promise<void> {
  const tools = await started;
  try {
    await trainSession(request, { ...tools, pace, post });
  } catch (error) {
    fail(error);
  } finally {
    tools.crew.dispose();
    pace.dispose();
  }
}

function fail(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  post({ type: "failed", message, isOurs: !(error instanceof UserError) });
}

let isTraining = false;

scope.onmessage = ({ data }) => {
  if (data.type !== "train") pace[data.type]();
  else if (isTraining) fail(new Error("training worker: it trains one string; start another worker"));
  else {
    isTraining = true;
    // a failure to start has been told already
    train(data).catch(() => {});
  }
};
