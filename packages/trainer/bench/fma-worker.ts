/** A worker thread that runs multiply-add loops, from the same kind of queue as the rollouts' workers. */
import { joinCrew } from "../src/work-crew.ts";
import { type FmaData, fmaJob } from "./fma-crew.ts";

joinCrew<FmaData>(fmaJob);
