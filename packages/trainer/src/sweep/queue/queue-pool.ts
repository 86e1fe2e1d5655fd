/**
 * Has trials trained by whatever workers take from a queue in Redis. A trial is given back to the queue when its
 * worker dies; its result waits there until it is recorded here, so neither side may lose it, and the journal, which
 * only this side writes, has it once.
 */
import { resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import {
  parseOrExplain,
  QueuedOutcomeSchema,
  type QueuedTrial,
  type TrialJob,
  UserError,
} from "@neural-string/shared";
import { Queue, QueueEvents } from "bullmq";
import type { Redis } from "ioredis";
import { readWhole } from "../../files.ts";
import { pathOf } from "../../sources.ts";
import type { Executor, OnStep, Result } from "../executor.ts";
import { TrialStopped } from "../run-trial.ts";
import { bullConnection, connect, QUEUE } from "./connection.ts";
import { fetchRun, sendRun } from "./run-files.ts";
import { type Content, hashOf, jobStore, Store } from "./store.ts";

/** How often it is looked whether an event was missed, and at how many jobs each time. */
const LOOK_MILLISECONDS = 5000;
const LOOK_JOBS = 200;

/** How long a server may take to say goodbye. */
const CLOSING_MILLISECONDS = 3000;

/** A job whose end is waited for. */
interface Awaited {
  onStep: OnStep;
  done(returned: unknown): void;
  failed(error: Error): void;
}

/** The sweep's side of the queue. */
export class QueuePool implements Executor {
  readonly capacity = Number.POSITIVE_INFINITY;
  readonly #redis: Redis;
  readonly #queue: Queue;
  readonly #events: QueueEvents;
  readonly #store: string;
  readonly #awaited = new Map<string, Awaited>();
  /** By source, what has been sent. */
  readonly #sent = new Map<string, Promise<Content>>();
  readonly #looking: NodeJS.Timeout;
  #isStopping = false;

  private constructor(redis: Redis, url: string, store: string) {
    this.#redis = redis;
    this.#store = store;
    const connection = bullConnection(url);
    this.#queue = new Queue(QUEUE, { connection });
    this.#events = new QueueEvents(QUEUE, { connection });
    // both connect again by themselves
    this.#queue.on("error", () => {});
    this.#events.on("error", () => {});
    this.#events.on("completed", ({ jobId, returnvalue }) => this.#awaited.get(jobId)?.done(returnvalue));
    this.#events.on("failed", ({ jobId, failedReason }) =>
      this.#awaited.get(jobId)?.failed(new Error(failedReason)),
    );
    this.#events.on("progress", ({ jobId, data }) => {
      const { step, scoreDb } = data as { step?: unknown; scoreDb?: unknown };
      if (typeof step === "number") this.#awaited.get(jobId)?.onStep(step, Number(scoreDb ?? Number.NaN));
    });
    this.#looking = setInterval(() => void this.#look().catch(() => {}), LOOK_MILLISECONDS).unref();
  }

  /**
   * Open the queue.
   * @param folder the sweep's: a sweep that is resumed finds its jobs again
   * @throws UserError where no server answers
   */
  static async open(url: string, folder: string): Promise<QueuePool> {
    const redis = await connect(url);
    const pool = new QueuePool(redis, url, hashOf(Buffer.from(resolve(folder))).slice(0, 32));
    await pool.#events.waitUntilReady();
    return pool;
  }

  async run(job: TrialJob, folder: string, onStep: OnStep): Promise<Result> {
    const jobId = `${this.#store}-${job.id.slice(0, 16)}-${job.pauseAt ?? "end"}`;
    const own = jobStore(this.#redis, jobId);
    const returned = await this.#resultOf(jobId, job, folder, onStep);
    const { outcome, files } = parseOrExplain(
      QueuedOutcomeSchema,
      returned,
      `trial ${job.number}: its result`,
    );
    if (files.length > 0) await fetchRun(own, files, folder);
    const settle = async () => {
      await this.#queue.remove(jobId);
      await own.remove(files);
    };
    return { outcome, settle };
  }

  /** Take back what no worker has taken; what is being trained is fetched by a later call. */
  stop(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    for (const [jobId, { failed }] of this.#awaited) {
      // a job that is being worked on stays
      void this.#queue.remove(jobId).catch(() => 0);
      failed(new TrialStopped("it was stopped"));
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#looking);
    const isDone = !this.#isStopping;
    this.stop();
    // a server that is gone is not waited for
    await Promise.race([this.#closeGently(isDone), pause(CLOSING_MILLISECONDS, undefined, { ref: false })]);
    await Promise.all([this.#events.disconnect(), this.#queue.disconnect()]).catch(() => {});
    this.#redis.disconnect();
  }

  /** A sweep that came to its end needs its recordings there no more. */
  async #closeGently(isDone: boolean): Promise<void> {
    if (isDone) {
      const contents = await Promise.all(this.#sent.values());
      await new Store(this.#redis, this.#store).remove(contents);
    }
    await this.#events.close();
    await this.#queue.close();
  }

  /** What a job gave back, now or from an earlier call. */
  async #resultOf(jobId: string, job: TrialJob, folder: string, onStep: OnStep): Promise<unknown> {
    if (this.#isStopping) throw new TrialStopped(`trial ${job.number} was not begun`);
    try {
      return await new Promise<unknown>((done, failed) => {
        this.#awaited.set(jobId, { onStep, done, failed });
        this.#enqueue(jobId, job, folder).catch(failed);
      });
    } catch (error) {
      if (error instanceof TrialStopped || error instanceof UserError) throw error;
      throw new UserError(
        `trial ${job.number}: the queue's workers could not train it (${(error as Error).message}); go on with --resume when that is mended`,
      );
    } finally {
      this.#awaited.delete(jobId);
    }
  }

  async #enqueue(jobId: string, job: TrialJob, folder: string): Promise<void> {
    const { state, job: known } = await this.#stateOf(jobId);
    if (state === "completed") return this.#awaited.get(jobId)?.done(known?.returnvalue);
    if (state === "failed") await known?.remove();
    else if (known !== undefined) return; // on its way since an earlier call
    await Promise.all(job.data.map(({ source }) => this.#send(source)));
    const files = await sendRun(jobStore(this.#redis, jobId), folder);
    const data: QueuedTrial = { job, store: this.#store, files };
    await this.#queue.add("trial", data, { jobId, attempts: 1 });
  }

  /** How a job stands. Its state is asked first: a job that ends between the two answers has its result in the second. */
  async #stateOf(jobId: string) {
    const state = await this.#queue.getJobState(jobId);
    return { state, job: await this.#queue.getJob(jobId) };
  }

  /** Send a recording, once. */
  #send(source: string): Promise<Content> {
    const sending =
      this.#sent.get(source) ??
      new Store(this.#redis, this.#store).put(readWhole(pathOf(source), "a recording"));
    this.#sent.set(source, sending);
    return sending;
  }

  /** Look for ends whose events were missed: of those that were waited for longest. */
  async #look(): Promise<void> {
    for (const [jobId, awaited] of [...this.#awaited].slice(0, LOOK_JOBS)) {
      const { state, job } = await this.#stateOf(jobId);
      if (state === "completed") awaited.done(job?.returnvalue);
      if (state === "failed") awaited.failed(new Error(job?.failedReason));
      // to the end of the line, so that each is looked at
      if (this.#awaited.delete(jobId)) this.#awaited.set(jobId, awaited);
    }
  }
}
