// Sequence training of classic strings: where rollouts start, what they cost and ask for, and what that does to a
// training: an unstable loop is brought back, and a run that was cut goes on to the same bits.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type RolloutConfig, RolloutSchema, UserError } from "@neural-string/shared";
import { chooseBackend } from "@neural-string/trainer/backend";
import { RolloutLoss, type RolloutOptions } from "@neural-string/trainer/core/classic-rollout";
import { holdOut } from "@neural-string/trainer/core/held-out";
import { TrainableMlp } from "@neural-string/trainer/core/mlp";
import * as tf from "@tensorflow/tfjs";
import { beforeEach, describe, expect, test } from "vitest";
import { spectralFloors } from "../../../packages/trainer/src/core/rollout-floors.ts";
import { classicRolloutLoss, rollOutClassic } from "../../reference/classic-rollout.ts";
import { TINY_F0, TINY_RATE, tinyConfig, tinyHeader, tinyPluck } from "../../support/training.ts";

const module = new WebAssembly.Module(
  readFileSync(fileURLToPath(import.meta.resolve("@neural-string/core-wasm/train-simd.wasm"))),
);
const PERIOD = TINY_RATE / TINY_F0;

beforeEach(async () => {
  await chooseBackend("cpu");
});

/** Rollouts over a tiny pluck, of eight periods unless said otherwise. */
function tinyRollouts(changes: Partial<RolloutConfig> = {}, options: Partial<RolloutOptions> = {}) {
  const config = tinyConfig({ model: { bias: true } });
  const header = tinyHeader(config);
  const recordings = [tinyPluck(), tinyPluck(2)];
  const stretches = holdOut(
    recordings.map(({ length }) => length),
    43,
    2,
    2000,
  );
  const rollout = RolloutSchema.parse({ periods: 8, batchSize: 3, clip: 1e9, ...changes });
  const loss = new RolloutLoss({
    module,
    config: rollout,
    header,
    withBias: true,
    recordings,
    stretches,
    mirrored: true,
    seed: 5,
    ...options,
  });
  return { header, recordings, stretches, loss, rollout };
}

/** A network whose loop is lively and does not blow up. */
function quietNetwork({ header }: ReturnType<typeof tinyRollouts>): TrainableMlp {
  const network = new TrainableMlp(header, true, 3);
  const halved = [...network.parameters()].map(([name, { shape, data }]) => {
    return [name, { shape, data: data.map((w, i) => 0.5 * w + 0.01 * Math.cos(i)) }] as const;
  });
  network.setParameters(new Map(halved));
  return network;
}

/** What a network's rollouts cost, and the gradient by variable. */
function priced(loss: RolloutLoss, network: TrainableMlp, step: number) {
  const { value, grads } = tf.variableGrads(() => loss.loss(network, loss.examples(step)));
  const gradients = [...network.variables.values()].map(({ name }) => Array.from(grads[name].dataSync()));
  const cost = value.dataSync()[0];
  tf.dispose([value, ...Object.values(grads)]);
  return { cost, gradients };
}

const norm = (gradients: number[][]) => Math.hypot(...gradients.flat());

describe("RolloutLoss.examples", () => {
  test("follow from seed and step, and reach neither into held-out stretches nor beyond the ends", () => {
    const { loss, recordings, stretches } = tinyRollouts();
    const starts = new Set<number>();
    for (let step = 0; step < 300; step++) {
      expect(loss.examples(step)).toEqual(loss.examples(step));
      for (const { recording, start, sign } of loss.examples(step)) {
        starts.add(sign * (start + 1e5 * recording));
        const [from, to] = [start - 2 * PERIOD, start + loss.count];
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeLessThanOrEqual(recordings[recording].length);
        for (const s of stretches) {
          if (s.recording === recording) expect(to <= s.start || from >= s.end).toBe(true);
        }
      }
    }
    expect(starts.size).toBeGreaterThan(700); // of 900: everywhere
    expect([...starts].some((x) => x < 0) && [...starts].some((x) => x > 1e5)).toBe(true);
    expect(tinyRollouts({}, { seed: 6 }).loss.examples(0)).not.toEqual(loss.examples(0));
  });

  test("of a long recording start in its first nine seconds", () => {
    const recordings = [new Float32Array(20 * TINY_RATE)];
    const { loss } = tinyRollouts({}, { recordings, stretches: [] });
    const starts = Array.from({ length: 200 }, (_, step) =>
      loss.examples(step).map(({ start }) => start),
    ).flat();
    expect(Math.max(...starts)).toBeLessThan(9 * TINY_RATE);
    // u^1.5 of the way: half of them before 0.35
    const early = starts.filter((start) => start < 0.3536 * 9 * TINY_RATE).length;
    expect(Math.abs(early / starts.length - 0.5)).toBeLessThan(0.08);
  });

  test("are mirrored only where asked", () => {
    const { loss } = tinyRollouts({ batchSize: 50 }, { mirrored: false });
    expect(loss.examples(1).every(({ sign }) => sign === 1)).toBe(true);
  });

  test("rollouts for which there is no room are refused in one sentence", () => {
    expect(() => tinyRollouts({ periods: 200 })).toThrow(
      new UserError(
        "training.rollout.periods: 200 periods and the past they start from need 1.01 s of a recording without a held-out stretch, the longest such piece has 0.62 s; use fewer periods, or shorter or fewer selection.stretches",
      ),
    );
  });
});

