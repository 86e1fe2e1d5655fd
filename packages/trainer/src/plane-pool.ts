/**
 * The errors of a string's points over worker threads: each claims points and writes what it found into shared memory.
 * A point's errors are computed whole by one thread, so any number of threads gives the same bits.
 */
import type { Tensor } from "@neural-string/shared";
import { PlaneErrors } from "./core/passive/planes/errors.ts";
import { type MovedParameters, SENT } from "./core/passive/planes/parameters.ts";
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
export interface PlaneMemory {
  /** Names and shapes of the parameters that are sent, in order. */
  layout: { name: string; shape: number[] }[];
  /** int32: the round. */
  round: SharedArrayBuffer;
  /** float32: the parameters of the round, one after the other. */
  parameters: SharedArrayBuffer;
  /** float64 [BATCH, unknowns] and [BATCH, errors]; unknowns and errors do not change from round to round. */
  points: SharedArrayBuffer;
  results: SharedArrayBuffer;
  unknowns: number;
  size: number;
}

/** Start the threads. @param first parameters, whose sizes are those of every round */
export async function createPlanePool(
  setup: PlaneSetup,
  first: Parameters,
  threads = defaultThreads(),
): Promise<PlaneWork> {
  const shared = {
    ...setup,
    recordings: setup.recordings.map(({ samples, whole }) => {
      const copy = new Float32Array(new SharedArrayBuffer(whole.byteLength));
      copy.set(whole);
      return { whole: copy, samples: copy.subarray(0, samples.length) };
    }),
  };
  const own = new PlaneErrors(loadCore(), setup.facts, shared.recordings, setup.starts);
  const unknowns = own.begin(first, setup.seed, 0).count;
  const sent = SENT.filter((name) => first.has(name));
  const layout = sent.map((name) => ({ name, shape: (first.get(name) as Tensor).shape }));
  const numbers = layout.reduce((sum, { shape }) => sum + countOf(shape), 0);
  const memory: PlaneMemory = {
    layout,
    round: new SharedArrayBuffer(4),
    parameters: new SharedArrayBuffer(4 * numbers),
    points: new SharedArrayBuffer(8 * BATCH * unknowns),
    results: new SharedArrayBuffer(8 * BATCH * own.size),
    unknowns,
    size: own.size,
  };
  const data: PlaneWorkerData = { setup: shared, memory };
  const script = new URL("./plane-worker.ts", import.meta.url);
  const crew = await WorkCrew.start({ script, data, helpers: threads - 1, mostJobs: BATCH });
  return new PlanePool(crew, memory, own, setup.seed);
}

/** What one claimed point takes, the same in every thread. */
export function pointJob(errors: PlaneErrors, memory: PlaneMemory, seed: number): (index: number) => void {
  const [round] = [new Int32Array(memory.round)];
  const points = new Float64Array(memory.points);
  const results = new Float64Array(memory.results);
  let begun = -1;
  return (index) => {
    if (round[0] !== begun) {
      begun = round[0];
      errors.begin(readParameters(memory), seed, begun);
    }
    const { unknowns, size } = memory;
    errors.errors(
      points.subarray(index * unknowns, (index + 1) * unknowns),
      results.subarray(index * size, (index + 1) * size),
    );
  };
}

class PlanePool implements PlaneWork {
  readonly #crew: WorkCrew;
  readonly #memory: PlaneMemory;
  readonly #errors: PlaneErrors;
  readonly #seed: number;
  #job: (index: number) => void = () => {};
  #parameters: Parameters = new Map();
  #moved: MovedParameters | null = null;

  constructor(crew: WorkCrew, memory: PlaneMemory, errors: PlaneErrors, seed: number) {
    this.#crew = crew;
    this.#memory = memory;
    this.#errors = errors;
    this.#seed = seed;
  }

  begin(parameters: Parameters, round: number): number {
    const all = new Float32Array(this.#memory.parameters);
    let at = 0;
    for (const { name } of this.#memory.layout) {
      const { data } = parameters.get(name) as Tensor;
      all.set(data, at);
      at += data.length;
    }
    new Int32Array(this.#memory.round)[0] = round;
    this.#parameters = parameters;
    this.#moved = this.#errors.begin(parameters, this.#seed, round);
    this.#job = pointJob(this.#errors, this.#memory, this.#seed);
    return this.#moved.count;
  }

  errors(points: readonly Float64Array[]): Float64Array[] {
    const { unknowns, size } = this.#memory;
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
    return (this.#moved as MovedParameters).kept(this.#parameters, steps);
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
