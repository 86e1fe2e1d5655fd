/**
 * Rollouts over worker threads: the examples of a step are claimed one by one, by the workers and by the caller, and
 * their results are added up in the order of the examples, so that any number of threads, and LocalRollouts, give the
 * same bits. Recordings lie in shared memory once; a step sends no message and copies nothing but its parameters.
 */
import { availableParallelism } from "node:os";
import { RolloutRunner, RolloutTotals } from "./core/passive/rollout-runner.ts";
import type {
  ImmediateRollouts,
  RolloutExample,
  RolloutSetup,
  RolloutSource,
  RolloutSums,
  RolloutWeights,
} from "./core/passive/rollouts.ts";
import { RolloutMemory, type RolloutMemorySizes } from "./rollout-memory.ts";
import { WorkCrew } from "./work-crew.ts";

// Beyond this many threads a step's few examples leave most of them idle.
const MOST_THREADS = 8;

// Examples that results are kept of; a step of more is done in batches of this many.
const BATCH = 64;

export interface RolloutPoolOptions extends RolloutSetup {
  /** Threads at work, the caller's included, 1 or more; default: as many as the machine runs at once, at most 8. */
  threads?: number;
}

/** What a worker of the pool receives. */
export interface RolloutWorkerData {
  setup: RolloutSetup;
  sizes: RolloutMemorySizes;
  memory: SharedArrayBuffer;
}

/** Threads that a pool has where none are asked for. */
export function defaultThreads(): number {
  return Math.min(MOST_THREADS, availableParallelism());
}

/**
 * Start the threads; each reserves its memory now, and no more later.
 * @throws RangeError naming the part of the setup that makes no sense; Error where a thread cannot start
 */
export async function createRolloutPool(options: RolloutPoolOptions): Promise<ImmediateRollouts> {
  const { module, shapes, sources, threads = defaultThreads() } = options;
  if (!(Number.isInteger(threads) && threads >= 1))
    throw new RangeError(`threads: expected a whole number from 1 on, got ${threads}`);
  const compiled = module instanceof WebAssembly.Module ? module : new WebAssembly.Module(module);
  const setup = { module: compiled, shapes, sources: shareSamples(sources) };
  const runner = new RolloutRunner(setup);
  const { resultSize: result, networkSize: network, tapCounts } = runner;
  const memory = new RolloutMemory({ examples: BATCH, result, network, tapCounts });
  const data: RolloutWorkerData = { setup, sizes: memory.sizes, memory: memory.buffer };
  const script = new URL("./rollout-worker.ts", import.meta.url);
  const crew = await WorkCrew.start({ script, data, helpers: threads - 1, mostJobs: BATCH });
  return new RolloutPool(threads, runner, memory, crew, setup);
}

/** What one claimed example takes, the same in every thread. */
export function exampleJob(runner: RolloutRunner, memory: RolloutMemory): (index: number) => void {
  return (index) => {
    const example = memory.example(index);
    const taps = memory.taps[example.source];
    runner.run(example, taps, memory.network, memory.weights(), memory.results[index]);
  };
}

class RolloutPool implements ImmediateRollouts {
  readonly threads: number;
  readonly #runner: RolloutRunner;
  readonly #memory: RolloutMemory;
  readonly #crew: WorkCrew;
  readonly #setup: RolloutSetup;
  readonly #job: (index: number) => void;
  #isDisposed = false;

  constructor(
    threads: number,
    runner: RolloutRunner,
    memory: RolloutMemory,
    crew: WorkCrew,
    setup: RolloutSetup,
  ) {
    this.threads = threads;
    this.#runner = runner;
    this.#memory = memory;
    this.#crew = crew;
    this.#setup = setup;
    this.#job = exampleJob(runner, memory);
  }

  run(
    examples: readonly RolloutExample[],
    taps: readonly Float32Array[],
    network: Float32Array,
    weights: RolloutWeights,
  ): RolloutSums {
    if (this.#isDisposed) throw new Error("rollouts: disposed");
    this.#runner.check(examples, taps, network, weights);
    this.#memory.setParameters(taps, network, weights);
    const totals = new RolloutTotals(this.#runner);
    for (let start = 0; start < examples.length; start += BATCH) {
      const batch = examples.slice(start, start + BATCH);
      this.#memory.setExamples(batch);
      this.#crew.run(this.#longestFirst(batch), this.#job);
      batch.forEach(({ source }, i) => {
        totals.add(source, this.#memory.results[i]);
      });
    }
    return totals.means();
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#crew.dispose();
  }

  /** The order that lets threads finish together: what takes long must not begin last. */
  #longestFirst(examples: readonly RolloutExample[]): number[] {
    const { shapes, sources } = this.#setup;
    const work = examples.map(({ source, count }) => count * shapes[sources[source].shape].taps);
    return [...examples.keys()].sort((a, b) => work[b] - work[a] || a - b);
  }
}

/** Put every recording into shared memory, once, however many sources are of it. */
function shareSamples(sources: readonly RolloutSource[]): RolloutSource[] {
  const shared = new Map<Float32Array, Float32Array>();
  return sources.map((source) => {
    const { samples } = source;
    if (samples.buffer instanceof SharedArrayBuffer) return source;
    const copy = shared.get(samples) ?? new Float32Array(new SharedArrayBuffer(samples.byteLength));
    if (!shared.has(samples)) copy.set(samples);
    shared.set(samples, copy);
    return { ...source, samples: copy };
  });
}
