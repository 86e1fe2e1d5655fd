/**
 * The errors of a string's points over worker threads: each claims points and writes what it found into shared memory.
 * A point's errors are computed whole by one thread, so any number of threads gives the same bits.
 */
import type { Tensor } from "@neural-string/shared";
import { PlaneErrors } from "./core/passive/planes/errors.ts";
import { SENT } from "./core/passive/planes/parameters.ts";
import type { PlaneWork } from "./core/passive/planes/refine.ts";
import type { PlaneSetup } from "./core/passive/planes/setup.ts";
import type { Parameters } from "./core/passive/variables.ts";
import { loadCore } from "./core-build.ts";
import { defaultThreads } from "./rollout-pool.ts";
import { WorkCrew } from "./work-crew.ts";

/** Points that are done in one batch. */
const BATCH = 16;

/** What a worker of the pool receives. */
export interface PlaneWorkerData {
  setup: PlaneSetup;
  memory: PlaneMemory;
}

/** Shared by all threads. */
interface PlaneMemory {
  /** Names and shapes of the parameters that are sent, in order. */
  layout: { name: string; shape: number[] }[];
  /** int32: the round. */
  round: SharedArrayBuffer;
  /** float32: the parameters of the round, one after the other. */
  parameters: SharedArrayBuffer;
  /** float64 [BATCH, unknowns] and [BATCH, errors]. */
  points: SharedArrayBuffer;
  results: SharedArrayBuffer;
}

/** Start the threads. @param like parameters whose shapes are those of every round */
export async function createPlanePool(
  setup: PlaneSetup,
  like: Parameters,
  threads = defaultThreads(),
): Promise<PlaneWork> {
  const shared = {
    ...setup,
    recordings: setup.recordings.map(({ samples, noisePart }) => {
      const copy = new Float32Array(new SharedArrayBuffer(noisePart.byteLength));
      copy.set(noisePart);
      return { samples: copy.subarray(0, samples.length), noisePart: copy };
    }),
  };
  const errors = new PlaneErrors(loadCore(), shared, like);
  const sent = SENT.filter((name) => like.has(name));
  const layout = sent.map((name) => ({ name, shape: (like.get(name) as Tensor).shape }));
  const numbers = layout.reduce((sum, { shape }) => sum + countOf(shape), 0);
  const memory: PlaneMemory = {
    layout,
    round: new SharedArrayBuffer(4),
    parameters: new SharedArrayBuffer(4 * numbers),
    points: new SharedArrayBuffer(8 * BATCH * errors.unknowns),
    results: new SharedArrayBuffer(8 * BATCH * errors.size),
  };
  const data: PlaneWorkerData = { setup: shared, memory };
  const script = new URL("./plane-worker.ts", import.meta.url);
  const crew = await WorkCrew.start({ script, data, helpers: threads - 1, mostJobs: BATCH });
  return new PlanePool(crew, memory, errors);
}

/** A worker's way to do a claimed point: it follows the round that its owner is in. */
export function workerJob({ setup, memory }: PlaneWorkerData): (index: number) => void {
  const errors = new PlaneErrors(loadCore(), setup, readParameters(memory));
  const job = pointJob(errors, memory);
  const round = new Int32Array(memory.round);
  let begun = -1;
  return (index) => {
    if (round[0] !== begun) {
      begun = round[0];
      errors.begin(readParameters(memory), begun);
    }
    job(index);
  };
}

/** What one claimed point takes, the same in every thread. */
function pointJob(errors: PlaneErrors, memory: PlaneMemory): (index: number) => void {
  const { unknowns, size } = errors;
  const points = new Float64Array(memory.points);
  const results = new Float64Array(memory.results);
  return (i) => {
    const point = points.subarray(i * unknowns, (i + 1) * unknowns);
    errors.errors(point, results.subarray(i * size, (i + 1) * size));
  };
}

class PlanePool implements PlaneWork {
  readonly unknowns: number;
  readonly #crew: WorkCrew;
  readonly #memory: PlaneMemory;
  readonly #errors: PlaneErrors;
  readonly #job: (index: number) => void;

  constructor(crew: WorkCrew, memory: PlaneMemory, errors: PlaneErrors) {
    this.unknowns = errors.unknowns;
    this.#crew = crew;
    this.#memory = memory;
    this.#errors = errors;
    this.#job = pointJob(errors, memory);
  }

  begin(parameters: Parameters, round: number): void {
    const all = new Float32Array(this.#memory.parameters);
    let at = 0;
    for (const { name } of this.#memory.layout) {
      const { data } = parameters.get(name) as Tensor;
      all.set(data, at);
      at += data.length;
    }
    new Int32Array(this.#memory.round)[0] = round;
    this.#errors.begin(parameters, round);
  }

  errors(points: readonly Float64Array[]): Float64Array[] {
    const { unknowns, size } = this.#errors;
    const given = new Float64Array(this.#memory.points);
    const results = new Float64Array(this.#memory.results);
    const all: Float64Array[] = [];
    for (let from = 0; from < points.length; from += BATCH) {
      const batch = points.slice(from, from + BATCH);
      batch.forEach((point, i) => {
        given.set(point, i * unknowns);
      });
      this.#crew.run([...batch.keys()], this.#job);
      for (let i = 0; i < batch.length; i++) all.push(results.slice(i * size, (i + 1) * size));
    }
    return all;
  }

  kept(steps: Float64Array): Parameters {
    return this.#errors.kept(steps);
  }

  dispose(): void {
    this.#crew.dispose();
  }
}

function readParameters({ layout, parameters }: PlaneMemory): Parameters {
  const all = new Float32Array(parameters);
  let at = 0;
  return new Map(
    layout.map(({ name, shape }) => {
      const data = all.slice(at, at + countOf(shape));
      at += data.length;
      return [name, { shape: [...shape], data }];
    }),
  );
}

function countOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}
