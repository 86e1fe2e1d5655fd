// Rollouts and their gradients against the float64 reference, on both train builds: the sound, the loss, and every
// tap's gradient by central differences; then laws that hold for any loop.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { RolloutTrainer } from "@neural-string/core-wasm/rollout";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mulberry32 } from "../reference/random.ts";
import { rollOut, spectralLoss, waveLoss } from "../reference/rollout.ts";

const BUILDS = ["train-simd", "train-relaxed"] as const;
const bytes = Object.fromEntries(
  BUILDS.map((build) => [
    build,
    readFileSync(fileURLToPath(import.meta.resolve(`@neural-string/core-wasm/${build}.wasm`))),
  ]),
);

interface Case {
  taps: number;
  near: number;
  count: number;
  frameSizes: number[];
  seed: number;
}

/** A lively but decaying pair of loops, a random past and target, all float32. */
function makeTask({ taps, near, count, frameSizes, seed }: Case) {
  const random = mulberry32(seed);
  const noise = (length: number, scale: number) =>
    Float32Array.from({ length }, () => scale * (2 * random() - 1));
  const gain = 0.9 / Math.sqrt(taps);
  return {
    past: noise(2 * (near + taps - 1), 1),
    target: noise(count, 0.7),
    h: noise(taps, gain),
    hb: noise(taps, gain),
    floors: frameSizes.map((size) => noise(size / 2 + 1, 0.02).map((x) => 0.3 + x)),
    waveSamples: Math.min(count, 2 * near),
    waveWeight: 0.7,
    spectralWeight: 0.4,
  };
}

/** The whole loss in float64, for any taps. */
function referenceLoss(
  c: Case,
  task: ReturnType<typeof makeTask>,
  h: ArrayLike<number>,
  hb: ArrayLike<number>,
): number {
  const y = rollOut({ near: c.near, past: task.past, h, hb, count: c.count });
  const rms = Math.sqrt(task.past.reduce((sum, x) => sum + x * x, 0) / task.past.length);
  const spectral = c.frameSizes.reduce(
    (sum, size, i) => sum + spectralLoss(y, task.target, size, task.floors[i]),
    0,
  );
  return (
    task.waveWeight * waveLoss(y, task.target, task.waveSamples, 1 / (rms + 1e-5)) +
    task.spectralWeight * spectral
  );
}

const CASES: Case[] = [
  { taps: 37, near: 50, count: 400, frameSizes: [64, 128], seed: 1 },
  { taps: 64, near: 33, count: 301, frameSizes: [32], seed: 2 },
  { taps: 5, near: 1, count: 90, frameSizes: [16], seed: 3 },
  { taps: 32, near: 200, count: 150, frameSizes: [128], seed: 4 }, // shorter than one trip
];

describe.each(BUILDS)("RolloutTrainer, %s", (build) => {
  test.each(CASES)("the rollout, its loss and every gradient equal float64's: $taps taps from $near", (c) => {
    const task = makeTask(c);
    const trainer = new RolloutTrainer(bytes[build], { ...c, mostSamples: c.count });
    const { loss, rollout, gradientH, gradientHb } = trainer.run(task);

    const expected = rollOut({ ...task, near: c.near, count: c.count });
    const worst = Math.max(...expected.map((y, n) => Math.abs(y - rollout[n])));
    expect(worst, "largest difference of a sample").toBeLessThan(3e-6); // float32 sums of some dozen terms
    expect(loss).toBeCloseTo(referenceLoss(c, task, task.h, task.hb), 5);

    const step = 1e-5;
    const moved = (taps: Float32Array, j: number, by: number) =>
      Array.from(taps, (x, i) => (i === j ? x + by : x));
    for (let j = 0; j < c.taps; j += Math.max(1, Math.floor(c.taps / 7))) {
      const slope = (loss: (by: number) => number) => (loss(step) - loss(-step)) / (2 * step);
      const dh = slope((by) => referenceLoss(c, task, moved(task.h, j, by), task.hb));
      const dhb = slope((by) => referenceLoss(c, task, task.h, moved(task.hb, j, by)));
      // a spectral cell that crosses its target within the step bends the difference, not the gradient
      expect(Math.abs(gradientH[j] - dh), `h[${j}]`).toBeLessThan(2e-3 * (1 + Math.abs(dh)));
      expect(Math.abs(gradientHb[j] - dhb), `hb[${j}]`).toBeLessThan(2e-3 * (1 + Math.abs(dhb)));
    }
  });

  test("a rollout that is its own target costs nothing and asks for nothing", () => {
    const c = CASES[0];
    const task = makeTask(c);
    const trainer = new RolloutTrainer(bytes[build], { ...c, mostSamples: c.count });
    const target = trainer.run(task).rollout.slice();
    const { loss, gradientH, gradientHb } = trainer.run({ ...task, target });
    expect(loss).toBe(0);
    expect(gradientH.every((g) => g === 0) && gradientHb.every((g) => g === 0)).toBe(true);
  });

  test("the same task gives the same bits, whatever ran before", () => {
    const c = CASES[1];
    const trainer = new RolloutTrainer(bytes[build], { ...c, mostSamples: c.count });
    const first = trainer.run(makeTask(c));
    const kept = { ...first, rollout: first.rollout.slice() };
    trainer.run({ ...makeTask({ ...c, seed: 99 }), target: makeTask(c).target.subarray(0, 100) });
    expect(trainer.run(makeTask(c))).toEqual(kept);
  });

  test("loops of any shape equal float64's", () => {
    const shape = fc.record({
      taps: fc.integer({ min: 1, max: 70 }),
      near: fc.integer({ min: 1, max: 90 }),
      count: fc.integer({ min: 1, max: 200 }),
      seed: fc.integer({ min: 1, max: 1e6 }),
    });
    fc.assert(
      fc.property(shape, (drawn) => {
        const c = { ...drawn, frameSizes: [] };
        const task = makeTask(c);
        const { rollout } = new RolloutTrainer(bytes[build], { ...c, mostSamples: c.count }).run(task);
        const expected = rollOut({ ...task, near: c.near, count: c.count });
        const scale = Math.max(1, ...expected.map(Math.abs));
        return expected.every((y, n) => Math.abs(y - rollout[n]) < 1e-5 * scale);
      }),
      { numRuns: 60, seed: 7 },
    );
  });

  test("arrays of the wrong length are refused by name", () => {
    const c = CASES[2];
    const task = makeTask(c);
    const trainer = new RolloutTrainer(bytes[build], { ...c, mostSamples: c.count });
    expect(() => trainer.run({ ...task, past: new Float32Array(3) })).toThrow(
      "past: expected 10 numbers, got 3",
    );
    expect(() => trainer.run({ ...task, target: new Float32Array(91) })).toThrow(
      "target: expected 1 to 90 samples, got 91",
    );
    expect(() => trainer.run({ ...task, floors: [] })).toThrow("floors.0: expected 9 numbers, got none");
    expect(() => new RolloutTrainer(bytes[build], { ...c, mostSamples: 9, frameSizes: [12] })).toThrow(
      "frameSizes: expected powers of two from 8 on, got 12",
    );
  });
});
