// Threads that share a queue of jobs: every job is done once, and a worker that goes down is a clear error, not a hang.
import { WorkCrew } from "@neural-string/trainer/work-crew";
import { afterEach, describe, expect, test } from "vitest";
import type { CrewWorkerData } from "../support/crew-worker.ts";

const script = new URL("../support/crew-worker.ts", import.meta.url);
const JOBS = 40;

const crews: WorkCrew[] = [];
afterEach(() => {
  for (const crew of crews.splice(0)) crew.dispose();
});

async function start(helpers: number, fate: CrewWorkerData["fate"] = "works") {
  const done = new SharedArrayBuffer(4 * JOBS);
  const data: CrewWorkerData = { done, fate };
  const crew = await WorkCrew.start({ script, data, helpers, mostJobs: JOBS });
  crews.push(crew);
  const counts = new Int32Array(done);
  return { crew, counts, job: (index: number) => void Atomics.add(counts, index, 1) };
}

/** Have batches done until a worker had its part in one and failed. */
function runUntilFailure({ crew }: Awaited<ReturnType<typeof start>>): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  // jobs of a millisecond, so that the worker gets one
  for (let i = 0; i < 200; i++) crew.run([0, 1, 2, 3], () => void Atomics.wait(pause, 0, 0, 1));
}

describe("WorkCrew", () => {
  test.each([0, 1, 3])("every job of every batch is done exactly once, with %i helpers", async (helpers) => {
    const { crew, counts, job } = await start(helpers);
    const expected = new Int32Array(JOBS);
    for (let batch = 0; batch < 2000; batch++) {
      const size = batch % (JOBS + 1);
      const jobs = Array.from({ length: size }, (_, i) => (7 * i + batch) % JOBS);
      for (const index of jobs) expected[index]++;
      crew.run(jobs, job);
    }
    expect(counts).toEqual(expected);
  });

  test("helpers take part", async () => {
    const { crew, counts } = await start(1);
    const pause = new Int32Array(new SharedArrayBuffer(4));
    // the owner's jobs do nothing but take time
    for (let i = 0; i < 200 && counts[0] === 0; i++)
      crew.run(new Int32Array(8), () => void Atomics.wait(pause, 0, 0, 1));
    expect(counts[0]).toBeGreaterThan(0);
  });

  test.each([
    ["throws", "worker threads: one failed: a job went wrong"],
    ["exits", "worker threads: one failed: it ended before its work was done"],
    ["runs out of memory", "worker threads: one failed: it ended before its work was done"],
  ] as const)("a worker that %s makes run throw, now and later", async (fate, message) => {
    const crew = await start(1, fate);
    expect(() => runUntilFailure(crew)).toThrow(message);
    expect(() => crew.crew.run([0], crew.job)).toThrow(message);
    await new Promise((resolve) => setTimeout(resolve, 50)); // its events have come
    expect(() => crew.crew.run([0], crew.job)).toThrow(message);
  });

  test("a worker that dies between two steps makes the next one throw", async () => {
    const crew = await start(1, "exits");
    try {
      runUntilFailure(crew);
    } catch {}
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(() => crew.crew.run([0], crew.job)).toThrow("worker threads: one failed");
  });

  test("a worker that cannot start is an error of the start", async () => {
    await expect(start(2, "stillborn")).rejects.toThrow("worker threads: one could not start: born dead");
  });

  test("the owner's own error is passed on, and ends the crew's use", async () => {
    const { crew, job } = await start(1);
    const fail = () => {
      throw new Error("mine");
    };
    const untilOwnJob = () => {
      for (let i = 0; i < 200; i++) crew.run([0, 1, 2], fail);
    };
    expect(untilOwnJob).toThrow(/^mine$/);
    expect(() => crew.run([0], job)).toThrow("worker threads: one failed: mine");
  });

  test("refuses a batch that is too large, and any once disposed", async () => {
    const { crew, job } = await start(0);
    expect(() => crew.run(new Int32Array(JOBS + 1), job)).toThrow(RangeError);
    crew.dispose();
    crew.dispose();
    expect(() => crew.run([0], job)).toThrow("worker threads: disposed");
  });
});
