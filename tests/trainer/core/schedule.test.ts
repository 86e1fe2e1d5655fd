// The learning-rate schedules, by their values.
import { scheduleFactor } from "@neural-string/trainer/core/schedule";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

describe("scheduleFactor", () => {
  test("constant stays 1", () => {
    expect([0, 5, 99].map((step) => scheduleFactor({ name: "constant" }, step, 100))).toEqual([1, 1, 1]);
  });

  test("cosine goes from 1 through the middle to its final value at the last step", () => {
    const at = (step: number) => scheduleFactor({ name: "cosine", final: 0.2 }, step, 101);
    expect(at(0)).toBe(1);
    expect(at(25)).toBeCloseTo(0.2 + 0.8 * 0.5 * (1 + Math.SQRT1_2), 12);
    expect(at(50)).toBeCloseTo(0.6, 12);
    expect(at(100)).toBeCloseTo(0.2, 12);
  });

  test("linear and exponential go to their final value along a line and by equal factors", () => {
    const linear = (step: number) => scheduleFactor({ name: "linear", final: 0.2 }, step, 101);
    expect([0, 50, 100].map(linear)).toEqual([1, expect.closeTo(0.6, 12), expect.closeTo(0.2, 12)]);
    const exponential = (step: number) => scheduleFactor({ name: "exponential", final: 0.01 }, step, 101);
    expect([0, 50, 100].map(exponential)).toEqual([1, expect.closeTo(0.1, 12), expect.closeTo(0.01, 12)]);
    expect(scheduleFactor({ name: "exponential", final: 0.01 }, 0, 1)).toBe(1);
  });

  test("a warm-up rises in equal steps to what the schedule says", () => {
    const at = (step: number) => scheduleFactor({ name: "linear", final: 0 }, step, 101, 4);
    expect([0, 1, 2].map(at)).toEqual([0.25, 0.5 * 0.99, 0.75 * 0.98]);
    expect(at(3)).toBeCloseTo(0.97, 12);
    expect(at(50)).toBeCloseTo(0.5, 12);
  });

  test("cosine never rises and stays between its final value and 1", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (steps, final) => {
          let before = 1;
          for (let step = 0; step < steps; step++) {
            const factor = scheduleFactor({ name: "cosine", final }, step, steps);
            expect(factor).toBeLessThanOrEqual(before + 1e-12);
            expect(factor).toBeGreaterThanOrEqual(final - 1e-12);
            before = factor;
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  test("a run of one step takes it at the full rate", () => {
    expect(scheduleFactor({ name: "cosine", final: 0 }, 0, 1)).toBe(1);
  });

  test("step multiplies by its factor every so many steps", () => {
    const at = (step: number) => scheduleFactor({ name: "step", factor: 0.5, steps: 10 }, step, 100);
    expect([0, 9, 10, 19, 20, 35].map(at)).toEqual([1, 1, 0.5, 0.5, 0.25, 0.125]);
  });
});
