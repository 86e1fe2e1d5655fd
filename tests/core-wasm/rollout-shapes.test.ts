// Rollouts of every shape on the bare training kernels, between canaries: the sound equals the reference's, the way back
// stays finite, and neither reads nor writes beside its memory. What the gradients are worth is in rollout.test.ts.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Core } from "@neural-string/core-wasm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mulberry32 } from "../reference/random.ts";
import { rollOut } from "../reference/rollout.ts";
import { Cage } from "../support/canaries.ts";
import { expectWithin } from "../support/closeness.ts";
import { TOLERANCES } from "../support/kernel-tolerances.ts";

/** What is called here of the train build (src/rollout.ts has all of it). */
interface TrainExports {
  rolloutCreate(...shape: number[]): number;
  rolloutForward(rollout: number, count: number): void;
  rolloutBackward(rollout: number, count: number): void;
}

const FIELDS = [
  ...(["past", "y", "taps", "network", "controls", "weights", "gy", "tapSlopes", "slopes"] as const),
  "residual",
];

const shapes = fc.record({
  taps: fc.integer({ min: 1, max: 90 }),
  near: fc.integer({ min: 1, max: 80 }),
  filters: fc.integer({ min: 1, max: 4 }),
  hop: fc.integer({ min: 1, max: 90 }),
  hidden: fc.integer({ min: 1, max: 6 }),
  controls: fc.integer({ min: 0, max: 2 }),
  units: fc.integer({ min: 0, max: 3 }),
  count: fc.integer({ min: 1, max: 400 }),
  seed: fc.integer({ min: 1, max: 1e6 }),
});

describe.each(["train-simd", "train-relaxed"])("rollouts of any shape, %s", (build) => {
  const path = fileURLToPath(import.meta.resolve(`@neural-string/core-wasm/${build}.wasm`));
  const module = new WebAssembly.Module(readFileSync(path));

  test("sound as the reference, and keep to their memory", () => {
    const property = fc.property(shapes, ({ seed, count, units, ...shape }) => {
      const { taps, near, filters, hidden, controls } = shape;
      const longest = near + taps - 1;
      const period = Math.min(longest, near + Math.floor(taps / 2));
      const random = mulberry32(seed);
      const numbers = (length: number, most: number) =>
        Float32Array.from({ length }, () => most * (2 * random() - 1));
      const isMixed = filters > 1;
      // what the residual hears lies anywhere among the taps
      const skipped = Math.floor(taps * random());
      const heard = 1 + Math.floor((taps - skipped) * random());
      const residual = units > 0 ? { units, first: near + skipped, taps: heard } : undefined;
      const task = {
        past: numbers(2 * longest, 0.5),
        // every filter's gain stays below 0.97
        taps: numbers((1 + filters) * taps, 0.97 / taps),
        network: numbers(isMixed ? hidden * (controls + 3) + filters * (hidden + 1) : 0, 1),
        controls: numbers(isMixed ? controls : 0, 1),
        residual: numbers(units * (heard + 1), 0.1),
      };

      const core = new Core(module);
      const wasm = core.exports as unknown as TrainExports;
      const cage = new Cage(core);
      cage.guard();
      const { first = 0, taps: hears = 0 } = residual ?? {};
      const mixture = [shape.hop, hidden, controls] as const;
      const rollout = wasm.rolloutCreate(
        ...[taps, near, period, filters, ...mixture, units, first, hears, count],
      );
      cage.guard();
      const list = core.i32(rollout, FIELDS.length);
      const at = Object.fromEntries(FIELDS.map((name, i) => [name, list[i]]));
      for (const [name, values] of Object.entries(task)) core.f32(at[name], values.length).set(values);
      wasm.rolloutForward(rollout, count);
      const network = Float32Array.of(...task.network, ...task.residual);
      const expected = rollOut({ ...shape, ...task, network, residual, period, count }).rollout;
      expectWithin(core.f32(at.y, count), expected, TOLERANCES.rollout.limit, build);

      core.f32(at.gy, count).set(numbers(count, 1));
      wasm.rolloutBackward(rollout, count);
      const slopes = new Float64Array(core.exports.memory.buffer, at.tapSlopes, task.taps.length);
      expect(slopes.every(Number.isFinite), "nothing was read beside the lines").toBe(true);
      expect(slopes.some((x) => x !== 0)).toBe(true);
      expect(cage.deadCanaries).toBe(0);
    });
    fc.assert(property, { numRuns: 30, seed: 9 });
  });
});
