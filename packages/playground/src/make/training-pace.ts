/**
 * When a training goes on, holds or ends, as its page wishes; and how long its steps take, pauses left out. Wishes come as
 * messages, so whoever trains must let them in now and then.
 */

/** Weight of the latest step in the mean that is told. */
const LATEST = 0.1;

export class TrainingPace {
  /** Whether to end. */
  isStopped = false;
  #goOn: (() => void) | null = null;
  #held: Promise<void> | null = null;
  /** Milliseconds of the pauses so far. */
  #paused = 0;
  #begun = performance.now();
  #lastStep: number | null = null;
  #secondsPerStep = Number.NaN;
  readonly #channel = new MessageChannel();

  pause(): void {
    this.#held ??= new Promise((resolve) => {
      this.#goOn = resolve;
    });
  }

  resume(): void {
    this.#goOn?.();
    this.#goOn = null;
    this.#held = null;
  }

  stop(): void {
    this.isStopped = true;
    this.resume();
  }

  /** Let messages in, and hold while the page wishes so. @param tell called where it holds, and where it goes on */
  async letIn(tell: (type: "paused" | "resumed") => void): Promise<void> {
    // a timer would wait for 4 ms
    await new Promise((resolve) => {
      this.#channel.port1.onmessage = resolve;
      this.#channel.port2.postMessage(null);
    });
    if (this.#held === null) return;
    const from = performance.now();
    tell("paused");
    while (this.#held !== null) await this.#held;
    this.#paused += performance.now() - from;
    this.#lastStep = null;
    if (!this.isStopped) tell("resumed");
  }

  /** Count time from now on. */
  begin(): void {
    this.#begun = performance.now();
    this.#paused = 0;
  }

  /** Seconds since the beginning, without pauses. */
  get seconds(): number {
    return (performance.now() - this.#begun - this.#paused) / 1000;
  }

  /** A step is done. @returns seconds of a step lately; NaN where only one was seen */
  stepDone(): number {
    const now = performance.now();
    if (this.#lastStep !== null) {
      const seconds = (now - this.#lastStep) / 1000;
      const known = Number.isNaN(this.#secondsPerStep) ? seconds : this.#secondsPerStep;
      this.#secondsPerStep = known + LATEST * (seconds - known);
    }
    this.#lastStep = now;
    return this.#secondsPerStep;
  }

  /** Something else than a step took time. */
  otherDone(): void {
    this.#lastStep = performance.now();
  }

  dispose(): void {
    this.#channel.port1.close();
  }
}
