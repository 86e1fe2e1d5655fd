/**
 * The clock of the benchmark: benchmark.js. One `Stopwatch` holds one Benchmark and takes one sample at a time from
 * it, so that contestants can take turns; left to itself benchmark.js would finish one before it starts the next, and
 * whatever the machine did meanwhile would look like a difference between them.
 */
import Benchmark from "benchmark";

/** A count to begin with: documented, but missing in the typings of the instance. */
type Timed = Benchmark & { initCount: number };

/** Times one function. */
export class Stopwatch {
  readonly #bench: Timed;
  readonly #sliceSeconds: number;
  #failure: unknown = null;

  /**
   * @param run synchronous, or returns a promise: `isAsync` says which
   * @param sliceSeconds least time one sample takes (s): as many runs as fill it
   */
  constructor(run: () => void | Promise<void>, sliceSeconds: number, isAsync: boolean) {
    this.#sliceSeconds = sliceSeconds;
    const fail = (error: unknown) => {
      this.#failure = error;
    };
    const deferred = ({ resolve }: { resolve: () => void }) => {
      (run() as Promise<void>).catch(fail).then(resolve);
    };
    // one sample a call: it has enough of them as soon as there is one
    const options = { defer: isAsync, async: false, minSamples: 1, maxTime: 0, minTime: sliceSeconds };
    this.#bench = new Benchmark(
      isAsync ? (d: Benchmark.Deferred) => deferred({ resolve: () => d.resolve() }) : run,
      options,
    ) as Timed;
  }

  /**
   * Take a sample.
   * @returns seconds per run
   * @throws whatever the run throws
   */
  sample(): Promise<number> {
    return new Promise((resolve, reject) => {
      const bench = this.#bench;
      bench.off("complete");
      bench.on("complete", () => {
        const failure = this.#failure ?? bench.error;
        const seconds: number | undefined = bench.stats.sample.at(-1);
        if (failure || !seconds) {
          reject(failure instanceof Error ? failure : new Error(`a run could not be timed: ${failure}`));
          return;
        }
        // the next sample begins with as many runs as fill its slice, and a tenth more so that one cycle is enough
        bench.initCount = Math.max(1, Math.ceil((1.1 * this.#sliceSeconds) / seconds));
        resolve(seconds);
      });
      bench.run();
    });
  }
}
