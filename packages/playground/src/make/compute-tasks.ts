/**
 * What the computing workers of a training do, one kind of work an entry: set up once, told of every batch, then given
 * jobs one at a time. A job's result is a row of numbers; whoever asked adds rows up in an order of its own, so that it
 * does not matter which worker did what.
 */
import { Core } from "@neural-string/core-wasm";
import { PlaneErrors } from "@neural-string/trainer/core/passive/planes/errors";
import type { PlaneSetup } from "@neural-string/trainer/core/passive/planes/setup";
import { RolloutRunner } from "@neural-string/trainer/core/passive/rollout-runner";
import type {
  RolloutExample,
  RolloutSetup,
  RolloutWeights,
} from "@neural-string/trainer/core/passive/rollouts";
import type { Parameters } from "@neural-string/trainer/core/passive/variables";

/** What each kind of work is set up with, what a batch tells, what a job is, and what setting it up tells. */
export interface ComputeKinds {
  /** Rollouts of a step: loss and gradient of one example. */
  rollouts: {
    setup: RolloutSetup;
    batch: { taps: Float32Array[]; network: Float32Array; weights: RolloutWeights };
    job: RolloutExample;
    facts: { networkSize: number; tapCounts: readonly number[] };
  };
  /** A round of the last touch: the errors of one point. */
  planes: {
    setup: { core: WebAssembly.Module; planes: PlaneSetup; like: Parameters };
    batch: { parameters: Parameters; round: number };
    job: Float64Array;
    facts: { unknowns: number };
  };
}

export type ComputeKind = keyof ComputeKinds;

/** Work that is set up. */
export interface ComputeTask<Kind extends ComputeKind> {
  facts: ComputeKinds[Kind]["facts"];
  begin(batch: ComputeKinds[Kind]["batch"]): void;
  /** @returns an array of its own */
  do(job: ComputeKinds[Kind]["job"]): Float64Array<ArrayBuffer>;
}

/** Sets each kind of work up. @throws RangeError naming the part of the setup that makes no sense */
export const SET_UP: { [Kind in ComputeKind]: (setup: ComputeKinds[Kind]["setup"]) => ComputeTask<Kind> } = {
  rollouts: (setup) => {
    const runner = new RolloutRunner(setup);
    const { networkSize, tapCounts } = runner;
    let batch: ComputeKinds["rollouts"]["batch"];
    return {
      facts: { networkSize, tapCounts },
      begin: (next) => {
        batch = next;
      },
      do: (example) => {
        const { taps, network, weights } = batch;
        runner.check([example], taps, network, weights);
        const result = new Float64Array(runner.resultSize);
        runner.run(example, taps[example.source], network, weights, result);
        return result;
      },
    };
  },
  planes: ({ core, planes, like }) => {
    const errors = new PlaneErrors(new Core(core), planes, like);
    return {
      facts: { unknowns: errors.unknowns },
      begin: ({ parameters, round }) => errors.begin(parameters, round),
      do: (point) => {
        const out = new Float64Array(errors.size);
        errors.errors(point, out);
        return out;
      },
    };
  },
};
