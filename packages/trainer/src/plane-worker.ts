/** A worker thread of the plane pool: has a core of its own, and claims points from the same queue as its owner. */
import { workerJob } from "./plane-pool.ts";
import { joinCrew } from "./work-crew.ts";

joinCrew(workerJob);
