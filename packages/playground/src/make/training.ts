/**
 * A training as the page sees it: its worker, what was heard of it so far, and the best string. Free of the DOM but for
 * the worker; whoever shows it is told of every change.
 */
import { addHeard, addLoss, dropAfter, type TrainingHistory } from "./training-history.ts";
import type {
  FromTrainingWorker,
  ToTrainingWorker,
  TrainedModel,
  TrainingOptions,
  TrainingRecording,
} from "./training-messages.ts";

export type TrainingStatus =
  | "idle"
  | "starting"
  | "running"
  | "pausing"
  | "paused"
  | "stopping"
  | "done"
  | "failed";

/** Enough to show a training again, and to go on with it. */
export interface KeptProgress {
  status: "running" | "paused" | "done";
  step: number;
  steps: number;
  resumption: ArrayBuffer | null;
  best: TrainedModel | null;
  history: TrainingHistory;
  seconds: number | null;
}

export class Training {
  status: TrainingStatus = "idle";
  step = 0;
  steps = 0;
  stage = "";
  round: { done: number; of: number } | null = null;
  secondsPerStep: number | null = null;
  /** Workers that compute. */
  threads: number | null = null;
  summary = "";
  history: TrainingHistory = { losses: [], heard: [], stages: [] };
  best: TrainedModel | null = null;
  resumption: ArrayBuffer | null = null;
  /** What went wrong, in one sentence. */
  failure: string | null = null;
  /** Whether it ended before its last step because somebody asked it to. */
  wasStopped = false;
  /** Of training, once it is over. */
  seconds: number | null = null;
  /** Told of changes: what a `state` or `checkpoint` brings is worth keeping, a better string worth hearing. */
  onChange: (what: "progress" | "state" | "string") => void = () => undefined;
  readonly #createWorker: () => Worker;
  #worker: Worker | undefined;
  #ready: Promise<void> | undefined;

  constructor(createWorker: () => Worker) {
    this.#createWorker = createWorker;
  }

  get isActive(): boolean {
    return ["starting", "running", "pausing", "paused", "stopping"].includes(this.status);
  }

  /** Whether what was kept can be gone on with, be it from its first step. */
  get isUnfinished(): boolean {
    if (this.step >= this.steps) return false;
    // what failed before its first checkpoint would fail again
    return this.status === "idle" || (this.status === "failed" && this.resumption !== null);
  }

  /** Start the worker, so that nothing is fetched any more. Resolves when all is there. */
  warm(): Promise<void> {
    if (this.#ready) return this.#ready;
    const worker = this.#createWorker();
    this.#worker = worker;
    this.#ready = new Promise((resolve) => {
      worker.onmessage = ({ data }: { data: FromTrainingWorker }) => {
        if (worker !== this.#worker) return;
        if (data.type === "ready") {
          this.threads = data.threads;
          resolve();
        } else this.#hear(data);
      };
      worker.onerror = () =>
        this.#fail("The part of this page that trains could not be started; reload the page.");
    });
    return this.#ready;
  }

  /** Begin, or go on from what was kept. */
  async start(
    recordings: TrainingRecording[],
    options: TrainingOptions,
    resumption: ArrayBuffer | null = null,
  ): Promise<void> {
    if (resumption === null) {
      this.history = { losses: [], heard: [], stages: [] };
      this.best = null;
      this.step = 0;
      this.steps = options.steps ?? 0;
    }
    this.resumption = resumption;
    this.failure = null;
    this.wasStopped = false;
    this.seconds = null;
    this.round = null;
    this.#become("starting");
    // kept before the first checkpoint, so that whoever leaves the page now finds it at work again
    this.onChange("state");
    await this.warm();
    this.#post({ type: "train", recordings, options, resumption: resumption ?? undefined });
  }

  pause(): void {
    if (this.status !== "running") return;
    this.#post({ type: "pause" });
    this.#become("pausing");
  }

  /** Go on after a pause. */
  resume(): void {
    if (this.status !== "paused") return;
    this.#post({ type: "resume" });
    this.#become("running");
  }

  /** End, and keep the best so far. */
  stop(): void {
    if (!this.isActive) return;
    this.#post({ type: "stop" });
    this.#become("stopping");
  }

  /** Forget everything. */
  reset(): void {
    this.#end();
    Object.assign(this, { step: 0, steps: 0, stage: "", summary: "", best: null, resumption: null });
    this.history = { losses: [], heard: [], stages: [] };
    this.#become("idle");
  }

  /** As it was when the page was left; a training that ran is paused then, and can go on. */
  restore({ status, step, steps, resumption, best, history, seconds }: KeptProgress): void {
    Object.assign(this, { step, steps, resumption, best, history, seconds });
    this.status = status === "done" ? "done" : "idle";
    if (best) this.onChange("string");
    this.onChange("progress");
  }

  /** What is worth keeping now. */
  toKeep(): KeptProgress {
    const { step, steps, resumption, best, history, seconds } = this;
    const status = this.status === "done" ? "done" : this.status === "paused" ? "paused" : "running";
    return { status, step, steps, resumption, best, history, seconds };
  }

  #post(message: ToTrainingWorker): void {
    this.#worker?.postMessage(message);
  }

  #become(status: TrainingStatus): void {
    this.status = status;
    this.onChange("progress");
  }

  #hear(message: FromTrainingWorker): void {
    switch (message.type) {
      case "started":
        this.step = message.step;
        this.steps = message.steps;
        this.summary = message.summary;
        // what was done after the state it goes on from is done again
        dropAfter(this.history, message.step);
        this.history.stages = message.stages;
        this.#become("running");
        break;
      case "progress":
        Object.assign(this, {
          step: message.step,
          stage: message.stage,
          round: message.round,
          secondsPerStep: message.secondsPerStep,
        });
        addLoss(this.history, message.step, message.loss);
        this.onChange("progress");
        break;
      case "evaluation":
        addHeard(this.history, message);
        this.onChange("progress");
        break;
      case "state":
        this.resumption = message.resumption;
        this.onChange("state");
        break;
      case "checkpoint":
        this.#takeBest(message);
        break;
      case "paused":
        this.#become("paused");
        this.onChange("state");
        break;
      case "resumed":
        this.#become("running");
        break;
      case "done":
        this.wasStopped = message.stopped;
        this.seconds = message.seconds;
        this.step = message.stepsDone;
        this.status = "done";
        this.#takeBest(message);
        this.#end();
        this.#become("done");
        break;
      case "failed":
        this.#fail(message.isOurs ? `This is a defect of ours: ${message.message}` : message.message);
    }
  }

  #takeBest(message: TrainedModel & { resumption: ArrayBuffer }): void {
    const { step, model, metrics, edrSurface, sounds } = message;
    this.best = { step, model, metrics, edrSurface, sounds };
    this.resumption = message.resumption;
    this.onChange("string");
    this.onChange("state");
  }

  #fail(reason: string): void {
    this.failure = reason;
    this.#end();
    this.#become("failed");
  }

  /** One worker trains one string. */
  #end(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#ready = undefined;
  }
}
