/**
 * Trains trials in worker processes of this machine. A process each, not threads: tfjs keeps one backend and one set
 * of variables for a whole process, and a trial that runs out of memory must not take the others with it.
 */
import { availableParallelism } from "node:os";
import { type TrainConfig, type TrialJob, TrialOutcomeSchema, UserError } from "@neural-string/shared";
import { Tinypool } from "tinypool";
import { defaultThreads } from "../rollout-pool.ts";
import type { Executor, OnStep, Result } from "./executor.ts";
import { TrialStopped, workerName } from "./run-trial.ts";
import type { ToParent, ToWorker, TrialAnswer, TrialOrder } from "./trial-worker.ts";

/** How often a worker is told to end: one that is just starting does not listen yet. */
const TELL_MILLISECONDS = 300;

/** Any time will do. */
const AWAKE_MILLISECONDS = 60_000;

/** How often a trial is tried whose worker process dies, of memory perhaps. */
const MOST_DEATHS = 3;

export interface LocalPoolOptions {
  /** Processes, 1 or more. */
  workers: number;
}

/** Processes that this machine has room for: a passive string's training has threads of its own. */
export function defaultWorkers(kind: TrainConfig["model"]["kind"]): number {
  const cores = availableParallelism();
  return kind === "passive" ? Math.max(1, Math.floor(cores / defaultThreads())) : cores;
}

/** The pool. `close` ends its processes. */
export class LocalPool implements Executor {
  readonly capacity: number;
  readonly #pool: Tinypool;
  readonly #stops = new Set<() => void>();
  #isStopping = false;
  #telling: NodeJS.Timeout | undefined;

  constructor({ workers }: LocalPoolOptions) {
    this.capacity = workers;
    this.#pool = new Tinypool({
      filename: new URL("./trial-worker.ts", import.meta.url).href,
      runtime: "child_process",
      // JSON has no Infinity
      serialization: "advanced",
      minThreads: 0,
      maxThreads: workers,
      env: process.env as Record<string, string>,
    });
    // a process that dies between two trials is replaced by the pool
    this.#pool.on("error", () => {});
  }

  /**
   * Train a trial.
   * @param located where recordings lie here, by how the config names them; default: where it says
   * @throws TrialStopped where `stop` came before the result; UserError where the disk does not let us write
   */
  async run(
    job: TrialJob,
    folder: string,
    onStep: OnStep,
    located?: ReadonlyMap<string, string>,
  ): Promise<Result> {
    for (let deaths = 0; ; ) {
      if (this.#isStopping) throw new TrialStopped(`trial ${job.number} was not begun`);
      try {
        const answer = await this.#order({ job, folder, located: [...(located ?? [])] }, onStep);
        if ("stopped" in answer) throw new TrialStopped(`trial ${job.number} was stopped`);
        if ("refused" in answer) throw new UserError(answer.refused);
        return { outcome: TrialOutcomeSchema.parse(answer.outcome), settle: async () => {} };
      } catch (error) {
        if ((error as Error).message !== "Worker exited unexpectedly") throw error;
        if (this.#isStopping) throw new TrialStopped(`trial ${job.number} was stopped`);
        if (++deaths >= MOST_DEATHS) return { outcome: died(deaths), settle: async () => {} };
      }
    }
  }

  /** End what is running at its next step; what is there of it is kept for a later call. */
  stop(): void {
    this.#isStopping = true;
    const tell = () => {
      for (const stop of this.#stops) stop();
    };
    tell();
    this.#telling ??= setInterval(tell, TELL_MILLISECONDS).unref();
  }

  async close(): Promise<void> {
    this.stop();
    clearInterval(this.#telling);
    await whileAwake(() => this.#pool.destroy());
  }

  async #order(order: TrialOrder, onStep: OnStep): Promise<TrialAnswer> {
    let stop = () => {};
    const channel = {
      // called once, with what sends to the worker
      onMessage: (send: (message: ToWorker) => void) => {
        stop = () => send({ trialStop: true });
        this.#stops.add(stop);
        if (this.#isStopping) stop();
      },
      postMessage: (message: Partial<ToParent> | null) => {
        if (typeof message?.trialStep === "number")
          onStep(message.trialStep, message.trialScoreDb ?? Number.NaN);
      },
    };
    try {
      return (await whileAwake(() => this.#pool.run(order, { channel }))) as TrialAnswer;
    } finally {
      this.#stops.delete(stop);
    }
  }
}

/** Wait for the pool, which lets go of workers that start or end: with nothing else to wait for, this process would end. */
async function whileAwake<T>(work: () => Promise<T>): Promise<T> {
  const awake = setInterval(() => {}, AWAKE_MILLISECONDS);
  try {
    return await work();
  } finally {
    clearInterval(awake);
  }
}

function died(times: number) {
  return {
    status: "failed" as const,
    step: 0,
    scores: { score: null, edr: null, edc: null, loss: null },
    judge: null,
    failures: [],
    error: `its worker process died ${times} times; perhaps the machine is short of memory`,
    seconds: 0,
    worker: workerName(),
  };
}
