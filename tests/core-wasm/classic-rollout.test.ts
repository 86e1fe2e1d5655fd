// Rollouts of classic strings and their gradients against the float64 reference, on both train builds: the sound, the
// loss, and the gradient by central differences; against tfjs's own differentiation of the loop written out; then
// laws that hold for any network, and loops that blow up.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ClassicRollout } from "@neural-string/core-wasm/classic-rollout";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import {
  classicRolloutLoss,
  cutLayers,
  type ReferenceShape,
  rollOutClassic,
} from "../reference/classic-rollout.ts";
import { type Activation, CASES, type Case, makeTask } from "../reference/classic-rollout-task.ts";
import { mulberry32 } from "../reference/random.ts";
import { TOLERANCES } from "../support/kernel-tolerances.ts";

const BUILDS = ["train-simd", "train-relaxed"] as const;
const bytes = Object.fromEntries(
  BUILDS.map((build) => [
    build,
    readFileSync(fileURLToPath(import.meta.resolve(`@neural-string/core-wasm/${build}.wasm`))),
  ]),
);

type Made = ReturnType<typeof makeTask>;

/** The whole loss in float64, for any weights. */
function referenceLoss({ shape, task }: Made, weights: ArrayLike<number>): number {
  const moved = { ...task, weights };
  return classicRolloutLoss(shape, moved, rollOutClassic(shape, moved));
}

/** dloss/dweights[i] of the reference. */
function centralDifference(made: Made, i: number): number {
  const step = 1e-5;
  const at = (by: number) =>
    referenceLoss(
      made,
      Array.from(made.task.weights, (w, k) => (k === i ? w + by : w)),
    );
  return (at(step) - at(-step)) / (2 * step);
}

describe.each(BUILDS)("ClassicRollout, %s", (build) => {
  test.each(CASES)("the rollout, its loss and its gradient equal float64's: $what", (c) => {
    const made = makeTask(c);
    const { shape, task } = made;
    const { loss, rollout, gradient, soundSamples } = new ClassicRollout(bytes[build], shape).run(task);

    expect(soundSamples).toBe(c.count);
    const expected = rollOutClassic(shape, task);
    const worst = Math.max(...expected.map((y, n) => Math.abs(y - rollout[n])));
    expect(worst, "largest difference of a sample").toBeLessThan(TOLERANCES.classicRollout.limit);
    expect(Math.abs(loss - referenceLoss(made, task.weights))).toBeLessThan(1e-4);

    const largest = Math.max(...gradient.map(Math.abs));
    expect(largest).toBeGreaterThan(1e-3); // or there would be nothing to compare
    for (let i = 0; i < gradient.length; i += Math.max(1, Math.floor(gradient.length / 23))) {
      const slope = centralDifference(made, i);
      const limit = TOLERANCES.classicGradient.limit * (0.1 * largest + Math.abs(slope));
      expect(Math.abs(gradient[i] - slope), `weight ${i}: ${slope}`).toBeLessThan(limit);
    }
  });

  test("the same task gives the same bits, whatever ran before", () => {
    const { shape, task } = makeTask(CASES[2]);
    const other = makeTask({ ...CASES[2], seed: 99 }).task;
    const rollout = new ClassicRollout(bytes[build], shape);
    const first = rollout.run(task);
    const kept = { ...first, rollout: first.rollout.slice() };
    rollout.run({ ...other, weights: other.weights.map(() => Number.NaN) });
    rollout.run({ ...other, target: other.target.subarray(0, 100) });
    expect(rollout.run(task)).toEqual(kept);
  });

  test("a rollout that is its own target costs nothing and asks for nothing", () => {
    const { shape, task } = makeTask(CASES[1]);
    const rollout = new ClassicRollout(bytes[build], shape);
    const target = rollout.run(task).rollout.slice();
    const { loss, gradient } = rollout.run({ ...task, target });
    expect(loss).toBe(0);
    expect(gradient.every((g) => g === 0)).toBe(true);
  });

  test("networks of any shape equal float64's, sample by sample and along a random direction", () => {
    const activation = fc.constantFrom<Activation>("tanh", "linear");
    const drawn = fc.record({
      delays: fc.array(fc.integer({ min: 1, max: 150 }), { minLength: 1, maxLength: 13 }),
      hidden: fc.array(fc.tuple(fc.integer({ min: 1, max: 18 }), activation), { maxLength: 3 }),
      output: activation,
      bias: fc.boolean(),
      extras: fc.integer({ min: 0, max: 3 }),
      count: fc.integer({ min: 2, max: 190 }),
      seed: fc.integer({ min: 1, max: 1e6 }),
    });
    fc.assert(
      fc.property(drawn, (shapeDrawn) => {
        const made = makeTask({ ...shapeDrawn, what: "", frameSizes: [] });
        const { shape, task } = made;
        task.weights.forEach((w, i) => {
          task.weights[i] = 0.5 * w; // a chaotic loop magnifies rounding without bound
        });
        const { rollout, gradient } = new ClassicRollout(bytes[build], shape).run({
          ...task,
          waveSamples: 1e6,
        });
        const expected = rollOutClassic(shape, task);
        const scale = Math.max(1, ...expected.map(Math.abs));
        expect(Math.max(...expected.map((y, n) => Math.abs(y - rollout[n])))).toBeLessThan(1e-5 * scale);

        const random = mulberry32(shapeDrawn.seed + 1);
        const direction = Array.from(task.weights, () => 2 * random() - 1);
        const step = 1e-6;
        const wave = { shape, task: { ...task, waveSamples: 1e6 } };
        const at = (by: number) =>
          referenceLoss(
            wave,
            Array.from(task.weights, (w, i) => w + by * direction[i]),
          );
        const slope = (at(step) - at(-step)) / (2 * step);
        const mine = direction.reduce((sum, d, i) => sum + d * gradient[i], 0);
        const size = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
        expect(Math.abs(mine - slope)).toBeLessThan(1e-4 * (0.01 + size + Math.abs(slope)));
      }),
      { numRuns: 60, seed: 11 },
    );
  });

  test("arrays of the wrong length are refused by name", () => {
    const { shape, task } = makeTask(CASES[1]);
    const rollout = new ClassicRollout(bytes[build], shape);
    expect(() => rollout.run({ ...task, past: new Float32Array(81) })).toThrow(
      "past: expected 82 samples or more, got 81",
    );
    expect(() => rollout.run({ ...task, weights: new Float32Array(3) })).toThrow(
      "weights: expected 113 numbers, got 3",
    );
    expect(() => rollout.run({ ...task, extras: [0] })).toThrow("extras: expected 3 numbers, got 1");
    expect(() => rollout.run({ ...task, target: new Float32Array(204) })).toThrow(
      "target: expected 1 to 203 samples, got 204",
    );
    expect(() => rollout.run({ ...task, floors: [] })).toThrow("floors.0: expected 17 numbers, got none");
    const refuse = (changes: object, message: string) =>
      expect(() => new ClassicRollout(bytes[build], { ...shape, ...changes })).toThrow(message);
    refuse({ delays: [4, 0] }, "delays.1: expected a whole number from 1 on, got 0");
    refuse({ delays: [] }, "delays.length: expected a whole number from 1 on, got 0");
    refuse({ layers: [{ units: 2, activation: "tanh" }] }, "layers: expected 1 unit in the last one, got 2");
    refuse({ frameSizes: [12] }, "frameSizes: expected powers of two from 8 on, got 12");
    refuse({ mostSamples: 0.5 }, "mostSamples: expected a whole number from 1 on, got 0.5");
  });
});

