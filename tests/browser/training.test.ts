// Training in Chromium, in a worker, over computing workers that share no memory: what Node's training reaches, and the same
// bits whether it is paused, killed and resumed, or left alone; and nothing is fetched once it is ready.
import { readModelFile, type Tensor } from "@neural-string/shared";
import { chooseBackend } from "@neural-string/trainer/backend";
import { decodeResumption, type Resumption } from "@neural-string/trainer/core/resumption";
import type { TrainingState } from "@neural-string/trainer/core/training";
import { loadCore } from "@neural-string/trainer/core-build";
import { preparePassive } from "@neural-string/trainer/train/prepare-passive";
import type { Browser, JSHandle, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { learnedNotes } from "../../packages/playground/src/make/learned-notes.ts";
import { trainingConfig } from "../../packages/playground/src/make/training-config.ts";
import { chromiumPath, inChromium, launchChromium } from "../support/chromium.ts";
import { expectWithin } from "../support/closeness.ts";
import { smallString } from "../support/passive-facts.ts";
import { TINY_STAGES } from "../support/passive-training.ts";
import { recorder } from "../support/training.ts";
import type { PageTraining } from "../support/training-page/main.ts";
import { serveTrainingPage, type TrainingSite } from "../support/training-site.ts";
import { expectSameState } from "../support/training-state.ts";

const STEPS = 24;
const samples = new Float32Array(smallString());
const recording = { name: "small string.wav", sampleRate: 8000 };
const options = {
  steps: STEPS,
  seed: 5,
  config: {
    model: { filters: 2, hidden: 4, hop: 64, taps: 32, ahead: 20, excitationSeconds: 0.05 },
    training: { sequence: { stages: TINY_STAGES, latestStart: 1, planes: { rounds: 1, starts: 1 } } },
    selection: { seconds: 0.5, evaluations: 6 },
  },
};

/** What `pnpm train` makes of the same recording, seed and steps. */
async function trainedByNode() {
  const notes = await learnedNotes([{ ...recording, samples }]);
  const config = trainingConfig([recording], options);
  const training = preparePassive({
    config,
    name: "small string",
    f0: notes[0].f0,
    core: loadCore(),
    trainedOn: notes.map((note) => ({ ...note, source: note.name, offset: 0, onset: 0, notes: [] })),
  });
  const { states, callbacks } = recorder();
  try {
    const end = await training.run(STEPS, callbacks);
    const best = states.findLast(({ isBest }) => isBest)?.state as TrainingState;
    return { end, best, model: training.exported(best.parameters) };
  } finally {
    training.dispose();
  }
}

/**
 * Demand the same float32 numbers but for a few, and those nearly. Kernels, sums and their order are the same to the bit;
 * Math.exp, cos, log and the like are not: they differ in the last of their 53 bits between versions of V8, which almost
 * never reaches a float32. (Node 22 and Chromium 156: not one number differed.)
 */
function expectSameTensors(page: ReadonlyMap<string, Tensor>, expected: ReadonlyMap<string, Tensor>): void {
  expect([...page.keys()]).toEqual([...expected.keys()]);
  let differing = 0;
  let all = 0;
  for (const [name, { data }] of expected) {
    const largest = data.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    expectWithin(page.get(name)?.data ?? [], data, 1e-6 * largest, name);
    all += data.length;
    differing += data.filter((x, i) => !Object.is(x, page.get(name)?.data[i])).length;
  }
  expect(differing / all).toBeLessThan(0.01);
}

describe.skipIf(!chromiumPath)(inChromium("training"), () => {
  let site: TrainingSite;
  let browser: Browser;
  let page: Page;
  let node: Awaited<ReturnType<typeof trainedByNode>>;
  let uninterrupted: Resumption;
  let laid: { name: string; sampleRate: number; url: string };

  beforeAll(async () => {
    await chooseBackend("wasm");
    node = await trainedByNode();
    site = await serveTrainingPage();
    laid = { ...recording, url: site.lay(samples) };
    browser = await launchChromium();
    page = await browser.newPage();
    await page.goto(site.url);
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    site?.close();
  });

  const start = () =>
    page.evaluateHandle(() =>
      (globalThis as unknown as { startTraining(): PageTraining }).startTraining(),
    ) as Promise<JSHandle<PageTraining>>;

  /** A message's bytes, once it has come. */
  async function bytesOf(
    training: JSHandle<PageTraining>,
    field: "model" | "resumption",
    ...[type, fromStep]: Parameters<PageTraining["heard"]>
  ): Promise<Uint8Array<ArrayBuffer>> {
    const at = await training.evaluate((t, [kind, step]) => t.heard(kind, step), [type, fromStep] as const);
    if (at < 0) throw new Error(JSON.stringify((await training.evaluate((t) => t.said())).at(-1)));
    return new Uint8Array(
      Buffer.from(
        await training.evaluate((t, [i, name]) => t.bytes(i, name), [at, field] as const),
        "base64",
      ),
    );
  }

  /** Demand the end, the best and the model that Node came to. @returns what the page keeps of its training */
  async function expectNodesTraining(training: JSHandle<PageTraining>): Promise<Resumption> {
    const kept = decodeResumption((await bytesOf(training, "resumption", "done")).buffer);
    for (const [page, expected] of [
      [kept.last, node.end],
      [kept.best, node.best],
    ]) {
      expectSameTensors(page.parameters, expected.parameters);
      expectSameTensors(page.optimizer, expected.optimizer);
      expect([page.step, page.bestStep]).toEqual([expected.step, expected.bestStep]);
      expect(page.bestScoreDb).toBeCloseTo(expected.bestScoreDb, 6);
    }
    const { header, tensors } = readModelFile(await bytesOf(training, "model", "done"), "the page's model");
    expectSameTensors(tensors, node.model.tensors);
    expect(header.name).toBe("small string");
    expect(header.f0).toBeCloseTo(node.model.header.f0, 9);
    return kept;
  }

  test("reaches what Node reaches, and fetches nothing once it is ready", async () => {
    const training = await start();
    await training.evaluate((t) => t.heard("ready"));
    site.asked();
    await training.evaluate((t, [from, how]) => t.train([from], how), [laid, options] as const);
    uninterrupted = await expectNodesTraining(training);
    expect(site.asked()).toEqual([new URL(laid.url).pathname]);
    const said = await training.evaluate((t) => t.said());
    const first = (type: string) => said.find(({ message }) => message === type)?.facts;
    expect(first("started")).toMatchObject({ step: 0, steps: STEPS, seed: 5, sampleRate: 8000, rounds: 1 });
    expect(said.filter(({ message }) => message === "evaluation").map(({ facts }) => facts.step)).toEqual([
      0, 4, 6, 8, 12, 16, 18, 20, 24, 24,
    ]);
    const progress = said.filter(({ message }) => message === "progress").map(({ facts }) => facts);
    expect(progress.at(-1)).toMatchObject({ step: STEPS, stage: "two planes", round: { done: 1, of: 1 } });
    expect(first("checkpoint")).toMatchObject({ step: 0, metrics: { edr: expect.any(Number) } });
    expect(first("done")).toMatchObject({ stopped: false, stepsDone: STEPS });
    const done = said.findIndex(({ message }) => message === "done");
    const { cells, samples: lengths } = await training.evaluate((t, at) => t.shown(at), done);
    expect(cells).toHaveLength(3);
    expect(Math.min(...cells)).toBeGreaterThan(100);
    expect(lengths[0]).toBe(lengths[1]);
    await training.evaluate((t) => t.end());
  });

  test("killed half-way, resumed by one worker alone, paused and let go on, it reaches the same bits", async () => {
    const killed = await start();
    await killed.evaluate((t, [from, how]) => t.train([from], how), [laid, options] as const);
    const resumption = await bytesOf(killed, "resumption", "state", 8);
    await killed.evaluate((t) => t.end());

    const resumed = await start();
    await resumed.evaluate((t) => t.tell({ type: "pause" }));
    await resumed.evaluate((t, [from, kept]) => t.train([from], { threads: 1 }, kept), [
      laid,
      Buffer.from(resumption).toString("base64"),
    ] as const);
    await resumed.evaluate((t) => t.heard("paused"));
    const before = await resumed.evaluate((t) => t.said().length);
    await page.waitForTimeout(300);
    const said = await resumed.evaluate((t) => t.said());
    expect(said).toHaveLength(before);
    const started = said.find(({ message }) => message === "started")?.facts;
    expect(started).toMatchObject({ steps: STEPS, seed: 5 });
    expect(started?.step).toBe(decodeResumption(resumption.buffer).last.step);
    await resumed.evaluate((t) => t.tell({ type: "resume" }));
    const kept = await expectNodesTraining(resumed);
    expectSameState(kept.last, uninterrupted.last);
    expectSameState(kept.best, uninterrupted.best);
    await resumed.evaluate((t) => t.end());
  });

  test("stopped, it hands over the best so far; what cannot be trained is told in a sentence", async () => {
    const stopped = await start();
    await stopped.evaluate((t, [from, how]) => t.train([from], how), [
      laid,
      { ...options, steps: 5000 },
    ] as const);
    await stopped.evaluate((t) => t.heard("progress", 1));
    await stopped.evaluate((t) => t.tell({ type: "stop" }));
    const model = readModelFile(await bytesOf(stopped, "model", "done"), "model");
    expect(model.header.provenance?.recordings).toEqual([
      { name: recording.name, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
    const done = (await stopped.evaluate((t) => t.said())).at(-1)?.facts;
    expect(done).toMatchObject({ type: "done", stopped: true });
    await stopped.evaluate((t) => t.end());

    const silent = { ...laid, name: "silence.wav", url: site.lay(new Float32Array(16000)) };
    const refused = await start();
    await refused.evaluate((t, [from, how]) => t.train([from], how), [silent, options] as const);
    await refused.evaluate((t) => t.heard("failed"));
    const failed = (await refused.evaluate((t) => t.said())).at(-1)?.facts;
    expect(failed).toMatchObject({ type: "failed", isOurs: false });
    expect(failed?.message).toMatch(/^silence\.wav: /);
    await refused.evaluate((t) => t.end());
  });
});
