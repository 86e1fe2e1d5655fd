/**
 * Worker threads that share a queue of jobs with the thread that starts them. The owner's call returns when a batch is
 * done, without a turn of the event loop; a worker that fails or dies meanwhile makes it throw. Used by the rollout
 * pool, and by the benchmark that wants its plain loops in the very same setting.
 */
import { once } from "node:events";
import { parentPort, Worker, workerData } from "node:worker_threads";
import { WorkQueue } from "./work-queue.ts";

// How often a waiting owner looks whether its workers live; a batch that ends sooner wakes it at once.
const LOOK_MILLISECONDS = 100;

// A worker's JavaScript heap; samples, results and the kernels' memory lie outside of it.
const HEAP_MEGABYTES = 128;

export interface CrewOptions {
  /** What workers run: a module that calls `joinCrew`. */
  script: URL;
  /** What it receives; cloned, but for shared memory and compiled modules. */
  data: unknown;
  /** Workers beside the owner, 0 or more. */
  helpers: number;
  /** Most jobs in a batch. */
  mostJobs: number;
}

interface CrewData {
  queue: SharedArrayBuffer;
  data: unknown;
}

/** The owner's side. */
export class WorkCrew {
  readonly #queue: WorkQueue;
  readonly #workers: readonly Worker[];
  #isDisposed = false;

  /** Start the workers. @throws Error where one of them cannot start */
  static async start({ script, data, helpers, mostJobs }: CrewOptions): Promise<WorkCrew> {
    const queue = new WorkQueue(mostJobs);
    const options = {
      workerData: { queue: queue.buffer, data } satisfies CrewData,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES },
    };
    const workers = Array.from({ length: helpers }, () => new Worker(script, options));
    const crew = new WorkCrew(queue, workers);
    try {
      // `once` rejects at an error; a worker that ends without one must not be waited for either
      await Promise.all(
        workers.map(async (worker) => {
          const started = await Promise.race([once(worker, "message"), once(worker, "exit")]);
          if (started[0] !== "ready") throw new Error("it ended at once");
        }),
      );
    } catch (error) {
      crew.dispose();
      throw new Error(`worker threads: one could not start: ${describe(error)}`, { cause: error });
    }
    // an owner that forgets to dispose may still end
    for (const worker of workers) worker.unref();
    return crew;
  }

  private constructor(queue: WorkQueue, workers: readonly Worker[]) {
    this.#queue = queue;
    this.#workers = workers;
    for (const worker of workers) {
      worker.on("error", (error) => this.#giveUp(describe(error)));
      worker.on("exit", (code) => this.#giveUp(`it ended with code ${code}`));
    }
  }

  /** Most jobs in a batch. */
  get mostJobs(): number {
    return this.#queue.most;
  }

  /**
   * Have a batch done, taking part; returns when all of it is.
   * @param jobs in the order in which they are to be claimed
   * @param job the owner's way to do one; an error from it is passed on
   * @throws Error where a worker failed or died, now or before: a crew that did is of no further use
   */
  run(jobs: ArrayLike<number>, job: (index: number) => void): void {
    if (this.#isDisposed) throw new Error("worker threads: disposed");
    if (jobs.length > this.mostJobs)
      throw new RangeError(`jobs: expected at most ${this.mostJobs}, got ${jobs.length}`);
    this.#lookAfterWorkers();
    this.#queue.post(jobs);
    try {
      this.#queue.work(job);
    } catch (error) {
      this.#queue.fail(error);
      throw error;
    }
    while (!this.#queue.wait(jobs.length, LOOK_MILLISECONDS)) this.#lookAfterWorkers();
    this.#expectNoFailure();
  }

  /** End the workers. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#queue.stop();
    // who is in the middle of a job need not finish it
    for (const worker of this.#workers) void worker.terminate();
  }

  #lookAfterWorkers(): void {
    if (this.#workers.some(hasEnded)) this.#giveUp("it ended before its work was done");
    this.#expectNoFailure();
  }

  #expectNoFailure(): void {
    const { failure } = this.#queue;
    if (failure !== null) throw new Error(`worker threads: one failed: ${failure}`);
  }

  #giveUp(reason: string): void {
    if (!this.#isDisposed) this.#queue.fail(reason);
  }
}

/**
 * A worker's side: say that all is set up, then do jobs until the owner is done with the crew.
 * @param setUp makes, of what the owner sent, the way to do a job
 */
export function joinCrew<Data>(setUp: (data: Data) => (index: number) => void): void {
  const { queue, data } = workerData as CrewData;
  const job = setUp(data as Data);
  const port = parentPort;
  if (port === null) throw new Error("worker threads: expected to run in one");
  // once the event loop turns: from then on the owner can see whether this thread lives
  setImmediate(() => {
    port.postMessage("ready");
    new WorkQueue(queue).serve(job);
  });
}

/**
 * Whether a worker that once was ready has ended. Its exit event comes by the owner's event loop, which does not turn
 * while the owner waits; the idle time of the worker's own loop is read from the thread itself, and is -1 where there
 * is none any more. The tests of the crew hold Node to it.
 */
function hasEnded(worker: Worker): boolean {
  return worker.performance.eventLoopUtilization().idle < 0;
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
