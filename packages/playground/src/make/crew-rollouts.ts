/**
 * The rollouts of a training's steps over computing workers. Their results are added up in the order of the examples, as
 * everywhere, so that any number of workers gives the bits that node's threads give.
 */
import { RolloutTotals } from "@neural-string/trainer/core/passive/rollout-runner";
import type { RolloutSetup, Rollouts } from "@neural-string/trainer/core/passive/rollouts";
import type { ComputeCrew } from "./compute-crew.ts";

/** Set workers up for rollouts; each reserves its memory now. @throws Error where one fails */
export async function crewRollouts(crew: ComputeCrew, setup: RolloutSetup): Promise<Rollouts> {
  const { shapes, sources } = setup;
  const task = await crew.setUp("rollouts", {
    ...setup,
    // a part of an array would bring all of it along
    sources: sources.map((source) => ({ ...source, samples: source.samples.slice() })),
  });
  return {
    threads: crew.threads,
    run: async (examples, taps, network, weights) => {
      // what takes long must not begin last
      const work = examples.map(({ source, count }) => count * shapes[sources[source].shape].taps);
      const order = [...examples.keys()].sort((a, b) => work[b] - work[a] || a - b);
      task.begin({ taps: [...taps], network, weights });
      const results = await task.run(examples, order);
      const totals = new RolloutTotals(task.facts);
      examples.forEach(({ source }, i) => {
        totals.add(source, results[i]);
      });
      return totals.means();
    },
    dispose: () => task.drop(),
  };
}
