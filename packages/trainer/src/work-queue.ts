/**
 * Batches of numbered jobs in shared memory, for threads that work on them together: the owner posts a batch, every
 * thread claims jobs until none is left, and the owner waits for the last. No messages: a step of training is some
 * milliseconds long, and its owner must not return to the event loop in between.
 *
 * What a job is, and where its results go, is the threads' affair. All that was written to shared memory before `post`
 * can be read by who claims a job, and all that a job wrote can be read once the batch is done.
 */

// int32 words; then the jobs, claimed from the end; then the message of a failure
const LEFT = 0; // jobs not claimed yet; below zero where threads asked in vain
const FINISHED = 1;
const TURN = 2; // batches posted
const STOP = 3;
const FAILED = 4; // 1: a message is being written; 2: it is there
const JOBS = 5;

const MESSAGE_BYTES = 512;

/** A queue; each thread makes its own view of the same memory. */
export class WorkQueue {
  /** For the other threads. */
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #message: Uint8Array;

  /** Make a queue for batches of up to a number of jobs, or open one that another thread has made. */
  constructor(origin: number | SharedArrayBuffer) {
    this.buffer =
      typeof origin === "number" ? new SharedArrayBuffer(4 * (JOBS + origin) + MESSAGE_BYTES) : origin;
    const words = (this.buffer.byteLength - MESSAGE_BYTES) / 4;
    this.#words = new Int32Array(this.buffer, 0, words);
    this.#message = new Uint8Array(this.buffer, 4 * words);
  }

  /** Most jobs in a batch. */
  get most(): number {
    return this.#words.length - JOBS;
  }

  /** Post a batch; the one before must be done. @param jobs in the order in which they are to be claimed */
  post(jobs: ArrayLike<number>): void {
    const words = this.#words;
    for (let i = 0; i < jobs.length; i++) words[JOBS + i] = jobs[jobs.length - 1 - i];
    Atomics.store(words, FINISHED, 0);
    // from here on a thread that is still looking for jobs of the batch before may claim
    Atomics.store(words, LEFT, jobs.length);
    Atomics.add(words, TURN, 1);
    Atomics.notify(words, TURN);
  }

  /** Claim jobs and do them until none is left. */
  work(job: (index: number) => void): void {
    const words = this.#words;
    for (;;) {
      const left = Atomics.sub(words, LEFT, 1);
      if (left <= 0) return;
      job(words[JOBS + left - 1]);
      Atomics.add(words, FINISHED, 1);
      Atomics.notify(words, FINISHED);
    }
  }

  /** Work on every batch until told to stop: a worker's life. Blocks the thread. */
  serve(job: (index: number) => void): void {
    const words = this.#words;
    for (let turn = 0; ; ) {
      Atomics.wait(words, TURN, turn);
      turn = Atomics.load(words, TURN);
      if (Atomics.load(words, STOP) === 1) return;
      try {
        this.work(job);
      } catch (error) {
        this.fail(error);
        return;
      }
    }
  }

  /** Wait for a batch of `count` jobs to be done or failed, at most some milliseconds. @returns whether it was */
  wait(count: number, milliseconds: number): boolean {
    const words = this.#words;
    const finished = Atomics.load(words, FINISHED);
    const isOver = () => Atomics.load(words, FINISHED) >= count || this.failure !== null;
    if (!isOver()) Atomics.wait(words, FINISHED, finished, milliseconds);
    return isOver();
  }

  /** Give up: nothing further is claimed. Only the first failure's message is kept. */
  fail(error: unknown): void {
    const words = this.#words;
    Atomics.store(words, LEFT, 0);
    if (Atomics.compareExchange(words, FAILED, 0, 1) !== 0) return;
    const text = new TextEncoder().encode(error instanceof Error ? error.message : String(error));
    this.#message.set(text.subarray(0, MESSAGE_BYTES));
    Atomics.store(words, FAILED, 2);
    Atomics.notify(words, FINISHED);
  }

  /** What went wrong; null while all is well. */
  get failure(): string | null {
    if (Atomics.load(this.#words, FAILED) !== 2) return null;
    return new TextDecoder().decode(this.#message.slice()).replace(/\0+$/, "");
  }

  /** Tell the threads that serve to return. */
  stop(): void {
    Atomics.store(this.#words, STOP, 1);
    Atomics.add(this.#words, TURN, 1);
    Atomics.notify(this.#words, TURN);
  }
}
