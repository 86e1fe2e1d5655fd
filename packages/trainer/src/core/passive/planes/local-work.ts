/** The errors of points computed where they are asked for, on one thread; `plane-pool.ts` has it done on several. */
import type { Core } from "@neural-string/core-wasm";
import type { Parameters } from "../variables.ts";
import { PlaneErrors } from "./errors.ts";
import type { MovedParameters } from "./parameters.ts";
import type { PlaneWork } from "./refine.ts";
import type { PlaneSetup } from "./setup.ts";

export class LocalPlaneWork implements PlaneWork {
  readonly #errors: PlaneErrors;
  readonly #seed: number;
  #parameters: Parameters = new Map();
  #moved: MovedParameters | null = null;

  constructor(core: Core, { facts, recordings, starts, seed }: PlaneSetup) {
    this.#errors = new PlaneErrors(core, facts, recordings, starts);
    this.#seed = seed;
  }

  begin(parameters: Parameters, round: number): number {
    this.#parameters = parameters;
    this.#moved = this.#errors.begin(parameters, this.#seed, round);
    return this.#moved.count;
  }

  errors(points: readonly Float64Array[]): Float64Array[] {
    return points.map((point) => {
      const out = new Float64Array(this.#errors.size);
      this.#errors.errors(point, out);
      return out;
    });
  }

  kept(steps: Float64Array): Parameters {
    return (this.#moved as MovedParameters).kept(this.#parameters, steps);
  }

  dispose(): void {}
}