describe("RolloutLoss.loss", () => {
  test.each(["cpu", "wasm"] as const)(
    "on %s: the reference's loss, and its gradient by differences",
    async (backend) => {
      await chooseBackend(backend);
      const tiny = tinyRollouts({ weight: 0.7, waveWeight: 2, spectralWeight: 0.3 });
      const { loss, header, recordings, stretches } = tiny;
      const network = quietNetwork(tiny);
      const { cost, gradients } = priced(loss, network, 4);

      const sizes = [128]; // 512 samples of 46 ms, and 320 samples of rollout, at 8 kHz
      const delays = Array.from({ length: 6 }, (_, i) => 37 + i);
      for (const fraction of [10, 20, 30]) delays.push(...[-2, -1, 0, 1, 2].map((d) => fraction + d));
      const shape = { delays, extras: 0, layers: header.layers, bias: true, frameSizes: sizes };
      const reference = (move: (i: number) => number) => {
        let i = 0;
        const weights = [...network.parameters().values()].flatMap(({ data }) =>
          Array.from(data, (w) => w + move(i++)),
        );
        const costs = loss.examples(4).map(({ recording, start, sign }) => {
          const cut = (from: number, to: number) =>
            recordings[recording].slice(from, to).map((x) => sign * x);
          const own = stretches.filter((stretch) => stretch.recording === recording);
          const task = {
            past: cut(start - 2 * PERIOD, start),
            target: cut(start, start + loss.count),
            weights,
            extras: [],
            floors: spectralFloors(recordings[recording], TINY_RATE, own, sizes),
            waveSamples: 16 * PERIOD,
            waveWeight: 2,
            spectralWeight: 0.3,
          };
          return classicRolloutLoss(shape, task, rollOutClassic(shape, task));
        });
        return (0.7 * costs.reduce((a, b) => a + b, 0)) / costs.length;
      };
      expect(cost).toBeCloseTo(
        reference(() => 0),
        4,
      );
      const flat = gradients.flat();
      const size = norm(gradients);
      for (let i = 0; i < flat.length; i += 19) {
        const at = (by: number) => reference((k) => (k === i ? by : 0));
        const slope = (at(1e-5) - at(-1e-5)) / 2e-5;
        // float32; and a spectral cell that changes sides within the step
        expect(Math.abs(flat[i] - slope), `weight ${i}`).toBeLessThan(2e-3 * (0.2 * size + Math.abs(slope)));
      }
      network.dispose();
    },
  );

  test("no rollout's gradient is longer than the clip, and one below it is as it is", () => {
    const tiny = tinyRollouts({ batchSize: 1 });
    const { loss } = tiny;
    const network = quietNetwork(tiny);
    const whole = priced(loss, network, 1);
    const length = norm(whole.gradients);
    const clipped = priced(tinyRollouts({ batchSize: 1, clip: length / 10 }).loss, network, 1);
    expect(norm(clipped.gradients) / length).toBeCloseTo(0.1, 6);
    expect(clipped.cost).toBe(whole.cost);
    expect(clipped.gradients[0][3] / whole.gradients[0][3]).toBeCloseTo(0.1, 5);
    expect(priced(tinyRollouts({ batchSize: 1, clip: 2 * length }).loss, network, 1)).toEqual(whole);
    network.dispose();
  });

  test("leaves no tensor behind", () => {
    const tiny = tinyRollouts();
    const { loss } = tiny;
    const network = quietNetwork(tiny);
    priced(loss, network, 0);
    const before = tf.memory().numTensors;
    priced(loss, network, 1);
    expect(tf.memory().numTensors).toBe(before);
    network.dispose();
  });
});
