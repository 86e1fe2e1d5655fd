/**
 * The computing workers of a training, by messages alone: pages without cross-origin isolation have no shared memory.
 * A worker has one job at a time and gets the next when it answers, so a slow one holds nobody up; results are handed
 * over in the order of the jobs, whoever did them. What node's worker threads do in packages/trainer/src/work-crew.ts.
 */
import type { FromComputeWorker, ToComputeWorker } from "./compute-messages.ts";
import type { ComputeKind, ComputeKinds } from "./compute-tasks.ts";

/** Beyond this many workers a step's few examples leave most of them idle. */
const MOST_WORKERS = 8;

/** How many workers a training has where nobody says: as many as the machine runs at once. */
export function defaultThreads(): number {
  return Math.max(1, Math.min(MOST_WORKERS, navigator.hardwareConcurrency || 1));
}

/** Work that all workers of a crew are set up for. */
export interface CrewTask<Kind extends ComputeKind> {
  facts: ComputeKinds[Kind]["facts"];
  /** Tell all workers what the jobs of a batch have in common. */
  begin(batch: ComputeKinds[Kind]["batch"]): void;
  /**
   * Have jobs done; one call at a time in a whole crew.
   * @param order in which they are begun, default as they stand
   * @returns their results, as they stand
   * @throws Error where a worker failed or died, now or before
   */
  run(jobs: readonly ComputeKinds[Kind]["job"][], order?: readonly number[]): Promise<Float64Array[]>;
  /** Let the workers forget it. */
  drop(): void;
}

/** A batch that is being worked on. */
interface Batch {
  task: number;
  jobs: readonly ComputeKinds[ComputeKind]["job"][];
  /** Indices of jobs that nobody has begun, the next one last. */
  waiting: number[];
  results: Float64Array[];
  left: number;
  resolve: (results: Float64Array[]) => void;
}

export class ComputeCrew {
  #workers: readonly Worker[];
  #tasks = 0;
  #failure: Error | null = null;
  /** Whom a failure has to be told. */
  #reject: ((error: Error) => void) | null = null;
  #batch: Batch | null = null;
  /** Called with what a worker says that is no result. */
  #answered: ((message: FromComputeWorker) => void) | null = null;

  /** Start workers. @throws Error where one cannot start */
  static async start(threads: number): Promise<ComputeCrew> {
    const workers = Array.from(
      { length: threads },
      () => new Worker(new URL("./compute-worker.ts", import.meta.url), { type: "module" }),
    );
    const crew = new ComputeCrew(workers);
    await crew.#answers("ready", () => {});
    return crew;
  }

  private constructor(workers: readonly Worker[]) {
    this.#workers = workers;
    for (const worker of workers) {
      worker.onmessage = ({ data }: MessageEvent<FromComputeWorker>) => this.#hear(worker, data);
      worker.onerror = (event) => this.#fail(event.message || "its script could not be loaded or run");
      worker.onmessageerror = () => this.#fail("a message could not be read");
    }
  }

  get threads(): number {
    return this.#workers.length;
  }

  /** Send workers away, before any is set up, until so many are left. */
  keepOnly(threads: number): void {
    for (const worker of this.#workers.slice(threads)) worker.terminate();
    this.#workers = this.#workers.slice(0, threads);
  }

  /** Set all workers up for a kind of work. @throws Error where one fails */
  async setUp<Kind extends ComputeKind>(
    kind: Kind,
    setup: ComputeKinds[Kind]["setup"],
  ): Promise<CrewTask<Kind>> {
    const task = this.#tasks++;
    const answered = this.#answers("setUp", () => this.#tell({ type: "setUp", task, kind, setup }));
    const { facts } = (await answered) as { facts: ComputeKinds[Kind]["facts"] };
    return {
      facts,
      begin: (batch) => this.#tell({ type: "begin", task, batch }),
      run: (jobs, order) => this.#run(task, jobs, order ?? [...jobs.keys()]),
      drop: () => this.#tell({ type: "drop", task }),
    };
  }

  /** End the workers, in the middle of a job if need be. */
  dispose(): void {
    for (const worker of this.#workers) worker.terminate();
    this.#fail("the crew was disposed of");
  }

  #tell(message: ToComputeWorker): void {
    for (const worker of this.#workers) worker.postMessage(message);
  }

  /** Ask something of all workers and wait for as many answers. @returns the last */
  #answers(type: FromComputeWorker["type"], ask: () => void): Promise<FromComputeWorker> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      let missing = this.#workers.length;
      this.#reject = reject;
      this.#answered = (message) => {
        if (message.type === type && --missing === 0) resolve(message);
      };
      ask();
    });
  }

  #run(
    task: number,
    jobs: readonly ComputeKinds[ComputeKind]["job"][],
    order: readonly number[],
  ): Promise<Float64Array[]> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      if (jobs.length === 0) return resolve([]);
      const results = new Array<Float64Array>(jobs.length);
      this.#reject = reject;
      this.#batch = { task, jobs, waiting: order.toReversed(), results, left: jobs.length, resolve };
      for (const worker of this.#workers) this.#next(worker);
    });
  }

  /** Give a worker a job, if there is one. */
  #next(worker: Worker): void {
    const batch = this.#batch;
    const index = batch?.waiting.pop();
    if (batch === null || index === undefined) return;
    const { task, jobs } = batch;
    worker.postMessage({ type: "job", task, index, job: jobs[index] } satisfies ToComputeWorker);
  }

  #hear(worker: Worker, message: FromComputeWorker): void {
    if (message.type === "failed") this.#fail(message.message);
    else if (message.type === "result") this.#take(worker, message);
    else this.#answered?.(message);
  }

  #take(worker: Worker, message: Extract<FromComputeWorker, { type: "result" }>): void {
    const batch = this.#batch;
    if (batch === null) return;
    this.#next(worker);
    batch.results[message.index] = message.result;
    if (--batch.left > 0) return;
    this.#batch = null;
    batch.resolve(batch.results);
  }

  #fail(reason: string): void {
    this.#failure ??= new Error(`computing worker: ${reason}`);
    this.#batch = null;
    this.#reject?.(this.#failure);
  }
}
