/** The last touch of a training over computing workers; each point's errors are computed whole by one of them. */
import { Core } from "@neural-string/core-wasm";
import { PlaneErrors } from "@neural-string/trainer/core/passive/planes/errors";
import type { PlaneWork } from "@neural-string/trainer/core/passive/planes/refine";
import type { PlaneSetup } from "@neural-string/trainer/core/passive/planes/setup";
import type { Parameters } from "@neural-string/trainer/core/passive/variables";
import type { ComputeCrew } from "./compute-crew.ts";

/** Set workers up. @param core the compiled build @param like parameters whose shapes are those of every round */
export async function crewPlanes(
  crew: ComputeCrew,
  core: WebAssembly.Module,
  setup: PlaneSetup,
  like: Parameters,
): Promise<PlaneWork> {
  const planes = {
    ...setup,
    // a part of an array would bring all of it along, and `samples` is the beginning of `noisePart`
    recordings: setup.recordings.map(({ samples, noisePart }) => {
      const copy = noisePart.slice();
      return { samples: copy.subarray(0, samples.length), noisePart: copy };
    }),
  };
  const task = await crew.setUp("planes", { core, planes, like });
  const own = new PlaneErrors(new Core(core), planes, like);
  return {
    unknowns: own.unknowns,
    begin: (parameters, round) => {
      own.begin(parameters, round);
      task.begin({ parameters, round });
    },
    errors: (points) => task.run(points),
    kept: (steps) => own.kept(steps),
    dispose: () => task.drop(),
  };
}