describe.each(BUILDS)("a loop that blows up, %s", (build) => {
  const base: Case = { what: "", delays: [30, 31], hidden: [], count: 2000, frameSizes: [64], seed: 3 };
  /** y[n] = gain * y[n - 30]: its level grows by the gain in each trip of 30 samples. */
  const run = (gain: number) => {
    const { shape, task } = makeTask(base);
    return {
      shape,
      task,
      ...new ClassicRollout(bytes[build], shape).run({ ...task, weights: Float32Array.of(gain, 0) }),
    };
  };

  test("is held 30 dB above what was recorded, and its gradient is that of the samples before", () => {
    const { shape, task, loss, rollout, gradient, soundSamples } = run(1.3);
    const peak = Math.max(...task.past.map(Math.abs), ...task.target.map(Math.abs));
    const weights = [1.3, 0].map(Math.fround);
    const expected = rollOutClassic(shape, { ...task, weights }, 32 * peak);
    expect(soundSamples).toBe(expected.findIndex((y) => Math.abs(y) >= 32 * peak));
    expect(soundSamples).toBeGreaterThan(300);
    expect(Math.max(...expected.map((y, n) => Math.abs(y - rollout[n])))).toBeLessThan(1e-4 * 32 * peak);

    const held = (by: number) => {
      const moved = { ...task, weights: [weights[0] + by, 0] };
      const y = rollOutClassic(shape, moved, 32 * peak);
      return classicRolloutLoss(shape, moved, [...y.slice(0, soundSamples), ...expected.slice(soundSamples)]);
    };
    expect(Math.abs(loss / held(0) - 1)).toBeLessThan(1e-4);
    const slope = (held(1e-6) - held(-1e-6)) / 2e-6;
    expect(Math.abs(gradient[0] / slope - 1)).toBeLessThan(5e-3);
    expect(gradient[0]).toBeGreaterThan(0); // downhill is less gain
  });

  test.each([2, 10, 1e6, -1e6, 1e30])(
    "with a gain of %f: the loss is large, it and its gradient finite",
    (gain) => {
      const { loss, gradient, soundSamples } = run(gain);
      expect(loss).toBeGreaterThan(10 * run(0.9).loss);
      expect(soundSamples).toBeLessThan(500);
      expect(Number.isFinite(loss)).toBe(true);
      expect(gradient.every(Number.isFinite)).toBe(true);
    },
  );

  test("that is bounded by its tanh, and chaotic, has a finite gradient", () => {
    const c: Case = { ...base, delays: [1, 2, 3, 11], hidden: [[12, "tanh"]], bias: true };
    const { shape, task } = makeTask(c);
    const random = mulberry32(2);
    const noise = (length: number, scale: number) =>
      Array.from({ length }, () => 3 * scale * (2 * random() - 1));
    const weights = Float32Array.from([...noise(48, 1), ...noise(12, 0.3), ...noise(12, 0.5), 0]);
    const { loss, gradient, rollout } = new ClassicRollout(bytes[build], shape).run({ ...task, weights });
    expect(new Set(rollout).size).toBeGreaterThan(1500); // it does not repeat
    expect(Number.isFinite(loss)).toBe(true);
    expect(gradient.every(Number.isFinite)).toBe(true);
    // beyond the largest error: it was cut on its way back
    expect(Math.max(...gradient.map(Math.abs))).toBeGreaterThan(1e12);
  });

  test("whose weights are not numbers shows it in the loss", () => {
    expect(run(Number.NaN).loss).toBeNaN();
  });
});

