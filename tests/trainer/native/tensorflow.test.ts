// TensorFlow's native backend, where it is installed: it trains as the wasm backend does. `.ci/run` installs it first.
import type { LogLine } from "@neural-string/shared";
import { chooseBackend } from "@neural-string/trainer/backend";
import { findInstallation, isInstalled, nodeProblem } from "@neural-string/trainer/native/installation";
import * as tf from "@tensorflow/tfjs";
import { afterAll, describe, expect, test } from "vitest";
import { expectWithin } from "../../support/closeness.ts";
import { firstLossesConfig, tinyConfig, trainTiny } from "../../support/training.ts";
import { expectSameState } from "../../support/training-state.ts";

const problem = isInstalled(findInstallation())
  ? nodeProblem()
  : "tfjs-node's native library is not installed (pnpm setup:tfjs-node)";

const losses = (lines: LogLine[]) => lines.flatMap((line) => (line.type === "updates" ? [line.loss] : []));

afterAll(async () => {
  await chooseBackend("wasm");
});

test.runIf(process.env.NEURAL_STRING_TENSORFLOW === "expected")("it is installed where it must be", () => {
  expect(problem).toBeNull();
});

describe.skipIf(problem !== null)(`tensorflow backend${problem === null ? "" : `: ${problem}`}`, () => {
  test("is taken by itself, and computes", async () => {
    expect(await chooseBackend("auto")).toEqual({ name: "tensorflow", notes: [] });
    expect(tf.getBackend()).toBe("tensorflow");
    expect(tf.tidy(() => tf.matMul([[1, 2]], [[3], [4]]).dataSync()[0])).toBe(11);
  });

  // float32 sums in another order; the optimiser's steps do not let the difference grow within ten steps
  test.each([
    ["the guitar's loss", firstLossesConfig()],
    ["a price on loop gain", tinyConfig({ training: { steps: 10 } })],
    ["a loss of windows", tinyConfig({ training: { steps: 10, batchSize: 40, loss: { name: "si_snr" } } })],
    [
      "dropout, weight decay and momentum",
      tinyConfig({
        training: { steps: 10, dropout: 0.3, weightDecay: 0.1, optimizer: { name: "sgd", momentum: 0.9 } },
      }),
    ],
  ])("%s: the first ten losses are the wasm backend's within 1e-4 of their size", async (_, config) => {
    await chooseBackend("wasm");
    const expected = losses((await trainTiny(config)).lines);
    await chooseBackend("tensorflow");
    const trained = losses((await trainTiny(config)).lines);
    expect(trained).toHaveLength(10);
    const scale = Math.max(...expected.map(Math.abs));
    expectWithin(trained, expected, 1e-4 * scale);
  });

  test("the same seed reaches the same bits", async () => {
    await chooseBackend("tensorflow");
    const [first, second] = [await trainTiny(tinyConfig()), await trainTiny(tinyConfig())];
    expectSameState(second.end, first.end);
    expect(second.lines).toEqual(first.lines);
  });
});
