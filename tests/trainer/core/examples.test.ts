// The training examples: which, how often, in which order, and that a batch holds what a plain loop gathers.
import { chooseBackend } from "@neural-string/trainer/backend";
import { disposeBatch, type ExampleOptions, Examples } from "@neural-string/trainer/core/examples";
import { isTrainable } from "@neural-string/trainer/core/held-out";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { expectSameBits, expectWithin } from "../../support/closeness.ts";
import { newCore } from "../../support/core-builds.ts";

beforeAll(async () => {
  await chooseBackend("cpu");
});

// every sample has a value of its own, so that a target tells which it is
const recordings = [300, 220].map((length, r) => Float32Array.from({ length }, (_, n) => 1000 * r + n + 1));
const delays = Int32Array.of(12, 11, 10, 3, 7);
const LONGEST = 12;

function examples(changes: Partial<ExampleOptions> = {}): Examples {
  return new Examples(newCore("simd"), recordings, {
    delays,
    extras: 0,
    mirrored: false,
    inputNoise: 0,
    batchSize: 1,
    seed: 1,
    stretches: 2,
    stretchSamples: 20,
    ...changes,
  });
}

/** The numbers of one batch. */
function read(set: Examples, step: number) {
  const batch = set.batch(step);
  const numbers = {
    inputs: [...batch.inputs.dataSync()],
    targets: [...batch.targets.dataSync()],
    tapRms: [...batch.tapRms.dataSync()],
    shape: batch.inputs.shape,
  };
  disposeBatch(batch);
  return numbers;
}

/** The targets of the epoch's steps, in their order. */
function epoch(set: Examples, which = 0): number[] {
  return Array.from(
    { length: set.stepsPerEpoch },
    (_, i) => read(set, which * set.stepsPerEpoch + i).targets,
  ).flat();
}

/** Values of the samples that may be trained on. */
function trainable({ stretches }: Examples): number[] {
  return recordings.flatMap((recording, r) => {
    const own = stretches.filter((stretch) => stretch.recording === r);
    return [...recording].filter((_, n) => n >= LONGEST && isTrainable(n, LONGEST, own));
  });
}

const sorted = (numbers: number[]) => numbers.toSorted((a, b) => a - b);

describe("Examples", () => {
  test("an epoch has every trainable sample exactly once", () => {
    const set = examples();
    expect(sorted(epoch(set))).toEqual(trainable(set));
    expect(sorted(epoch(set, 3))).toEqual(trainable(set));
  });

  test("mirrored, an epoch has each twice: as recorded, and with all signs reversed", () => {
    const set = examples({ mirrored: true });
    const seen = epoch(set);
    expect(sorted(seen.filter((t) => t > 0))).toEqual(trainable(set));
    expect(sorted(seen.filter((t) => t < 0).map((t) => -t))).toEqual(trainable(set));
  });

  test("the order follows from seed and epoch alone", () => {
    const first = examples();
    const order = [0, 1, 2].map((which) => epoch(first, which));
    const again = examples();
    expect([2, 0, 1].map((which) => epoch(again, which))).toEqual([order[2], order[0], order[1]]);
    expect(order[0]).not.toEqual(order[1]);
    expect(epoch(examples({ seed: 2 }))).not.toEqual(order[0]);
  });

  test("the same examples come whatever the batch size", () => {
    const order = epoch(examples());
    const batched = epoch(examples({ batchSize: 7 }));
    expect(batched).toEqual(order.slice(0, batched.length));
    expect(order.length - batched.length).toBeLessThan(7);
  });

  test("a batch is what a plain loop gathers, mirrored examples with their taps", () => {
    const set = examples({ mirrored: true, batchSize: 16, extras: 2 });
    const { inputs, targets, tapRms, shape } = read(set, 5);
    expect(shape).toEqual([16, 7]);
    targets.forEach((target, e) => {
      const value = Math.abs(target);
      const [recording, n] = value > 1000 ? [recordings[1], value - 1001] : [recordings[0], value - 1];
      const taps = [...delays].map((delay) => Math.sign(target) * recording[n - delay]);
      expectSameBits(inputs.slice(7 * e, 7 * e + 7), [...taps, 0, 0]);
      const rms = Math.sqrt(taps.reduce((sum, x) => sum + x * x, 0) / taps.length);
      expectWithin([tapRms[e]], [rms], 1e-6 * rms);
    });
  });

  test("a batch larger than all there is becomes as large as that", () => {
    const set = examples({ batchSize: 65536 });
    expect([set.batchSize, set.stepsPerEpoch]).toEqual([set.count, 1]);
  });

  test("held-out examples are the stretches' own samples, and no training", () => {
    const set = examples();
    const batch = set.heldOutBatch();
    if (batch === null) return expect.fail("nothing held out");
    const held = [...batch.targets.dataSync()];
    disposeBatch(batch);
    const wanted = set.stretches.flatMap(({ recording, start, end }) => [
      ...recordings[recording].slice(start, end),
    ]);
    expect(held).toEqual(wanted);
    expect(held.filter((t) => trainable(set).includes(t))).toEqual([]);
  });

  test("input noise moves the taps by its share of their RMS, and nothing else", () => {
    const clean = examples({ batchSize: 200 });
    const noisy = examples({ batchSize: 200, inputNoise: 0.01 });
    const [a, b] = [read(clean, 1), read(noisy, 1)];
    expect(b.targets).toEqual(a.targets);
    expect(b.tapRms).toEqual(a.tapRms);
    const share = b.inputs.map((x, i) => (x - a.inputs[i]) / a.tapRms[Math.floor(i / 5)]);
    const rms = Math.sqrt(share.reduce((sum, x) => sum + x * x, 0) / share.length);
    // a thousand uniform numbers: their RMS has a standard deviation of 1.4 %
    expect(Math.abs(rms / 0.01 - 1)).toBeLessThan(0.07);
    expect(read(noisy, 1)).toEqual(b);
    expect(read(examples({ batchSize: 200, inputNoise: 0.01, seed: 2 }), 1).inputs).not.toEqual(b.inputs);
  });

  test("disposing a batch frees all of it", () => {
    const set = examples();
    const before = tf.memory().numTensors;
    disposeBatch(set.batch(0));
    expect(tf.memory().numTensors).toBe(before);
  });
});
