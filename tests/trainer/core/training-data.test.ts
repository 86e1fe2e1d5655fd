// What a classic network is given: windows, bursts, features and controls beside the taps, notes at their own periods,
// and further files that nothing is held out of.
import { decayFeature } from "@neural-string/core-wasm";
import type { ClassicHeader } from "@neural-string/shared";
import { chooseBackend } from "@neural-string/trainer/backend";
import { controlMeanings, controlValues, startLevelDb } from "@neural-string/trainer/core/controls";
import { addBurst } from "@neural-string/trainer/core/disturbances";
import { disposeBatch, Examples } from "@neural-string/trainer/core/examples";
import { featureTraces, withMeans } from "@neural-string/trainer/core/features";
import { TrainableMlp } from "@neural-string/trainer/core/mlp";
import { seededRandom } from "@neural-string/trainer/core/random";
import { createExamples, heardNotes } from "@neural-string/trainer/core/training-data";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { expectWithin } from "../../support/closeness.ts";
import { newCore } from "../../support/core-builds.ts";
import { TINY_F0, TINY_RATE, tinyConfig, tinyHeader, tinyPluck, trainTiny } from "../../support/training.ts";

beforeAll(async () => {
  await chooseBackend("cpu");
});

const BASE = { extras: 0, mirrored: false, inputNoise: 0, seed: 1, stretches: 1, stretchSamples: 50 };
const ramp = Float32Array.from({ length: 1000 }, (_, n) => n + 1);

describe("windows", () => {
  const set = new Examples(newCore("simd"), [ramp], {
    ...BASE,
    delays: Int32Array.of(10, 9),
    mirrored: true,
    batchSize: 47,
    window: 20,
  });

  test("a batch is whole windows of consecutive samples, each of one sign", () => {
    expect([set.batchSize, set.count % 40]).toEqual([40, 0]);
    const batch = set.batch(0);
    const targets = [...batch.targets.dataSync()];
    disposeBatch(batch);
    for (const at of [0, 20]) {
      const [first] = targets.slice(at);
      expect(targets.slice(at, at + 20)).toEqual(
        Array.from({ length: 20 }, (_, i) => first + i * Math.sign(first)),
      );
    }
  });

  test("the windows of an epoch do not overlap, and keep clear of what is held out", () => {
    const firsts = new Map<number, number>();
    for (let step = 0; step < set.stepsPerEpoch; step++) {
      const batch = set.batch(step);
      for (const target of batch.targets.dataSync()) {
        firsts.set(target, (firsts.get(target) ?? 0) + 1);
      }
      disposeBatch(batch);
    }
    expect(Math.max(...firsts.values())).toBe(1);
    const { start, end } = set.stretches[0];
    for (const target of firsts.keys()) {
      const n = Math.abs(target) - 1;
      expect(n >= start && n < end + 10).toBe(false);
    }
  });

  test("held-out examples are windows too", () => {
    const batch = set.heldOutBatch();
    const targets = [...(batch?.targets.dataSync() ?? [])];
    if (batch) disposeBatch(batch);
    expect(targets.length).toBe(40);
    expect(targets.slice(1, 20)).toEqual(targets.slice(0, 19).map((t) => t + 1));
  });
});

test("maxFrames thins the loud examples and keeps the soft ones", () => {
  const fading = Float32Array.from({ length: 4000 }, (_, n) => (n < 3000 ? 0.5 : 0.001) * (n % 2 ? 1 : -1));
  const set = new Examples(newCore("simd"), [fading], {
    ...BASE,
    delays: Int32Array.of(8),
    batchSize: 1,
    maxFrames: 1500,
    levelWindow: 8,
  });
  const { all, used } = set.levels();
  const soft = (levels: Float64Array) => levels.filter((db) => db < -30).length;
  expect(used.length).toBe(1500);
  expect(soft(used)).toBeGreaterThan(0.7 * soft(all));
  expect(used.length - soft(used)).toBeLessThan(0.35 * (all.length - soft(all)));
});

