/** A worker thread of the rollout pool: has the same trainers as its owner, and claims examples from the same queue. */
import { RolloutRunner } from "./core/passive/rollout-runner.ts";
import { RolloutMemory } from "./rollout-memory.ts";
import { exampleJob, type RolloutWorkerData } from "./rollout-pool.ts";
import { joinCrew } from "./work-crew.ts";

joinCrew<RolloutWorkerData>(({ setup, sizes, memory }) =>
  exampleJob(new RolloutRunner(setup), new RolloutMemory(sizes, memory)),
);
