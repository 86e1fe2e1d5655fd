// The one-step losses: by hand, and their gradients against float64 finite differences of the formula itself.
import type { LossConfig } from "@neural-string/shared";
import { chooseBackend } from "@neural-string/trainer/backend";
import { lossFunction } from "@neural-string/trainer/core/loss";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { expectWithin } from "../../support/closeness.ts";

beforeAll(async () => {
  await chooseBackend("wasm");
});

const mse: LossConfig = { name: "mse" };
const penalised = (alpha = 1, floor = 1e-2): LossConfig => ({ name: "energy_l1_with_penalty", alpha, floor });

/** Loss of each example, and the gradient of their mean by the predictions. */
function evaluate(config: LossConfig, p: number[], t: number[], rms: number[] = p.map(() => 1)) {
  const loss = lossFunction(config);
  const [target, tapRms] = [tf.tensor1d(t), tf.tensor1d(rms)];
  const losses = (prediction: tf.Tensor1D) => loss({ prediction, target, tapRms });
  const values = [...tf.tidy(() => losses(tf.tensor1d(p)).dataSync())];
  const mean = (x: tf.Tensor) => tf.mean(losses(x as tf.Tensor1D)) as tf.Scalar;
  const slopes = [...tf.tidy(() => tf.grad(mean)(tf.tensor1d(p)).dataSync())];
  return { values, slopes };
}

/** The formulas, in float64. */
function formula(config: LossConfig, p: number, t: number, e: number): number {
  if (config.name === "mse") return (p - t) ** 2;
  const louder = Math.max(0, Math.abs(p) - Math.abs(t));
  return (Math.abs(p - t) + config.alpha * louder) / (e + config.floor);
}

describe("lossFunction", () => {
  test("mse is the squared difference, whatever the level", () => {
    expect(evaluate(mse, [0.5, -0.25, 1], [0.25, 0.25, 1], [1, 9, 0]).values).toEqual([0.0625, 0.25, 0]);
  });

  test("energy_l1 divides the difference by the taps' RMS plus the floor", () => {
    const { values } = evaluate(penalised(0, 0.5), [0.25, 0.25, 0], [0.5, 0.5, 1], [0.5, 1.5, 0]);
    expect(values).toEqual([0.25, 0.125, 2]);
  });

  test("a prediction louder than its target costs alpha times its excess more, a softer one nothing", () => {
    const p = [0.75, 0.25, -0.75, -0.25];
    const t = [0.5, 0.5, 0.5, 0.5];
    const rms = [0.5, 0.5, 0.5, 0.5];
    expect(evaluate(penalised(0, 0.5), p, t, rms).values).toEqual([0.25, 0.25, 1.25, 0.75]);
    expect(evaluate(penalised(1, 0.5), p, t, rms).values).toEqual([0.5, 0.25, 1.5, 0.75]);
    expect(evaluate(penalised(4, 0.5), p, t, rms).values).toEqual([1.25, 0.25, 2.25, 0.75]);
  });

  test("in silence the floor keeps the loss finite", () => {
    expectWithin(evaluate(penalised(1, 1e-2), [0.01, 0], [0, 0], [0, 0]).values, [2, 0], 1e-6);
  });

  // h = 1e-6 in float64 errs by 1e-9 or so; what is left is tfjs's float32
  test.each([mse, penalised(0), penalised(1), penalised(3, 0.2)])(
    "the gradient of %o is the formula's",
    (config) => {
      const p = [0.31, -0.42, 0.05, -0.9, 0.6, 0.002];
      const t = [0.2, -0.5, -0.1, 0.8, 0.61, 0.03];
      const rms = [0.3, 0.5, 0.01, 0.9, 0.4, 0];
      const h = 1e-6;
      const expected = p.map((x, i) => {
        const at = (v: number) => formula(config, v, t[i], rms[i]);
        return (at(x + h) - at(x - h)) / (2 * h) / p.length;
      });
      const { slopes, values } = evaluate(config, p, t, rms);
      const scale = Math.max(...expected.map(Math.abs));
      expectWithin(slopes, expected, 1e-5 * scale);
      const wanted = p.map((x, i) => formula(config, x, t[i], rms[i]));
      expectWithin(values, wanted, 1e-5 * Math.max(...wanted));
    },
  );
});