describe("sine bursts", () => {
  const delays = Int32Array.from({ length: 200 }, (_, t) => t + 1);
  const bursts = { share: 0.25, level: 0.5, lowest: 0.01, highest: 0.4 };

  test("their share of the examples carries one, no louder than asked, and the same again from the seed", () => {
    const run = () => {
      const random = seededRandom(4);
      return Array.from({ length: 400 }, () => {
        const taps = new Float32Array(200);
        addBurst(taps, delays, 200, 2, bursts, random);
        return taps;
      });
    };
    const all = run();
    const carrying = all.filter((taps) => taps.some((x) => x !== 0));
    expect(Math.abs(carrying.length - 100)).toBeLessThan(35);
    // at its height a sine of RMS 0.5 times the taps' 2 reaches 1.414
    const peaks = carrying.map((taps) => Math.max(...taps.map(Math.abs)));
    expect(Math.max(...peaks)).toBeLessThanOrEqual(Math.SQRT2 + 1e-6);
    expect(Math.max(...peaks)).toBeGreaterThan(1.2);
    expect(run()).toEqual(all);
  });

  test("in a batch they are on the taps alone", () => {
    const options = { ...BASE, delays, batchSize: 64 };
    const recording = tinyPluck();
    const clean = new Examples(newCore("simd"), [recording], options).batch(3);
    const burst = new Examples(newCore("simd"), [recording], {
      ...options,
      sineBursts: { ...bursts, share: 1 },
    }).batch(3);
    expect([...burst.targets.dataSync()]).toEqual([...clean.targets.dataSync()]);
    expect([...burst.tapRms.dataSync()]).toEqual([...clean.tapRms.dataSync()]);
    expect([...burst.inputs.dataSync()]).not.toEqual([...clean.inputs.dataSync()]);
    disposeBatch(clean);
    disposeBatch(burst);
  });
});

describe("features", () => {
  const core = newCore("simd");
  const fading = Float32Array.from({ length: 6000 }, (_, n) => Math.sin(n / 5) * 10 ** (-n / 3000));

  test("their means are those of their measures: of a steady decay the decay itself", () => {
    const [decay, energy, drift] = withMeans(
      core,
      [fading],
      (["decay", "energy", "accumulated_decay"] as const).map((kind) => ({
        kind,
        window: 300,
        mean: null,
        scale: 1,
      })),
    );
    // amplitude falls by 10^(-1/3000) a sample, energy by twice that, over a window of 300
    expect(decay.mean).toBeCloseTo(-0.2, 2);
    expect(drift.mean).toBe(decay.mean);
    // from log10(1/2) at 600 samples to four decades less at the end, on average in the middle
    expect(energy.mean).toBeCloseTo(Math.log10(0.5) - 2.1, 1);
  });

  test("a trace is what the core's own meter says, from two windows on", () => {
    const feature = { kind: "decay" as const, window: 100, mean: -0.05, scale: 0.04 };
    const [trace] = featureTraces(core, fading, [feature], 40);
    expect(trace).toEqual(decayFeature(core, fading, { ...feature, halfLife: 40 }, 200));
    expect(trace.subarray(0, 200).every((x) => x === 0)).toBe(true);
    expect(trace.some((x) => x !== 0)).toBe(true);
  });

  test("a feature whose mean nobody measured cannot be trained on", () => {
    const feature = { kind: "decay" as const, window: 100, mean: null, scale: 0.04 };
    expect(() => featureTraces(core, fading, [feature], 40)).toThrow(
      "feature decay: expected its mean, got none",
    );
  });
});

describe("controls", () => {
  test("constant, note and velocity have their values by hand", () => {
    const notes = [
      { f0: 100, startDb: -10 },
      { f0: 200, startDb: -30 },
    ];
    const meanings = controlMeanings(
      [{ kind: "constant", value: 0.7 }, { kind: "note" }, { kind: "velocity" }],
      notes,
    );
    expect(controlValues(meanings, notes[0], 100)).toEqual([0.7, 0, 0.5]);
    expect(controlValues(meanings, notes[1], 100)).toEqual([0.7, 1, -0.5]);
  });

  test("a note's level is that of its first four periods", () => {
    const samples = Float32Array.from({ length: 1000 }, (_, n) => (n < 400 ? 0.1 : 1));
    expect(startLevelDb(samples, 1000, 10)).toBeCloseTo(-20, 5);
  });
});

