// The price on loop gain against plain float64 sums: it must see exactly the network's small-signal frequency response.
import { tapDelays } from "@neural-string/shared";
import { LoopGain } from "@neural-string/trainer/core/loop-gain";
import { TrainableMlp } from "@neural-string/trainer/core/mlp";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";

const header = {
  schema: 1 as const,
  kind: "classic" as const,
  sampleRate: 8000,
  f0: 200,
  tapPattern: [{ periodFraction: 1, before: 1, after: 1 }],
  layers: [
    { units: 5, activation: "tanh" as const },
    { units: 1, activation: "linear" as const },
  ],
  controls: 0,
};
const delays = tapDelays(header.tapPattern, header.sampleRate, header.f0);

/** A network that computes sum over taps of response * input for small signals: one tanh unit carries it. */
function linearNetwork(response: number[]): TrainableMlp {
  const weight = new Float32Array(5 * 3);
  weight.set(response);
  const out = Float32Array.of(1, 0, 0, 0, 0);
  return new TrainableMlp(
    header,
    false,
    new Map([
      ["layers.0.weight", { shape: [5, 3], data: weight }],
      ["layers.1.weight", { shape: [1, 5], data: out }],
    ]),
  );
}

beforeAll(async () => {
  await tf.setBackend("cpu");
});

describe("LoopGain", () => {
  test("sees the largest gain of a known filter: the sum of its taps where all are positive", () => {
    const gain = new LoopGain(delays, 0.99);
    const network = linearNetwork([0.25, 0.5, 0.25]);
    // |H| is 1 at DC; the grid's lowest frequency lies half a step above it
    expect(gain.largest(network)).toBeCloseTo(1, 3);
    const lively = linearNetwork([-0.5, 1, -0.5]);
    expect(gain.largest(lively)).toBeCloseTo(2, 3);
  });

  test("costs nothing below the limit, and something above it", () => {
    const gain = new LoopGain(delays, 0.99);
    const price = (response: number[]) => tf.tidy(() => gain.price(linearNetwork(response)).dataSync()[0]);
    expect(price([0.2, 0.5, 0.2])).toBe(0);
    expect(price([0.3, 0.5, 0.3])).toBeGreaterThan(0);
    expect(price([0.4, 0.6, 0.4])).toBeGreaterThan(price([0.3, 0.5, 0.3]));
  });

  test("its gradient equals that of the sum written out in float64", () => {
    const limit = 0.9;
    const response = [0.4, 0.5, 0.3];
    const gain = new LoopGain(delays, limit);
    const network = linearNetwork(response);
    const { grads, value } = tf.variableGrads(() => gain.price(network));
    const weight = network.variables.get("layers.0.weight") as tf.Variable;
    const gradient = grads[weight.name].dataSync();
    const plain = (h: number[]) => {
      const frequencies = 4 * Math.max(...delays);
      let sum = 0;
      for (let f = 0; f < frequencies; f++) {
        const w = (Math.PI * (f + 0.5)) / frequencies;
        const re = h.reduce((s, x, t) => s + x * Math.cos(w * delays[t]), 0);
        const im = h.reduce((s, x, t) => s + x * Math.sin(w * delays[t]), 0);
        sum += Math.max(0, re * re + im * im - limit * limit);
      }
      return 0.03 * sum;
    };
    expect(value.dataSync()[0]).toBeCloseTo(plain(response), 4);
    response.forEach((x, t) => {
      const step = 1e-5;
      const moved = (d: number) => plain(response.map((h, i) => (i === t ? x + d : h)));
      expect(gradient[t]).toBeCloseTo((moved(step) - moved(-step)) / (2 * step), 3);
    });
  });
});
