// The one-step losses: by hand, and their gradients against float64 finite differences of the formula itself.
import { type LossConfig, LossSchema, lossWindow } from "@neural-string/shared";
import { chooseBackend } from "@neural-string/trainer/backend";
import { lossFunction } from "@neural-string/trainer/core/loss";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { oneStepLosses } from "../../reference/losses.ts";
import { expectWithin } from "../../support/closeness.ts";

beforeAll(async () => {
  await chooseBackend("wasm");
});

const loss = (name: LossConfig["name"], fields: object = {}): LossConfig =>
  LossSchema.parse({ name, ...fields });
const penalised = (alpha = 1, floor = 1e-2) => loss("energy_l1_with_penalty", { alpha, floor });

/** Loss of each example or window, and the gradient of their mean by the predictions. */
function evaluate(config: LossConfig, p: number[], t: number[], rms: number[] = p.map(() => 1)) {
  const compute = lossFunction(config);
  const [target, tapRms] = [tf.tensor1d(t), tf.tensor1d(rms)];
  const losses = (prediction: tf.Tensor1D) => compute({ prediction, target, tapRms });
  const values = [...tf.tidy(() => losses(tf.tensor1d(p)).dataSync())];
  const mean = (x: tf.Tensor) => tf.mean(losses(x as tf.Tensor1D)) as tf.Scalar;
  const slopes = [...tf.tidy(() => tf.grad(mean)(tf.tensor1d(p)).dataSync())];
  return { values, slopes };
}

