// Stages laid out over steps: every step in one stage, by shares, in order; rates that fall within each.
import { SequenceSchema, type StageConfig } from "@neural-string/shared";
import { planStages, stageRate } from "@neural-string/trainer/core/passive/curriculum";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const [stage] = SequenceSchema.parse({}).stages;
const withShares = (shares: readonly number[]): StageConfig[] => shares.map((share) => ({ ...stage, share }));

describe("planStages", () => {
  test("lays the default stages out", () => {
    const plan = planStages(SequenceSchema.parse({}).stages, 1000);
    expect(plan.map(({ index, from, to }) => [index, from, to])).toEqual([
      [0, 0, 120],
      [1, 120, 420],
      [2, 420, 850],
      [3, 850, 1000],
    ]);
  });

  test("every step belongs to one stage, in order, each within a step of its share", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.01, max: 5, noNaN: true }), { minLength: 1, maxLength: 16 }),
        fc.integer({ min: 1, max: 100000 }),
        (shares, steps) => {
          const plan = planStages(withShares(shares), steps);
          const total = shares.reduce((sum, share) => sum + share, 0);
          let done = 0;
          plan.forEach(({ from, to }, i) => {
            expect(from).toBe(done);
            expect(to).toBeGreaterThanOrEqual(from);
            expect(Math.abs(to - from - (steps * shares[i]) / total)).toBeLessThanOrEqual(1 + 1e-9);
            done = to;
          });
          expect(done).toBe(steps);
        },
      ),
    );
  });

  test("with few steps, stages are empty rather than stretched", () => {
    expect(planStages(withShares([1, 1, 1, 1]), 2).map(({ from, to }) => to - from)).toEqual([1, 0, 1, 0]);
  });
});

describe("stageRate", () => {
  test("begins at the stage's rate and falls linearly towards a tenth of it", () => {
    const [, second] = planStages(withShares([1, 1]), 200);
    const own = { ...second, config: { ...second.config, rate: 4 } };
    expect(stageRate(own, 100)).toBe(4);
    expect(stageRate(own, 150)).toBeCloseTo(2.2, 12);
    expect(stageRate(own, 199)).toBeCloseTo(4 * (0.1 + 0.9 * 0.01), 12);
  });
});
