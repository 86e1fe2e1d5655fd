// The training loop: its first losses, what a step changes, what it leaves behind, and how it ends.
import { readFileSync } from "node:fs";
import { type LogLine, UserError } from "@neural-string/shared";
import { chooseBackend } from "@neural-string/trainer/backend";
import * as tf from "@tensorflow/tfjs";
import { beforeEach, describe, expect, test } from "vitest";
import { expectWithin } from "../../support/closeness.ts";
import {
  firstLossesConfig,
  recorder,
  tinyConfig,
  tinyHeader,
  tinyPluck,
  tinyTraining,
  trainTiny,
} from "../../support/training.ts";
import { expectSameState } from "../../support/training-state.ts";

const golden = JSON.parse(readFileSync(new URL("../../goldens/first-losses.json", import.meta.url), "utf8"));

const losses = (lines: LogLine[]) => lines.flatMap((line) => (line.type === "updates" ? [line.loss] : []));
const sentence = async (work: () => unknown) => {
  const error = await Promise.resolve()
    .then(work)
    .then(
      () => undefined,
      (reason) => reason,
    );
  expect(error).toBeInstanceOf(UserError);
  return error.message as string;
};

beforeEach(async () => {
  await chooseBackend("wasm");
});

describe("ClassicTraining.run", () => {
  // wasm sums in another order on other machines' vector widths; cpu sums in float64 here and there
  test.each([
    ["wasm", 1e-5],
    ["cpu", 1e-4],
  ] as const)(
    "the first ten losses on %s are the stored ones within %f of their size",
    async (backend, tolerance) => {
      await chooseBackend(backend);
      const { lines } = await trainTiny(firstLossesConfig());
      const relative = losses(lines).map((loss, i) => loss / golden.losses[i]);
      expectWithin(relative, new Array(10).fill(1), tolerance);
    },
  );

  test("one step moves every weight of every tensor that it has an influence on", async () => {
    const config = tinyConfig({ model: { bias: true }, training: { steps: 1 } });
    const { states, end } = await trainTiny(config);
    for (const [name, { data }] of states[0].state.parameters) {
      const moved = end.parameters.get(name)?.data.filter((x, i) => x !== data[i]).length;
      expect(moved, name).toBe(data.length);
    }
  });

  test("the same seed reaches the same bits, another seed others", async () => {
    const first = await trainTiny(tinyConfig());
    const second = await trainTiny(tinyConfig());
    expectSameState(second.end, first.end);
    expect(second.lines).toEqual(first.lines);
    const other = await trainTiny(tinyConfig({ training: { seed: 2 } }));
    expect(other.end.parameters).not.toEqual(first.end.parameters);
  });

  test("a state that was handed over is a copy: later steps do not change it", async () => {
    const kept: unknown[] = [];
    const { states } = await trainTiny(tinyConfig(), {
      callbacks: { onState: (state) => void kept.push(structuredClone(state)) },
    });
    expect(kept.length).toBe(5);
    expect(states).toEqual([]);
    expect(new Set(kept.map((state) => JSON.stringify(state))).size).toBe(5);
  });

  test("the number of tensors stays the same from step to step, and all are gone after dispose", async () => {
    const before = tf.memory().numTensors;
    const counts: number[] = [];
    const shouldStop = () => {
      counts.push(tf.memory().numTensors);
      return false;
    };
    const training = tinyTraining(tinyConfig({ model: { bias: true } }));
    await training.run(40, recorder({ shouldStop }).callbacks);
    expect(new Set(counts.slice(1)).size).toBe(1);
    training.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test("a period that only repeats is learned by heart", async () => {
    const period = tinyPluck().subarray(0, 40);
    const recordings = [Float32Array.from({ length: 10000 }, (_, n) => period[n % 40])];
    const training = { steps: 500, batchSize: 64, optimizer: { name: "adam", learningRate: 0.01 } };
    const { lines } = await trainTiny(tinyConfig({ training }), { recordings });
    const all = losses(lines);
    expect(all.at(-1)).toBeLessThan(0.02 * all[0]);
  });

  test("evaluations are as many as asked for, the first before any step, the last after the last", async () => {
    const { lines, states } = await trainTiny(tinyConfig());
    const steps = lines.flatMap((line) => (line.type === "evaluation" ? [line.step] : []));
    expect(steps).toEqual([0, 10, 20, 30, 40]);
    expect(states.map(({ state }) => state.step)).toEqual(steps);
  });

  test("the best state is the one with the lowest score so far", async () => {
    const { lines, states, end } = await trainTiny(tinyConfig({ selection: { evaluations: 10 } }));
    let [bestStep, best] = [-1, Number.POSITIVE_INFINITY];
    for (const line of lines) {
      if (line.type !== "evaluation") continue;
      expect(line.best).toBe(line.scoreDb < best);
      if (line.best) [bestStep, best] = [line.step, line.scoreDb];
    }
    expect([end.bestStep, end.bestScoreDb]).toEqual([bestStep, best]);
    expect(states.findLast(({ isBest }) => isBest)?.state.step).toBe(bestStep);
  });

  test("patience ends a run in which nothing gets better", async () => {
    // too small a rate to change a float32
    const training = { optimizer: { name: "adam", learningRate: 1e-20 } };
    const config = tinyConfig({ training, selection: { evaluations: 10, patience: 2 } });
    const { end } = await trainTiny(config);
    expect([end.step, end.bestStep, end.sinceBest]).toEqual([8, 0, 2]);
  });

  test("an epoch's line is the mean of its updates", async () => {
    const { lines } = await trainTiny(tinyConfig({ training: { batchSize: 1024 } }));
    const epoch = lines.find((line) => line.type === "epoch");
    const mean = losses(lines.filter(({ step }) => step <= (epoch?.step ?? 0)));
    expect(epoch?.loss).toBeCloseTo(mean.reduce((a, b) => a + b, 0) / mean.length, 10);
    expect(epoch?.step).toBe(mean.length);
  });

  test("a loss that is no longer a number ends the run in one sentence", async () => {
    const training = { loss: { name: "mse" }, optimizer: { name: "adam", learningRate: 1e30 } };
    expect(await sentence(() => trainTiny(tinyConfig({ training })))).toMatch(
      /^training: the loss is no longer a number at step \d+; use a smaller training\.optimizer\.learningRate \(1e\+30 now\)$/,
    );
  });

  test("warm start: the parameters it is given are what it begins with", async () => {
    const { end } = await trainTiny(tinyConfig());
    const { states } = await trainTiny(tinyConfig({ training: { seed: 9 } }), { warmStart: end.parameters });
    expect(states[0].state.parameters).toEqual(end.parameters);
    expect(states[0].state.step).toBe(0);
  });
});

describe("ClassicTraining", () => {
  test("a recording too short for taps and stretches is refused in one sentence", async () => {
    const recordings = [tinyPluck(), tinyPluck(2, 1)];
    expect(await sentence(() => tinyTraining(tinyConfig(), { recordings }))).toBe(
      "recording 2: expected at least 1.03 s of decay for these taps and held-out stretches, got 1.00 s; use a longer recording or fewer selection.stretches",
    );
  });

  test("stretches wished shorter than a listen needs are made as long as it needs", async () => {
    const { lines } = await trainTiny(tinyConfig({ training: { steps: 1 }, selection: { seconds: 0.2 } }));
    expect(lines.some((line) => line.type === "evaluation")).toBe(true);
  });

  test("mirrored examples are left out where the network is odd by itself", () => {
    const count = (model: object, symmetric: boolean) =>
      tinyTraining(tinyConfig({ model, data: { symmetric } })).examples.count;
    expect(tinyHeader(tinyConfig()).layers.at(-1)?.units).toBe(1);
    expect(count({ bias: false }, true)).toBe(count({ bias: false }, false));
    expect(count({ bias: true }, true)).toBe(2 * count({ bias: true }, false));
  });
});

describe("ClassicTraining.measureSpeed", () => {
  test("leaves no trace: the run after it is bit for bit the run without it", async () => {
    const config = tinyConfig();
    const { end, lines } = await trainTiny(config);
    const training = tinyTraining(config);
    let clock = 0;
    const speed = training.measureSpeed(() => {
      clock += 50;
      return clock;
    });
    expect(speed.stepMs).toBeGreaterThan(0);
    expect(speed.evaluationMs).toBe(25);
    const again = recorder();
    expectSameState(await training.run(40, again.callbacks), end);
    expect(again.lines).toEqual(lines);
    training.dispose();
  });
});
