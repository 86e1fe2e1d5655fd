// The optimisers against their formulas written out in float64, and their state taken out and put back.
import { type OptimizerConfig, OptimizerSchema, UserError } from "@neural-string/shared";
import { chooseBackend } from "@neural-string/trainer/backend";
import { createOptimizer } from "@neural-string/trainer/core/optimizer";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { mulberry32 } from "../../reference/random.ts";
import { expectSameBits, expectWithin } from "../../support/closeness.ts";

beforeAll(async () => {
  await chooseBackend("wasm");
});

const config = { name: "adam" as const, learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const start = [0.5, -0.25, 1, 0, 2, -3];

/** Gradients that differ from step to step and in size; the last is always 0. */
function gradient(step: number): number[] {
  const random = mulberry32(step);
  return start.map((_, i) => (i === 5 ? 0 : 10 ** (-2 * i) * (2 * random() - 0.7)));
}

/** A variable with its optimiser. */
function begin(chosen: OptimizerConfig = config) {
  const variable = tf.tidy(() => tf.variable(tf.tensor2d(start, [2, 3])));
  const optimizer = createOptimizer(chosen, new Map([["w", variable]]));
  const step = (n: number, scale = 1) =>
    tf.tidy(() => optimizer.apply(new Map([["w", tf.tensor2d(gradient(n), [2, 3])]]), scale, n));
  return { variable, optimizer, step };
}

describe("createOptimizer", () => {
  test("twenty steps of Adam are the paper's, in float64, to rounding", () => {
    const { variable, step } = begin();
    const w = [...start];
    const m = start.map(() => 0);
    const v = start.map(() => 0);
    for (let t = 1; t <= 20; t++) {
      const scale = 1 / t;
      step(t, scale);
      gradient(t).forEach((g, i) => {
        m[i] = 0.9 * m[i] + 0.1 * g;
        v[i] = 0.999 * v[i] + 0.001 * g * g;
        const direction = m[i] / (1 - 0.9 ** t) / (Math.sqrt(v[i] / (1 - 0.999 ** t)) + 1e-8);
        w[i] -= 0.01 * scale * direction;
      });
    }
    // each step moves a weight of up to 3 by up to 0.01; float32 rounds each by up to 1.2e-7
    expectWithin(variable.dataSync(), w, 2e-6);
  });

  /** Where twenty steps lead in float64: `rule` has a memory and returns what the rate multiplies. */
  function expected(rate: number, rule: (g: number, memory: { value: number }) => number): number[] {
    return start.map((w, i) => {
      const memory = { value: 0 };
      for (let n = 1; n <= 20; n++) w -= (rate / n) * rule(gradient(n)[i], memory);
      return w;
    });
  }

  test.each([
    [{ name: "sgd", learningRate: 0.1 }, expected(0.1, (g) => g)],
    [
      { name: "sgd", learningRate: 0.1, momentum: 0.8 },
      expected(0.1, (g, memory) => {
        memory.value = 0.8 * memory.value + g;
        return memory.value;
      }),
    ],
    [
      { name: "sgd", learningRate: 0.1, momentum: 0.8, nesterov: true },
      expected(0.1, (g, memory) => {
        memory.value = 0.8 * memory.value + g;
        return g + 0.8 * memory.value;
      }),
    ],
    [
      { name: "rmsprop", learningRate: 0.01, decay: 0.7 },
      expected(0.01, (g, memory) => {
        memory.value = 0.7 * memory.value + 0.3 * g * g;
        return g / (Math.sqrt(memory.value) + 1e-8);
      }),
    ],
    [
      { name: "adagrad", learningRate: 0.05 },
      expected(0.05, (g, memory) => {
        memory.value += g * g;
        return g / (Math.sqrt(memory.value) + 1e-8);
      }),
    ],
  ])("twenty steps of %o are the formula's, in float64, to rounding", (chosen, wanted) => {
    const { variable, step } = begin(OptimizerSchema.parse(chosen));
    for (let n = 1; n <= 20; n++) step(n, 1 / n);
    // the smallest gradients are 1e-8 or so, where epsilon and float32's own steps show
    expectWithin(variable.dataSync(), wanted, 5e-5);
    expect([...variable.dataSync()]).not.toEqual(start);
  });

  test("weight decay shrinks the variables it names by their rate, apart from the gradient", () => {
    const variables = new Map([
      ["kept", tf.variable(tf.tensor1d([1, -2]))],
      ["decayed", tf.variable(tf.tensor1d([1, -2]))],
    ]);
    const optimizer = createOptimizer({ ...config, learningRate: 1 }, variables);
    const gradients = new Map([...variables.keys()].map((name) => [name, tf.zeros([2])]));
    optimizer.apply(gradients, 0.2, 1, (name) => (name === "decayed" ? 0.3 : 0));
    expect(Array.from(variables.get("kept")?.dataSync() ?? [])).toEqual([1, -2]);
    // 1 - 0.2 * 0.3: the schedule's factor counts, Adam's own step does not
    const decayed = Array.from(variables.get("decayed")?.dataSync() ?? []);
    expect(decayed[0]).toBeCloseTo(0.94, 6);
    expect(decayed[1]).toBeCloseTo(-1.88, 6);
    optimizer.dispose();
  });

  test("what has no gradient does not move", () => {
    const { variable, step } = begin();
    for (let n = 1; n <= 5; n++) step(n);
    expect(variable.dataSync()[5]).toBe(-3);
    expect(variable.dataSync()[0]).not.toBe(0.5);
  });

  test("a state that is taken out and put back goes on to the same bits", () => {
    const whole = begin();
    for (let n = 1; n <= 12; n++) whole.step(n);

    const first = begin();
    for (let n = 1; n <= 7; n++) first.step(n);
    const state = first.optimizer.state();
    const second = begin();
    second.variable.assign(first.variable);
    second.optimizer.setState(state);
    for (let n = 8; n <= 12; n++) second.step(n);
    expectSameBits(second.variable.dataSync(), whole.variable.dataSync());
    expect(second.optimizer.state()).toEqual(whole.optimizer.state());
  });

  test("a state is a copy: later steps do not change it", () => {
    const { optimizer, step } = begin();
    step(1);
    const state = optimizer.state();
    const kept = structuredClone(state);
    step(2);
    expect(state).toEqual(kept);
  });

  test("another's state is refused in one sentence", () => {
    const { optimizer } = begin();
    expect(() => optimizer.setState(new Map())).toThrow(
      new UserError(
        "m.w: expected shape [2, 3], got none; the stored state belongs to another config, or is damaged",
      ),
    );
  });

  test("dispose frees what it made", () => {
    const before = tf.memory().numTensors;
    const { variable, optimizer, step } = begin();
    step(1);
    optimizer.dispose();
    variable.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
