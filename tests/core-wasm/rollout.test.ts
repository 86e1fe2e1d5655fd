// Rollouts and their gradients against the float64 reference, on both train builds: the sound, the loss, and every
// parameter's gradient by central differences.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { RolloutTrainer } from "@neural-string/core-wasm/rollout";
import { describe, expect, test } from "vitest";
import { rollOut } from "../reference/rollout.ts";
import { referenceLosses, type TaskParameters, taskSlope } from "../reference/rollout-losses.ts";
import { CASES, type Case, makeTask, shapeOf } from "../reference/rollout-task.ts";
import { TOLERANCES } from "../support/kernel-tolerances.ts";

const BUILDS = ["train-simd", "train-relaxed"] as const;
const bytes = Object.fromEntries(
  BUILDS.map((build) => [
    build,
    readFileSync(fileURLToPath(import.meta.resolve(`@neural-string/core-wasm/${build}.wasm`))),
  ]),
);

describe.each(BUILDS)("RolloutTrainer, %s", (build) => {
  const trainerOf = (c: Case) => new RolloutTrainer(bytes[build], shapeOf(c));

  test.each(CASES)(
    "the rollout, its losses and every gradient equal float64's: $taps taps from $near, $filters filters, $count",
    (c) => {
      const task = makeTask(c);
      const result = trainerOf(c).run(task);
      const { rollout, weights, gradientTaps, gradientNetwork } = result;

      const expected = rollOut({ ...shapeOf(c), ...task });
      const worst = Math.max(...expected.rollout.map((y, n) => Math.abs(y - rollout[n])));
      expect(worst, "largest difference of a sample").toBeLessThan(TOLERANCES.rollout.limit);
      expect(weights.length).toBe(expected.weights.length);
      const worstWeight = Math.max(0, ...expected.weights.map((s, i) => Math.abs(s - weights[i])));
      expect(worstWeight, "largest difference of a weight").toBeLessThan(1e-5);
      const losses = referenceLosses(c, task);
      for (const name of ["loss", "waveLoss", "spectralLoss", "decayLoss"] as const) {
        expect(result[name], name).toBeCloseTo(losses[name], 5);
      }

      const check = (of: keyof TaskParameters, gradient: Float64Array, stride: number) => {
        for (let i = 0; i < gradient.length; i += stride) {
          const d = taskSlope(c, task, of, i);
          const error = Math.abs(gradient[i] - d);
          const limit = TOLERANCES.rolloutGradient.limit * (0.1 + Math.abs(d));
          expect(error, `${of}[${i}]: ${gradient[i]} for ${d}`).toBeLessThan(limit);
        }
      };
      const isLong = c.count > 1000;
      check("taps", gradientTaps, Math.max(1, Math.floor(c.taps / (isLong ? 2 : 7))));
      check("network", gradientNetwork, isLong ? 5 : 1);
    },
  );
});
