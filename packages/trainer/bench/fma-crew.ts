/** Multiply-add loops over threads, claimed job by job just as rollouts are. */
import { WorkCrew } from "../src/work-crew.ts";
import { createFmaModule, instantiateFma } from "./fma-loop.ts";

// A call is this long, some tenths of a millisecond: the engine replaces its first, slower code only between calls.
const ITERATIONS = 10_000;

export interface FmaData {
  module: WebAssembly.Module;
  /** int32 x 1: calls a job makes. */
  calls: SharedArrayBuffer;
}

/** What one job is, the same in every thread. */
export function fmaJob({ module, calls }: FmaData): () => void {
  const run = instantiateFma(module);
  const count = new Int32Array(calls);
  return () => {
    for (let call = 0; call < count[0]; call++) run(ITERATIONS);
  };
}

/** A batch of equal jobs, to be timed. */
export interface FmaCrew {
  /** Do a batch. */
  run(): void;
  /** Set how long a batch is. @param calls of each job */
  setCalls(calls: number): void;
  dispose(): void;
}

/** Start threads. @param threads the caller's included @param jobs of a batch */
export async function createFmaCrew(threads: number, jobs: number): Promise<FmaCrew> {
  const data: FmaData = { module: createFmaModule(), calls: new SharedArrayBuffer(4) };
  const calls = new Int32Array(data.calls).fill(1);
  const script = new URL("./fma-worker.ts", import.meta.url);
  const crew = await WorkCrew.start({ script, data, helpers: threads - 1, mostJobs: jobs });
  const job = fmaJob(data);
  const batch = Int32Array.from({ length: jobs }, (_, i) => i);
  return {
    run: () => crew.run(batch, job),
    setCalls: (count) => {
      calls[0] = count;
    },
    dispose: () => crew.dispose(),
  };
}
