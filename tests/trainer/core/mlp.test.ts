// The network while it learns and the network that plays are one: tfjs, the WASM core and the float64 reference.
import { Resonator } from "@neural-string/core-wasm";
import { type ClassicHeader, classicLayout, type Tensor, UserError } from "@neural-string/shared";
import { chooseBackend } from "@neural-string/trainer/backend";
import { isOdd, TrainableMlp } from "@neural-string/trainer/core/mlp";
import { playableLayers } from "@neural-string/trainer/core/playable-layers";
import { classicModel } from "@neural-string/trainer/playable-model";
import * as tf from "@tensorflow/tfjs";
import { describe, expect, test } from "vitest";
import { evaluateMlp } from "../../reference/string-loop.ts";
import { expectSameBits, expectWithin } from "../../support/closeness.ts";
import { newCore } from "../../support/core-builds.ts";
import { gaussian } from "../../support/networks.ts";

type Units = ClassicHeader["layers"];
const tanh = (units: number) => ({ units, activation: "tanh" as const });
const output = { units: 1, activation: "linear" as const };

/** A string with six taps around a period of 40 samples. */
function header(layers: Units, extras: Partial<ClassicHeader> = {}): ClassicHeader {
  const tapPattern = [{ periodFraction: 1, before: 3, after: 2 }];
  return {
    schema: 1,
    kind: "classic",
    sampleRate: 8000,
    f0: 200,
    tapPattern,
    layers,
    controls: 0,
    ...extras,
  };
}

/** Random parameters, biases included. */
function parameters(of: ClassicHeader, withBias: boolean): Map<string, Tensor> {
  const random = gaussian(3);
  return new Map(
    classicLayout(of, withBias).map(({ name, shape, size }) => [
      name,
      { shape, data: Float32Array.from({ length: size }, () => 0.4 * random()) },
    ]),
  );
}

function predict(network: TrainableMlp, rows: number[][]): number[] {
  return tf.tidy(() => [...network.predict(tf.tensor2d(rows)).dataSync()]);
}

const networks: { what: string; layers: Units; withBias: boolean }[] = [
  { what: "a linear loop filter", layers: [output], withBias: false },
  { what: "one hidden layer of tanh", layers: [tanh(20), output], withBias: false },
  {
    what: "two hidden layers, biases",
    layers: [tanh(16), { units: 12, activation: "relu" }, output],
    withBias: true,
  },
  { what: "a tanh output", layers: [tanh(7), { units: 1, activation: "tanh" }], withBias: true },
];

// float32 sums of up to 20 products of size 0.4 or so, and the core's tanh within 1.2e-6
const TOLERANCE = 5e-6;

describe.each(["wasm", "cpu"] as const)("TrainableMlp on %s", (backend) => {
  test.each(networks)(
    "$what: tfjs, one step of the WASM core and float64 agree",
    async ({ layers, withBias }) => {
      await chooseBackend(backend);
      const described = header(layers);
      const given = parameters(described, withBias);
      const network = new TrainableMlp(described, withBias, given);
      const model = classicModel(described, given);
      const random = gaussian(9);
      const pasts = Array.from({ length: 32 }, () => Float32Array.from({ length: 42 }, () => 0.5 * random()));
      const rows = pasts.map((past) => [...model.delays].map((delay) => past[past.length - delay]));

      const reference = rows.map((row) => evaluateMlp(model.layers, row)[0]);
      expectWithin(predict(network, rows), reference, TOLERANCE, "tfjs");
      const string = new Resonator(newCore("simd"), model);
      const played = pasts.map((past) => {
        const out = new Float32Array(1);
        string.excite(past);
        string.process(out);
        return out[0];
      });
      expectWithin(played, reference, TOLERANCE, "core-wasm");
      network.dispose();
    },
  );

  test("parameters that are taken out and put back are the same bits", async () => {
    await chooseBackend(backend);
    const described = header([tanh(5), output]);
    const given = parameters(described, true);
    const network = new TrainableMlp(described, true, 1);
    network.setParameters(given);
    for (const [name, { data }] of network.parameters())
      expectSameBits(data, given.get(name)?.data ?? [], name);
    network.dispose();
  });

  test("dispose frees everything", async () => {
    await chooseBackend(backend);
    const before = tf.memory().numTensors;
    const network = new TrainableMlp(header([tanh(5), output]), true, 1);
    network.setParameters(network.parameters());
    predict(network, [[1, 2, 3, 4, 5, 6]]);
    network.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("TrainableMlp", () => {
  test("a seed means the same weights everywhere, another seed others; biases begin at 0", async () => {
    await chooseBackend("cpu");
    const fresh = (seed: number) => {
      const network = new TrainableMlp(header([tanh(50), output]), true, seed);
      const found = network.parameters();
      network.dispose();
      return found;
    };
    expect(fresh(1)).toEqual(fresh(1));
    expect(fresh(1)).not.toEqual(fresh(2));
    expect(fresh(1).get("layers.0.bias")?.data).toEqual(new Float32Array(50));
    // Glorot: uniform within sqrt(6 / (inputs + units))
    const weights = fresh(1).get("layers.0.weight")?.data ?? new Float32Array();
    const limit = Math.sqrt(6 / 56);
    expect(Math.max(...weights)).toBeLessThanOrEqual(limit);
    expect(Math.min(...weights)).toBeGreaterThanOrEqual(-limit);
    const rms = Math.sqrt(weights.reduce((sum, w) => sum + w * w, 0) / weights.length);
    expect(Math.abs(rms / (limit / Math.sqrt(3)) - 1)).toBeLessThan(0.15);
  });

  test("parameters of another shape are refused in one sentence", () => {
    const described = header([tanh(5), output]);
    const other = parameters(header([tanh(6), output]), false);
    expect(() => new TrainableMlp(described, false, other)).toThrow(
      new UserError(
        "layers.0.weight: expected shape [5, 6], got [6, 6]; the stored state belongs to another config, or is damaged",
      ),
    );
  });
});

describe("isOdd", () => {
  const decay = { kind: "decay" as const, window: 550, mean: null, scale: 0.04 };
  test.each([
    ["no bias, tanh", header([tanh(5), output]), false, true],
    ["no bias, no hidden layer", header([output]), false, true],
    ["biases", header([tanh(5), output]), true, false],
    ["a relu", header([{ units: 5, activation: "relu" }, output]), false, false],
    ["a control", header([tanh(5), output], { controls: 1 }), false, false],
    ["a feature", header([tanh(5), output], { features: [decay] }), false, false],
    ["the origin's feature", header([tanh(5), output], { decayFeature: true }), false, false],
  ])("%s", (_, described, withBias, odd) => {
    expect(isOdd(described, withBias)).toBe(odd);
    // and it is: reversing the taps' signs reverses the prediction, where all extras stand at 0.5
    const given = parameters(described, withBias);
    const layers = playableLayers(described, given);
    const random = gaussian(5);
    const taps = Array.from({ length: 6 }, random);
    const extras = new Array(layers[0].inputs - 6).fill(0.5);
    const [there] = [evaluateMlp(layers, [...taps, ...extras])[0]];
    const back = evaluateMlp(layers, [...taps.map((x) => -x), ...extras])[0];
    expect(Math.abs(there + back) < 1e-12).toBe(odd);
  });
});
