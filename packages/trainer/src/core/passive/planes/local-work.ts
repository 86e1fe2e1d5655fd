/** The errors of points computed where they are asked for, on one thread; `plane-pool.ts` has it done on several. */
import type { Core } from "@neural-string/core-wasm";
import type { Parameters } from "../variables.ts";
import { PlaneErrors } from "./errors.ts";
import type { PlaneWork } from "./refine.ts";
import type { PlaneSetup } from "./setup.ts";

export class LocalPlaneWork implements PlaneWork {
  readonly unknowns: number;
  readonly #errors: PlaneErrors;

  constructor(core: Core, setup: PlaneSetup, like: Parameters) {
    this.#errors = new PlaneErrors(core, setup, like);
    this.unknowns = this.#errors.unknowns;
  }

  begin(parameters: Parameters, round: number): void {
    this.#errors.begin(parameters, round);
  }

  errors(points: readonly Float64Array[]): Float64Array[] {
    return points.map((point) => {
      const out = new Float64Array(this.#errors.size);
      this.#errors.errors(point, out);
      return out;
    });
  }

  kept(steps: Float64Array): Parameters {
    return this.#errors.kept(steps);
  }

  dispose(): void {}
}
