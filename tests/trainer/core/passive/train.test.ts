// The training of a passive string as a whole, on a tiny string: it gets better, it is reproducible whatever the
// threads, and it leaves nothing behind.
import { type LogLine, LogLineSchema, UserError } from "@neural-string/shared";
import { chooseBackend } from "@neural-string/trainer/backend";
import { passiveFile } from "@neural-string/trainer/core/passive/export";
import { LocalRollouts } from "@neural-string/trainer/core/passive/rollouts";
import { createRolloutPool } from "@neural-string/trainer/rollout-pool";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { SMALL_TUNING, smallFacts } from "../../../support/passive-facts.ts";
import {
  recordingsOf,
  TINY_STAGES,
  TINY_TUNING,
  tinyPassive,
  tinyPassiveConfig,
  trainTinyPassive,
} from "../../../support/passive-training.ts";
import { trainModule } from "../../../support/rollout-setups.ts";
import { recorder } from "../../../support/training.ts";
import { expectSameState } from "../../../support/training-state.ts";

beforeAll(async () => {
  await chooseBackend("wasm");
});

const evaluations = (lines: LogLine[]) => lines.filter((line) => line.type === "evaluation");
const updates = (lines: LogLine[]) => lines.filter((line) => line.type === "updates");

describe("a passive training", () => {
  test("makes the closed loop better than its start, and the loss smaller", async () => {
    const config = tinyPassiveConfig({ steps: 80, evaluations: 4, filters: 1 });
    const { lines, end } = await trainTinyPassive(config);
    const heard = evaluations(lines).map(({ scoreDb }) => scoreDb);
    expect(Math.min(...heard.slice(1))).toBeLessThan(heard[0] - 0.5);
    const losses = updates(lines)
      .filter(({ step }) => step <= 20)
      .map(({ loss }) => loss);
    const mean = (x: number[]) => x.reduce((sum, v) => sum + v, 0) / x.length;
    expect(mean(losses.slice(-5))).toBeLessThan(mean(losses.slice(0, 5)));
    expect(end.step).toBe(80);
  });

  test("a network that is not to hear the change of level never does; else it learns to", async () => {
    for (const hearsChange of [false, true]) {
      const plain = tinyPassiveConfig();
      const { end } = await trainTinyPassive({ ...plain, model: { ...plain.model, hearsChange } });
      const { shape, data } = end.parameters.get("mixture.hidden.weight") ?? { shape: [], data: [] };
      expect(shape).toEqual([4, 2]);
      expect(
        Array.from(data)
          .filter((_, i) => i % 2 === 1)
          .every((w) => w === 0),
      ).toBe(!hearsChange);
      expect(
        Array.from(data)
          .filter((_, i) => i % 2 === 0)
          .every((w) => w !== 0),
      ).toBe(true);
    }
  });

  test("logs its stages, losses with their parts, and evaluations, each valid", async () => {
    const { lines, states } = await trainTinyPassive(tinyPassiveConfig());
    for (const line of lines) LogLineSchema.parse(JSON.parse(JSON.stringify(line)));
    expect(lines.filter((line) => line.type === "stage")).toMatchObject([
      { step: 0, stage: 0, name: "first", filters: 1, batchSize: 2, steps: 6 },
      { step: 6, stage: 1, name: "second", filters: 1, steps: 6 },
      { step: 12, stage: 2, name: "third", filters: 2, steps: 6 },
      { step: 18, stage: 3, name: "fourth", filters: 2, seconds: 0.6, steps: 6 },
    ]);
    // every fourth step, and every stage's end
    expect(evaluations(lines).map(({ step }) => step)).toEqual([0, 4, 6, 8, 12, 16, 18, 20, 24]);
    expect(states.map(({ state }) => state.step)).toEqual([0, 4, 6, 8, 12, 16, 18, 20, 24]);
    expect(updates(lines).map(({ step }) => step)).toEqual(Array.from({ length: 24 }, (_, i) => i + 1));
    // recordings of two seconds in all: passes over them grow without a step back
    const epochs = updates(lines).map(({ epoch }) => epoch);
    expect(epochs.at(-1)).toBeCloseTo((6 * 2 * (0.32 + 0.4 + 0.4 + 0.6)) / 2, 10);
    expect(epochs).toEqual(epochs.toSorted((a, b) => a - b));
    for (const line of updates(lines)) {
      const parts = Object.values(line.parts ?? {});
      expect(parts).toHaveLength(4);
      expect(parts.reduce((sum, part) => sum + part, 0) / line.loss).toBeCloseTo(1, 6);
    }
  });

  test("a stage's first evaluation begins anew; after it only a better one is the best", async () => {
    const { lines } = await trainTinyPassive(tinyPassiveConfig({ steps: 40, evaluations: 20 }));
    let best = Number.POSITIVE_INFINITY;
    const stageEnds = [10, 20, 30];
    let from = 0;
    for (const line of evaluations(lines)) {
      // evaluations come every two steps
      if (line.step === from + 2) best = Number.POSITIVE_INFINITY;
      expect(line.best, `step ${line.step}`).toBe(line.scoreDb < best);
      best = Math.min(best, line.scoreDb);
      if (stageEnds.includes(line.step)) from = line.step;
    }
  });

  test("evaluations that fall close together within a stage do not each begin anew", async () => {
    // stages end at 6, 12, ..., evaluations come every 8 steps: 8 and 12 are both within eight steps of 6. Rates so
    // high that some strings get worse
    const stages = TINY_STAGES.map((stage) => ({ ...stage, rate: 30 }));
    let worse = 0;
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const { lines } = await trainTinyPassive(tinyPassiveConfig({ evaluations: 3, stages, seed }));
      const inStage = evaluations(lines).filter(({ step }) => step > 6 && step <= 12);
      expect(inStage.map(({ step }) => step)).toEqual([8, 12]);
      const isWorse = inStage[1].scoreDb >= inStage[0].scoreDb;
      expect(inStage.map(({ best }) => best)).toEqual([true, !isWorse]);
      if (isWorse) worse++;
    }
    expect(worse, "strings that got worse within the stage").toBeGreaterThan(0);
  });

  test("with fewer steps than stages it skips some and still ends", async () => {
    const { end, lines } = await trainTinyPassive(tinyPassiveConfig({ steps: 2 }));
    expect(end.step).toBe(2);
    expect(lines.filter((line) => line.type === "stage").map(({ step }) => step)).toEqual([0, 1]);
  });

  test("the same seed gives the same bits, another seed others", async () => {
    const [a, b, c] = [
      await trainTinyPassive(tinyPassiveConfig()),
      await trainTinyPassive(tinyPassiveConfig()),
      await trainTinyPassive(tinyPassiveConfig({ seed: 2 })),
    ];
    expectSameState(b.end, a.end);
    expect(b.lines).toEqual(a.lines);
    expect(c.end.parameters).not.toEqual(a.end.parameters);
  });

  test("any number of threads gives the same bits", async () => {
    const local = await trainTinyPassive(tinyPassiveConfig());
    for (const threads of [1, 2]) {
      const pooled = await trainTinyPassive(tinyPassiveConfig(), {
        createRollouts: (shapes, sources) =>
          createRolloutPool({ module: trainModule, shapes, sources, threads }),
      });
      expectSameState(pooled.end, local.end);
    }
  });

  test("leaves no tensor behind: a step makes none, the end frees all", async () => {
    await trainTinyPassive(tinyPassiveConfig());
    const before = tf.memory().numTensors;
    const training = tinyPassive(tinyPassiveConfig());
    const counts: number[] = [];
    const { callbacks } = recorder({
      onLog: (line) => void (line.type === "updates" && counts.push(tf.memory().numTensors)),
    });
    await training.run(24, callbacks);
    // two variables with two moments each; with the mixture six
    expect(counts.map((count) => count - before)).toEqual([
      ...new Array(12).fill(6),
      ...new Array(12).fill(18),
    ]);
    training.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test("measuring its speed leaves no trace", async () => {
    const untouched = await trainTinyPassive(tinyPassiveConfig());
    for (const resume of [undefined, untouched.states[2].state, untouched.states[6].state]) {
      const training = tinyPassive(tinyPassiveConfig(), { resume });
      const before = tf.memory().numTensors;
      const { stepMs, evaluationMs } = await training.measureSpeed(() => performance.now());
      expect(stepMs).toBeGreaterThan(0);
      expect(evaluationMs).toBeGreaterThan(0);
      expect(tf.memory().numTensors).toBe(before);
      const { callbacks } = recorder();
      const end = await training.run(24, callbacks);
      training.dispose();
      expectSameState(end, untouched.end);
    }
  });

  test("every rollout maker it asks for is disposed of", async () => {
    let alive = 0;
    const asked: string[] = [];
    await trainTinyPassive(tinyPassiveConfig(), {
      createRollouts: async (shapes, sources) => {
        alive++;
        expect(alive).toBe(1);
        asked.push(`${shapes[0].filters} filters, ${shapes[0].mostSamples} samples`);
        const rollouts = new LocalRollouts({ module: trainModule, shapes, sources });
        return {
          threads: 1,
          run: (...step) => rollouts.run(...step),
          dispose: () => {
            alive--;
            rollouts.dispose();
          },
        };
      },
    });
    expect(alive).toBe(0);
    expect(asked).toEqual([
      "1 filters, 2560 samples",
      "1 filters, 3200 samples",
      "2 filters, 3200 samples",
      "2 filters, 4800 samples",
    ]);
  });

  test("rollouts never see what is held out", async () => {
    const training = tinyPassive(tinyPassiveConfig({ steps: 1 }), {
      createRollouts: async (shapes, sources) => {
        sources.forEach(({ samples }, i) => {
          expect(samples.length).toBe(training.material.heldOut[i].start);
        });
        return new LocalRollouts({ module: trainModule, shapes, sources });
      },
    });
    await training.run(1, recorder().callbacks);
    training.dispose();
  });

  test("several notes share one string", async () => {
    const { end, lines } = await trainTinyPassive(tinyPassiveConfig(), {
      recordings: recordingsOf(TINY_TUNING, 160, 200, 160),
    });
    expect(end.step).toBe(24);
    expect(evaluations(lines).every(({ scoreDb }) => scoreDb < 200)).toBe(true);
  });

  test("where no recording is at the string's own pitch, it starts from the nearest, re-tuned", async () => {
    const config = tinyPassiveConfig({ steps: 1, filters: 1 });
    const heardAt = async (...notes: number[]) => {
      const facts = { ...smallFacts(), tuning: SMALL_TUNING };
      const recordings = recordingsOf(SMALL_TUNING, ...notes);
      const { lines } = await trainTinyPassive(config, { facts, recordings });
      return evaluations(lines)[0].scoreDb;
    };
    // linear prediction around another period than the sound's comes to 50 dB and more
    for (const notes of [[150], [190], [190, 150], [170, 150]]) {
      expect(await heardAt(...notes), `from ${notes}`).toBeLessThan(35);
    }
  });

  test("a loss that is no longer a number ends it in one sentence", async () => {
    const config = tinyPassiveConfig({ sequence: { dampingRate: 1e30 } });
    await expect(trainTinyPassive(config)).rejects.toThrow(UserError);
    await expect(trainTinyPassive(config)).rejects.toThrow(
      /^training: the loss is no longer a number at step \d+; check that .*, or use a smaller training\.sequence\.dampingRate$/,
    );
  });

  test("what it ends with is a string that keeps its certificate", async () => {
    const { end } = await trainTinyPassive(tinyPassiveConfig());
    const facts = { tuning: TINY_TUNING, hop: 64, controls: 0, cap: 0.997 };
    const { header } = passiveFile(end.parameters, facts);
    expect(header.certificate.gain).toBeLessThanOrEqual(0.997);
    expect(header).toMatchObject({ filters: 2, mixture: { hidden: 4, hop: 64 } });
  });

  test("a mixture from the first stage on needs no linear one", async () => {
    const { end } = await trainTinyPassive(tinyPassiveConfig({ steps: 4, stages: TINY_STAGES.slice(2) }));
    expect(end.parameters.get("filters.phase")?.shape).toEqual([3, 17]);
  });
});