describe("createExamples", () => {
  const config = tinyConfig({
    data: { notes: "several", symmetric: false },
    model: { controls: [{ kind: "note" }, { kind: "velocity" }] },
    training: { batchSize: 512 },
  });
  const header: ClassicHeader = {
    ...tinyHeader(config),
    controlMeanings: [{ kind: "note" }, { kind: "velocity", meanDb: -20 }],
  };
  const octave = Float32Array.from(
    { length: 12000 },
    (_, n) => 2 * Math.sin((2 * Math.PI * n * 2 * TINY_F0) / TINY_RATE),
  );
  const options = {
    config,
    header,
    core: newCore("simd"),
    recordings: [tinyPluck(), octave],
    notes: [
      { f0: TINY_F0 * 1.001, startDb: -20 },
      { f0: 2 * TINY_F0, startDb: 0 },
    ],
    further: [tinyPluck(2)],
  };

  test("each note is read at its own period, with its own controls", () => {
    const [own, other] = heardNotes(options);
    // within a few cents a recording is of the string's own note
    expect([own.f0, own.controls]).toEqual([TINY_F0, [0, 0]]);
    expect([other.f0, other.controls]).toEqual([2 * TINY_F0, [1, 1]]);
    expect(other.delays[0]).toBe(17);
    const examples = createExamples(options);
    const { clean } = examples.preview(300);
    const notes = Array.from(clean.targets, (_, e) => clean.extras(e)[0]);
    expect(new Set(notes)).toEqual(new Set([0, 1]));
    notes.forEach((note, e) => {
      if (note !== 1) return;
      // a sine an octave up repeats at its own period: tap 3 of T-3 .. T+2 is the target itself
      expect(Math.abs(clean.taps(e)[3] - clean.targets[e])).toBeLessThan(1e-4);
    });
  });

  test("nothing is held out of further files, and they are trained on", () => {
    const examples = createExamples(options);
    expect(examples.stretches.every(({ recording }) => recording < 2)).toBe(true);
    const without = createExamples({ ...options, further: [] });
    expect(examples.count - without.count).toBeGreaterThan(11000);
  });

  test("rollouts and several notes do not go together", () => {
    const rolled = tinyConfig({ data: { notes: "several" }, training: { rollout: {} } });
    expect(() => createExamples({ ...options, config: rolled })).toThrow(
      "training.rollout: expected one note, got another at 400.00 Hz; leave training.rollout or the other notes out",
    );
  });
});

describe("regularisation", () => {
  test("dropout silences its share of hidden units and keeps their sum on average", () => {
    const config = tinyConfig({ model: { hidden: [{ units: 1000, activation: "linear" }] } });
    const network = new TrainableMlp(tinyHeader(config), false, 1);
    const inputs = tf.ones([40, 21]) as tf.Tensor2D;
    const clean = network.predict(inputs).dataSync()[0];
    const dropped = [...network.predict(inputs, { share: 0.4, random: seededRandom(1) }).dataSync()];
    expect(new Set(dropped).size).toBeGreaterThan(30);
    const mean = dropped.reduce((sum, x) => sum + x, 0) / dropped.length;
    const spread = Math.sqrt(dropped.reduce((sum, x) => sum + (x - mean) ** 2, 0) / dropped.length);
    expect(Math.abs(mean - clean)).toBeLessThan((4 * spread) / Math.sqrt(40));
    network.dispose();
    inputs.dispose();
  });

  test("weight decay makes the weights smaller than without, and leaves biases alone", async () => {
    await chooseBackend("wasm");
    const size = async (weightDecay: number) => {
      const { end } = await trainTiny(tinyConfig({ model: { bias: true }, training: { weightDecay } }));
      const weights = [...end.parameters].filter(([name]) => name.endsWith("weight"));
      return weights.reduce((sum, [, { data }]) => sum + data.reduce((s, x) => s + x * x, 0), 0);
    };
    const [without, some] = [await size(0), await size(10)];
    // 40 steps at 1e-3 along a cosine: about 0.2 of 10 is taken away, twice that of the square
    expectWithin([some / without], [0.67], 0.1);
  });
});
