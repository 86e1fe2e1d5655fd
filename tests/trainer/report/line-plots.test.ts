// The axes of the report's line plots: whatever range is shown, values can be read off.
import "@neural-string/trainer/report/page/line-plots.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const { logTicks, labelsOf } = (
  globalThis as unknown as {
    linePlots: {
      logTicks(low: number, high: number): number[];
      labelsOf(axis: { fromOne?: boolean }, ticks: (number | null)[]): (string | null)[];
    };
  }
).linePlots;

describe("a logarithmic axis", () => {
  test.each([
    [25, 95, ["40", "60", "80"]],
    [0.3, 0.9, ["0.4", "0.6", "0.8"]],
    [1, 10, ["1", "2", "5", "10"]],
    [8, 3000, ["10", "20", "50", "100", "200", "500", "1000", "2000"]],
    [1e-5, 1, ["0.00001", "0.0001", "0.001", "0.01", "0.1", "1"]],
  ])("from %d to %d", (low, high, labels) => {
    const plain = labelsOf({}, logTicks(low, high)).map((label) => String(Number(label)));
    expect(plain).toEqual(labels.map((label) => String(Number(label))));
  });

  test("has at least three ticks within any range, each with a label of its own", () => {
    const positive = fc.double({ min: -8, max: 8, noNaN: true }).map((power) => 10 ** power);
    fc.assert(
      fc.property(positive, fc.double({ min: 1e-4, max: 12, noNaN: true }), (low, wide) => {
        const high = low * 10 ** wide;
        const ticks = logTicks(low, high);
        expect(ticks.length).toBeGreaterThanOrEqual(3);
        for (const tick of ticks) {
          expect(tick).toBeGreaterThanOrEqual(low * 0.998);
          expect(tick).toBeLessThanOrEqual(high * 1.002);
        }
        expect(new Set(labelsOf({}, ticks)).size).toBe(ticks.length);
      }),
    );
  });
});

test("labels that three digits cannot tell apart get more", () => {
  expect(labelsOf({}, [10_100, 10_110, null])).toEqual(["10.1k", "10.11k", null]);
});
