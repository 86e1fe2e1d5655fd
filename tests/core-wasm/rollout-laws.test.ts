// What holds for the rollouts of any string, on both train builds; and what is refused.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { RolloutTrainer } from "@neural-string/core-wasm/rollout";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rollOut } from "../reference/rollout.ts";
import { CASES, type Case, makeTask, shapeOf } from "../reference/rollout-task.ts";

const BUILDS = ["train-simd", "train-relaxed"] as const;
const bytes = Object.fromEntries(
  BUILDS.map((build) => [
    build,
    readFileSync(fileURLToPath(import.meta.resolve(`@neural-string/core-wasm/${build}.wasm`))),
  ]),
);

describe.each(BUILDS)("RolloutTrainer, %s", (build) => {
  const trainerOf = (c: Case) => new RolloutTrainer(bytes[build], shapeOf(c));

  test.each([CASES[0], CASES[5], CASES[9], CASES[12]])(
    "a rollout that is its own target costs nothing and asks for nothing: $filters filters",
    (c) => {
      const task = { ...makeTask(c), decayNoise: new Float32Array(c.decayBands ? 5 : 0) };
      const trainer = trainerOf(c);
      const target = trainer.run(task).rollout.slice();
      const { loss, gradientTaps, gradientNetwork } = trainer.run({ ...task, target });
      expect(loss).toBe(0);
      expect(gradientTaps.every((g) => g === 0) && gradientNetwork.every((g) => g === 0)).toBe(true);
    },
  );

  test.each([CASES[1], CASES[5], CASES[9], CASES[12]])(
    "the same task gives the same bits, whatever ran before: $filters filters",
    (c) => {
      const trainer = trainerOf(c);
      const first = trainer.run(makeTask(c));
      const kept = { ...first, rollout: first.rollout.slice(), weights: first.weights.slice() };
      trainer.run({ ...makeTask({ ...c, seed: 99 }), target: makeTask(c).target.subarray(0, 100) });
      trainer.run({ ...makeTask({ ...c, seed: 98 }), target: makeTask({ ...c, seed: 97 }).target });
      expect(trainer.run(makeTask(c))).toEqual(kept);
      const fresh = trainerOf(c).run(makeTask(c));
      expect(fresh).toEqual(kept);
    },
  );

  test("rolling only sounds as a run does", () => {
    const c = CASES[5];
    const task = makeTask(c);
    const trainer = trainerOf(c);
    const { rollout, weights } = trainer.roll({ ...task, count: c.count });
    const kept = { rollout: rollout.slice(), weights: weights.slice() };
    expect(trainer.run(task)).toMatchObject(kept);
    const shorter = trainer.roll({ ...task, count: 100 });
    expect(shorter.rollout).toEqual(kept.rollout.subarray(0, 100));
    expect(shorter.weights).toEqual(kept.weights.subarray(0, 2 * c.filters));
  });

  test("loops of any shape equal float64's", () => {
    const shape = fc.record({
      taps: fc.integer({ min: 1, max: 70 }),
      near: fc.integer({ min: 1, max: 90 }),
      count: fc.integer({ min: 1, max: 200 }),
      filters: fc.integer({ min: 1, max: 4 }),
      hop: fc.integer({ min: 1, max: 120 }),
      hidden: fc.integer({ min: 1, max: 5 }),
      controls: fc.integer({ min: 0, max: 3 }),
      seed: fc.integer({ min: 1, max: 1e6 }),
    });
    fc.assert(
      fc.property(shape, (c) => {
        const task = makeTask(c);
        const { rollout } = trainerOf(c).run(task);
        const expected = rollOut({ ...shapeOf(c), ...task }).rollout;
        const scale = Math.max(1, ...expected.map(Math.abs));
        return expected.every((y, n) => Math.abs(y - rollout[n]) < 2e-5 * scale);
      }),
      { numRuns: 60, seed: 7 },
    );
  });

  test("the mixture's squared weights sum to one, whatever the network says", () => {
    const c = CASES[5];
    const task = makeTask(c);
    const network = task.network.map((w) => 300 * w); // some softmaxes all but saturate
    const { weights } = trainerOf(c).roll({ ...task, network, count: c.count });
    for (let i = 0; i < weights.length; i += c.filters) {
      const sum = weights.subarray(i, i + c.filters).reduce((total, s) => total + s * s, 0);
      expect(Math.abs(sum - 1)).toBeLessThan(3e-7); // three float32 roundings
    }
  });

  test.each([CASES[11], CASES[12]])(
    "a residual is odd, and none where it weighs 0: $filters filters",
    (c) => {
      const task = makeTask(c);
      const trainer = trainerOf(c);
      const roll = (change: object) => trainer.roll({ ...task, ...change, count: c.count }).rollout.slice();
      const plain = roll({});
      expect(roll({ past: task.past.map((x) => -x) })).toEqual(plain.map((y) => -y));

      const own = task.network.length - (c.residual?.units ?? 0) * ((c.residual?.taps ?? 0) + 1);
      const silent = roll({ network: task.network.map((w, i) => (i < own ? w : 0)) });
      const without = trainerOf({ ...c, residual: undefined });
      const { rollout } = without.roll({ ...task, network: task.network.subarray(0, own), count: c.count });
      expect(silent).toEqual(rollout);
      expect(plain).not.toEqual(rollout);
    },
  );

  test("a residual that hears what the loops do not is refused", () => {
    const c = CASES[11];
    const refused = (residual: object, message: string) =>
      expect(() => trainerOf({ ...c, residual: { units: 3, first: 61, taps: 9, ...residual } })).toThrow(
        message,
      );
    refused({ first: 49 }, "residual: expected delays from 50 to 86, the loops' own, got 49 to 57");
    refused({ first: 79 }, "residual: expected delays from 50 to 86, the loops' own, got 79 to 87");
    refused({ units: 0 }, "residual.units: expected a whole number from 1 on, got 0");
  });

  test("a rollout shorter than a frame has no decay loss", () => {
    const c = CASES[9];
    const task = makeTask(c);
    const { decayLoss } = trainerOf(c).run({ ...task, target: task.target.subarray(0, 2047) });
    expect(decayLoss).toBe(0);
  });

  test("arrays of the wrong length are refused by name", () => {
    const linear = CASES[2];
    const task = makeTask(linear);
    const trainer = trainerOf(linear);
    const refused = (change: object, message: string) =>
      expect(() => trainer.run({ ...task, ...change })).toThrow(message);
    refused({ past: new Float32Array(3) }, "past: expected 10 numbers, got 3");
    refused({ target: new Float32Array(91) }, "target: expected 1 to 90 samples, got 91");
    refused({ taps: new Float32Array(5) }, "taps: expected 10 numbers, got 5");
    refused({ network: new Float32Array(1) }, "network: expected 0 numbers, got 1");
    refused({ floors: [] }, "floors.0: expected 9 numbers, got none");
    refused({ decayNoise: new Float32Array(2) }, "decayNoise: expected 0 numbers, got 2");
    expect(() => trainer.roll({ ...task, count: 0 })).toThrow("count: expected 1 to 90 samples, got 0");

    const mixed = CASES[5];
    expect(() => trainerOf(mixed).run({ ...makeTask(mixed), network: new Float32Array(9) })).toThrow(
      "network: expected 43 numbers, got 9",
    );
    expect(() => trainerOf(mixed).run({ ...makeTask(mixed), controls: new Float32Array(0) })).toThrow(
      "controls: expected 2 numbers, got 0",
    );
  });

  test("shapes that make no sense are refused by name", () => {
    const refused = (change: object, message: string) =>
      expect(() => new RolloutTrainer(bytes[build], { ...shapeOf(CASES[5]), ...change })).toThrow(message);
    refused({ frameSizes: [12] }, "frameSizes: expected powers of two from 16 on, got 12");
    refused({ filters: 0 }, "filters: expected a whole number from 1 on, got 0");
    refused({ hop: 0 }, "hop: expected a whole number from 1 on, got 0");
    refused({ period: 103 }, "period: expected at most the longest delay, 102 samples, got 103");
    refused(
      { decayBands: Int32Array.of(4, 4) },
      "decayBands: expected at least two ascending bin numbers from 0 to 1025, got 4, 4",
    );
  });
});
