/** A worker thread of the plane pool: has a core of its own, and claims points from the same queue as its owner. */
import { PlaneErrors } from "./core/passive/planes/errors.ts";
import { loadCore } from "./core-build.ts";
import { type PlaneWorkerData, pointJob } from "./plane-pool.ts";
import { joinCrew } from "./work-crew.ts";

joinCrew<PlaneWorkerData>(({ setup, memory }) =>
  pointJob(new PlaneErrors(loadCore(), setup.facts, setup.recordings, setup.starts), memory, setup.seed),
);
