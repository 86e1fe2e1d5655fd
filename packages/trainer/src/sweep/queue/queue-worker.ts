/**
 * Takes trials from the queue and has them trained. This process only watches: it says that it lives while others
 * compute, so that a trial goes to another worker if, and only if, this one is gone. What a job says is checked before
 * anything is done about it; it names no file here, only contents by their hash.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  parseOrExplain,
  type QueuedOutcome,
  type QueuedTrial,
  QueuedTrialSchema,
  type TrialJob,
  type TrialOutcome,
  UserError,
} from "@neural-string/shared";
import { type Job, UnrecoverableError, WaitingError, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { writeWhole } from "../../files.ts";
import type { OnStep } from "../executor.ts";
import { TrialStopped } from "../run-trial.ts";
import { idOf, stringSources } from "../trial.ts";
import { bullConnection, connect, QUEUE } from "./connection.ts";
import { fetchRun, sendRun } from "./run-files.ts";
import { hashOf, jobStore, Store } from "./store.ts";

/** Workers that may die over one trial before it is given up. */
const MOST_DEATHS = 5;

/** What trains a trial in a folder. @throws TrialStopped where it was asked to end */
export type Trainer = (
  job: TrialJob,
  folder: string,
  located: ReadonlyMap<string, string>,
  onStep: OnStep,
) => Promise<TrialOutcome>;

export interface QueueWorkerOptions {
  url: string;
  /** Trials at once. */
  capacity: number;
  /** Folder for recordings and for runs on their way. */
  folder: string;
  /** After so long without a sign of life a worker's trials go to others (s). */
  patienceSeconds: number;
  train: Trainer;
  tell(event: QueueEvent): void;
}

/** What became of a trial of the queue. */
export type QueueEvent =
  | { type: "taken"; sweep: string; number: number }
  | { type: "done"; sweep: string; number: number; status: TrialOutcome["status"]; seconds: number }
  | { type: "refused"; reason: string };

/** A worker of the queue. */
export class QueueWorker {
  readonly #options: QueueWorkerOptions;
  readonly #redis: Redis;
  readonly #worker: Worker;

  private constructor(redis: Redis, options: QueueWorkerOptions) {
    this.#options = options;
    this.#redis = redis;
    const patience = 1000 * options.patienceSeconds;
    this.#worker = new Worker(QUEUE, (job, token) => this.#work(job, token), {
      connection: bullConnection(options.url),
      concurrency: options.capacity,
      lockDuration: patience,
      stalledInterval: patience,
      maxStalledCount: MOST_DEATHS,
      autorun: false,
    });
    // it connects again by itself
    this.#worker.on("error", () => {});
  }

  /** Connect. @throws UserError where no server answers */
  static async open(options: QueueWorkerOptions): Promise<QueueWorker> {
    return new QueueWorker(await connect(options.url), options);
  }

  /** Work until `close`. */
  async run(): Promise<void> {
    await this.#worker.run();
  }

  /** Take nothing more; what is being trained must be stopped, or is waited for. */
  async close(): Promise<void> {
    await this.#worker.close();
    this.#redis.disconnect();
  }

  async #work(job: Job, token: string | undefined): Promise<QueuedOutcome> {
    const { tell } = this.#options;
    try {
      const order = validated(job.data);
      const { sweep, number } = order.job;
      tell({ type: "taken", sweep, number });
      const result = await this.#train(order, job);
      const { status, seconds } = result.outcome;
      tell({ type: "done", sweep, number, status, seconds });
      return result;
    } catch (error) {
      if (error instanceof TrialStopped) {
        await job.moveToWait(token);
        throw new WaitingError();
      }
      if (!(error instanceof UserError)) throw error;
      tell({ type: "refused", reason: error.message });
      throw new UnrecoverableError(error.message);
    }
  }

  async #train({ job, store, files }: QueuedTrial, queued: Job): Promise<QueuedOutcome> {
    const located = new Map<string, string>();
    for (const data of job.data)
      located.set(data.source, await this.#fetch(new Store(this.#redis, store), data));
    const jobId = String(queued.id);
    const own = jobStore(this.#redis, jobId);
    const folder = join(
      this.#options.folder,
      `run-${process.pid}-${hashOf(Buffer.from(jobId)).slice(0, 16)}`,
    );
    try {
      rmSync(folder, { recursive: true, force: true });
      if (files.length > 0) await fetchRun(own, files, folder);
      const outcome = await this.#options.train(job, folder, located, (step, scoreDb) => {
        void queued.updateProgress({ step, scoreDb }).catch(() => {});
      });
      return { outcome, files: await sendRun(own, folder) };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** Fetch a recording, unless it is here. @returns where it lies */
  async #fetch(store: Store, { name, sha256, bytes }: TrialJob["data"][number]): Promise<string> {
    const folder = join(this.#options.folder, "recordings", sha256);
    const path = join(folder, name);
    if (existsSync(path) && hashOf(readFileSync(path)) === sha256) return path;
    mkdirSync(folder, { recursive: true });
    writeWhole(path, await store.get({ sha256, bytes }, name));
    return path;
  }
}

/** Check an order. @throws UserError in one sentence */
export function validated(data: unknown): QueuedTrial {
  const order = parseOrExplain(QueuedTrialSchema, data, "job");
  const { job } = order;
  const sent = new Set(job.data.map(({ source }) => source));
  const missing = stringSources(job.config).find((source) => !sent.has(source));
  if (missing !== undefined) {
    throw new UserError(
      `job: job.data: expected the content of every recording, got none of ${missing}; a worker opens no files of its own`,
    );
  }
  if (idOf(job.config, job.data) !== job.id) {
    throw new UserError(
      "job: job.id: expected the hash of its config and data, got another; use one version of the program on all machines",
    );
  }
  return order;
}
