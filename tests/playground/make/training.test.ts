// The page's side of a training: what the worker says becomes status, curves and the best string; what is kept goes on.
import { Training } from "@neural-string/playground/make/training";
import type {
  FromTrainingWorker,
  ToTrainingWorker,
  TrainedModel,
} from "@neural-string/playground/make/training-messages";
import { edrPlot, lossPlot } from "@neural-string/playground/make/training-plots";
import { describe, expect, test } from "vitest";

/** Stands for a worker: what it is told, and what it says. */
class TestWorker {
  onmessage: ((event: { data: FromTrainingWorker }) => void) | null = null;
  onerror: (() => void) | null = null;
  readonly told: ToTrainingWorker[] = [];
  isGone = false;

  postMessage(message: ToTrainingWorker): void {
    this.told.push(message);
  }

  terminate(): void {
    this.isGone = true;
  }

  say(message: FromTrainingWorker): void {
    this.onmessage?.({ data: message });
  }
}

const stages = [
  { name: "linear loops", from: 0, to: 60 },
  { name: "mixture", from: 60, to: 100 },
];
const started = (step: number): FromTrainingWorker => ({
  type: "started",
  step,
  steps: 100,
  f0: 110,
  sampleRate: 44100,
  seed: 1,
  threads: 2,
  stages,
  rounds: 0,
  summary: "passive",
});
const progress = (step: number, loss: number): FromTrainingWorker => ({
  type: "progress",
  step,
  steps: 100,
  loss,
  stage: step <= 60 ? "linear loops" : "mixture",
  round: null,
  secondsPerStep: 0.1,
});
const model = (step: number): TrainedModel => ({
  step,
  model: new ArrayBuffer(8),
  metrics: null,
  edrSurface: null,
  sounds: null,
});

async function begun() {
  const workers: TestWorker[] = [];
  const training = new Training(() => {
    const worker = new TestWorker();
    workers.push(worker);
    queueMicrotask(() => worker.say({ type: "ready", threads: 2 }));
    return worker as unknown as Worker;
  });
  const changes: string[] = [];
  training.onChange = (what) => changes.push(what);
  await training.start([], { steps: 100, seed: 1 });
  workers[0].say(started(0));
  return { training, workers, changes, worker: workers[0] };
}

describe("Training", () => {
  test("pauses, goes on, ends, with the best string so far", async () => {
    const { training, worker } = await begun();
    expect(training.status).toBe("running");
    worker.say(progress(10, 3));
    training.pause();
    expect(training.status).toBe("pausing");
    worker.say({ type: "paused" });
    expect(training.status).toBe("paused");
    training.resume();
    worker.say({ type: "checkpoint", ...model(20), resumption: new ArrayBuffer(4) });
    expect(training.best?.step).toBe(20);
    training.stop();
    const end = { stopped: true, bestScoreDb: 3, stepsDone: 21, seconds: 4, resumption: new ArrayBuffer(4) };
    worker.say({ type: "done", ...end, ...model(20) });
    expect(worker.told.map(({ type }) => type)).toEqual(["train", "pause", "resume", "stop"]);
    expect(training).toMatchObject({ status: "done", step: 21, wasStopped: true, seconds: 4 });
    expect(worker.isGone).toBe(true);
  });

  test("what was kept goes on in another page, and what comes after the state is told anew", async () => {
    const { training, worker } = await begun();
    for (const step of [10, 20, 30]) worker.say(progress(step, 100 / step));
    worker.say({ type: "state", step: 20, resumption: new ArrayBuffer(3) });
    worker.say({ type: "evaluation", step: 30, scoreDb: 8, edrDb: 7, edcDb: 3, best: true });
    const kept = structuredClone(training.toKeep());
    expect(kept).toMatchObject({ status: "running", step: 30, steps: 100 });

    const next = await begun();
    next.training.restore(kept);
    expect(next.training.status).toBe("idle");
    await next.training.start([], {}, kept.resumption);
    const [later] = next.workers.slice(-1);
    expect(later.told.at(-1)).toMatchObject({ type: "train", resumption: kept.resumption });
    later.say(started(20));
    expect(next.training.history.losses.map(({ step }) => step)).toEqual([10, 20]);
    expect(next.training.history.heard).toEqual([]);
    later.say(progress(30, 2));
    expect(next.training.history.losses.at(-1)).toEqual({ step: 30, loss: 2 });
  });

  test("one that was left before its first checkpoint is kept as begun, and begins again", async () => {
    const { training, changes } = await begun();
    expect(changes).toContain("state"); // what the page keeps by
    const kept = structuredClone(training.toKeep());
    expect(kept).toMatchObject({ status: "running", step: 0, steps: 100, resumption: null, best: null });

    const next = await begun();
    next.training.reset();
    expect(next.training.isUnfinished).toBe(false);
    next.training.restore(kept);
    expect(next.training).toMatchObject({ status: "idle", isUnfinished: true });
    next.training.restore({ ...kept, status: "done" });
    expect(next.training.isUnfinished).toBe(false);
  });

  test("a failure is one sentence; the next training has a worker of its own", async () => {
    const { training, worker, workers } = await begun();
    worker.say({ type: "failed", message: "a.wav: too short.", isOurs: false });
    expect(training).toMatchObject({ status: "failed", failure: "a.wav: too short." });
    await training.start([], { steps: 5 });
    expect(workers).toHaveLength(2);
    worker.say(progress(50, 1));
    expect(training.step).toBe(0);
    workers[1].onerror?.();
    expect(training.failure).toMatch(/could not be started; reload the page/);
  });

  test("thousands of losses stay few, from the first to the last, in order", async () => {
    const { training, worker } = await begun();
    for (let step = 1; step <= 5000; step++) worker.say(progress(step, 1 / step));
    const steps = training.history.losses.map(({ step }) => step);
    expect(steps.length).toBeLessThanOrEqual(800);
    expect(steps.length).toBeGreaterThan(300);
    expect([steps[0], steps.at(-1)]).toEqual([1, 5000]);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  });
});

test("the curves: the loss on a logarithmic axis, the EDR with its best, stages where they began", () => {
  const history = {
    losses: [
      { step: 10, loss: 2 },
      { step: 70, loss: 0 },
    ],
    heard: [
      { step: 0, edrDb: 30, best: true },
      { step: 50, edrDb: 12, best: true },
      { step: 70, edrDb: 13, best: false },
    ],
    stages,
  };
  const loss = lossPlot(history);
  expect(loss.y.log).toBe(true);
  expect(loss.series[0].values).toEqual([2, null]);
  expect(loss.marks?.map(({ x }) => x)).toEqual([0, 60]);
  const edr = edrPlot(history);
  expect(edr.series[0].values).toEqual([30, 12, 13]);
  expect(edr.series[1].values).toEqual([30, 12, null]);
  expect(edr.y.max).toBe(33);
});