describe("losses of single samples, by hand", () => {
  test("mse is the squared difference, whatever the level", () => {
    expect(evaluate(loss("mse"), [0.5, -0.25, 1], [0.25, 0.25, 1], [1, 9, 0]).values).toEqual([
      0.0625, 0.25, 0,
    ]);
  });

  test("relative_mse divides it by the target's square plus the floor", () => {
    const { values } = evaluate(loss("relative_mse", { floor: 0.25 }), [0.5, 1, 0.5], [0, 0.5, 0.5]);
    expect(values).toEqual([1, 0.5, 0]);
  });

  test("relative_l1 divides the difference by the target plus the floor: it explodes at a zero crossing", () => {
    expect(evaluate(loss("relative_l1", { floor: 0.5 }), [0.25, 1], [0.5, -0.5]).values).toEqual([0.25, 1.5]);
    // the same error of a thousandth, at a target of a half and at one of zero, with the origin's floor
    const [loud, crossing] = evaluate(loss("relative_l1"), [0.501, 0.001], [0.5, 0]).values;
    expectWithin([loud, crossing], [0.001 / 0.5001, 10], 1e-4);
  });

  test("relative_l1_with_penalty adds alpha times the excess, over the same", () => {
    const config = loss("relative_l1_with_penalty", { alpha: 3, floor: 0.5 });
    expect(evaluate(config, [0.75, 0.25, -0.75], [0.5, 0.5, 0.5]).values).toEqual([1, 0.25, 2]);
  });

  test("energy_l1 divides the difference by the taps' RMS plus the floor", () => {
    const { values } = evaluate(
      loss("energy_l1", { floor: 0.5 }),
      [0.25, 0.25, 0],
      [0.5, 0.5, 1],
      [0.5, 1.5, 0],
    );
    expect(values).toEqual([0.25, 0.125, 2]);
    expect(evaluate(penalised(0, 0.5), [0.25, 0.25, 0], [0.5, 0.5, 1], [0.5, 1.5, 0]).values).toEqual(values);
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

  test("log_magnitude compares levels: a factor of e is 1, a wrong sign is nothing", () => {
    const config = loss("log_magnitude", { floor: 1e-6 });
    const { values } = evaluate(config, [Math.E * 0.1, -0.1, 0.1 / Math.E ** 2], [0.1, 0.1, 0.1]);
    expectWithin(values, [1, 0, 4], 4e-4);
  });
});

describe("losses of windows, by hand", () => {
  test("their window is 20 samples unless another is asked for; the others look at one", () => {
    const names = LossSchema.options.map((option) => option.shape.name.value);
    const windows = Object.fromEntries(names.map((name) => [name, lossWindow(loss(name))]));
    expect(Object.entries(windows).filter(([, window]) => window !== 1)).toEqual([
      ["window_normalized_mse", 20],
      ["inverse_rms_mse", 20],
      ["si_snr", 20],
    ]);
    expect(lossWindow(loss("si_snr", { window: 7 }))).toBe(7);
  });

  // two windows of four; the first target has a mean square of 0.25, the second of 0.0625
  const t = [0.5, -0.5, 0.5, -0.5, 0.25, 0.25, -0.25, -0.25];
  const p = [1, -0.5, 0.5, -0.5, 0.25, 0.5, -0.25, -0.25];

  test("window_normalized_mse is the mean of ((p - t) / R)^2, one number a window", () => {
    const { values } = evaluate(loss("window_normalized_mse", { window: 4 }), p, t);
    // 0.25 / 4 / 0.25 and 0.0625 / 4 / 0.0625
    expectWithin(values, [0.25, 0.25], 1e-6);
    const floored = evaluate(loss("window_normalized_mse", { window: 4, floor: 0.1875 }), p, t).values;
    expectWithin(floored, [0.0625 / 0.4375, 0.015625 / 0.25], 1e-6);
  });

  test("inverse_rms_mse divides by R itself, and by no less than its least", () => {
    expectWithin(evaluate(loss("inverse_rms_mse", { window: 4 }), p, t).values, [0.125, 0.0625], 1e-6);
    const { values } = evaluate(loss("inverse_rms_mse", { window: 4, least: 0.4 }), p, t);
    expectWithin(values, [0.125, 0.015625 / 0.4], 1e-6);
  });

  test("si_snr is deaf to scale and offset, and counts what is left in decibels", () => {
    const config = loss("si_snr", { window: 4 });
    // a tenth of another wave of the same energy, orthogonal to the target: 20 dB
    const other = [0.05, 0.05, -0.05, -0.05];
    const noisy = [0.5, -0.5, 0.5, -0.5].map((x, i) => x + other[i]);
    const scaled = noisy.map((x) => 3 * x + 0.2);
    const { values } = evaluate(config, [...noisy, ...scaled], [...t.slice(0, 4), ...t.slice(0, 4)]);
    expectWithin(values, [-20, -20], 1e-2);
    // nothing of the target in it: only the floors keep it finite
    const [lost] = evaluate(config, [0.5, 0.5, -0.5, -0.5], t.slice(0, 4)).values;
    expectWithin([lost], [80], 1e-2);
  });

  test("a window does not look at its neighbours", () => {
    for (const name of ["window_normalized_mse", "inverse_rms_mse", "si_snr"] as const) {
      const config = loss(name, { window: 4 });
      const [first] = evaluate(config, p, t).values;
      const [alone] = evaluate(config, p.slice(0, 4), t.slice(0, 4)).values;
      expect(alone, name).toBe(first);
    }
  });
});

// h = 1e-6 in float64 errs by 1e-9 or so; what is left is tfjs's float32
test.each([
  loss("mse"),
  loss("relative_mse", { floor: 1e-3 }),
  loss("relative_l1", { floor: 1e-2 }),
  loss("relative_l1_with_penalty", { floor: 1e-2 }),
  loss("energy_l1"),
  penalised(0),
  penalised(1),
  penalised(3, 0.2),
  loss("log_magnitude", { floor: 1e-2 }),
  loss("window_normalized_mse", { window: 3 }),
  loss("inverse_rms_mse", { window: 3 }),
  loss("inverse_rms_mse", { window: 3, least: 0.4 }),
  loss("si_snr", { window: 3 }),
])("values and gradient of %o are the formula's", (config) => {
  const p = [0.31, -0.42, 0.05, -0.9, 0.6, 0.012];
  const t = [0.2, -0.5, -0.1, 0.8, 0.61, 0.03];
  const rms = [0.3, 0.5, 0.01, 0.9, 0.4, 0];
  const h = 1e-6;
  const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
  const expected = p.map((x, i) => {
    const at = (v: number) => mean(oneStepLosses(config, p.with(i, v), t, rms));
    return (at(x + h) - at(x - h)) / (2 * h);
  });
  const { slopes, values } = evaluate(config, p, t, rms);
  expectWithin(slopes, expected, 2e-5 * Math.max(...expected.map(Math.abs)));
  const wanted = oneStepLosses(config, p, t, rms);
  expectWithin(values, wanted, 2e-5 * Math.max(...wanted.map(Math.abs)));
});