describe("against tfjs", () => {
  beforeAll(async () => {
    await tf.setBackend("cpu");
  });

  test.each(CASES.filter(({ count }) => count < 310))(
    "the waveform's gradient is that of the loop written out in tf: $what",
    (c) => {
      const { shape, task } = makeTask({ ...c, count: Math.min(c.count, 60), frameSizes: [] });
      const { gradient } = new ClassicRollout(bytes["train-simd"], shape).run({ ...task, waveSamples: 1e6 });
      const expected = tfGradient(shape, { ...task, waveSamples: 1e6 });
      const largest = Math.max(...expected.map(Math.abs));
      // both are float32; tf's samples and sums round otherwise
      const worst = Math.max(...expected.map((g, i) => Math.abs(g - gradient[i])));
      expect(worst / largest).toBeLessThan(2e-4);
    },
  );
});

/** dloss/dweights by tfjs: the loop written out block by block. */
function tfGradient(shape: ReferenceShape, task: Made["task"]): number[] {
  const block = Math.min(...shape.delays);
  const layers = cutLayers(shape, task.weights);
  const parameters = layers.flatMap(({ weight, bias, units, inputs }) => [
    tf.tensor2d(Array.from(weight), [units, inputs]),
    ...(bias ? [tf.tensor1d(Array.from(bias))] : []),
  ]);
  const count = task.target.length;
  const rms = Math.sqrt(task.past.reduce((sum, x) => sum + x * x, 0) / task.past.length);
  const loss = (...tensors: tf.Tensor[]): tf.Scalar => {
    let line: tf.Tensor1D = tf.tensor1d(task.past);
    for (let n = 0; n < count; n += block) {
      const size = Math.min(block, count - n);
      const rows = shape.delays.map((d) => tf.slice(line, line.shape[0] - d, size));
      const extras = task.extras.map((x) => tf.fill([size], x) as tf.Tensor1D);
      let x: tf.Tensor = tf.stack([...rows, ...extras]); // [inputs, block]
      let next = 0;
      for (const { activation, units, bias } of layers) {
        x = tf.matMul(tensors[next++] as tf.Tensor2D, x as tf.Tensor2D);
        if (bias) x = tf.add(x, tf.reshape(tensors[next++], [units, 1]));
        if (activation !== "linear") x = activation === "tanh" ? tf.tanh(x) : tf.relu(x);
      }
      line = tf.concat1d([line, tf.reshape(x, [size])]);
    }
    const d = tf.div(tf.sub(tf.slice(line, task.past.length, count), tf.tensor1d(task.target)), rms + 1e-5);
    const emphasised = tf.sub(tf.slice(d, 1), tf.mul(0.95, tf.slice(d, 0, count - 1)));
    return tf.mul(task.waveWeight, tf.mean(tf.square(emphasised)));
  };
  return tf.tidy(() =>
    tf
      .grads(loss)(parameters)
      .flatMap((g) => Array.from(g.dataSync())),
  );
}
