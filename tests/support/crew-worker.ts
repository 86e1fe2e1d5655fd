/** A worker for the tests of crews: its jobs count themselves, or bring the worker down in one of several ways. */
import { joinCrew } from "@neural-string/trainer/work-crew";

export interface CrewWorkerData {
  /** int32 x jobs: how often each was done. */
  done: SharedArrayBuffer;
  fate: "works" | "throws" | "exits" | "runs out of memory" | "stillborn";
}

joinCrew<CrewWorkerData>(({ done, fate }) => {
  if (fate === "stillborn") throw new Error("born dead");
  const counts = new Int32Array(done);
  const fates = {
    works: (job: number) => {
      Atomics.add(counts, job, 1);
    },
    throws: () => {
      throw new Error("a job went wrong");
    },
    exits: () => process.exit(3),
    "runs out of memory": () => {
      // the heap's own limit ends the thread: no handler of its own gets to say so
      for (const hoard: unknown[] = []; ; )
        hoard.push(Array.from({ length: 1e5 }, () => ({ x: hoard.length })));
    },
    stillborn: () => {},
  };
  return fates[fate];
});
