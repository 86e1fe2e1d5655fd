import {
  type Metrics,
  MetricsSchema,
  parseJsonOrExplain,
  parseOrExplain,
  UserError,
} from "@neural-string/shared";
import { describe, expect, test } from "vitest";

const metrics: Metrics = {
  lsdDb: 3,
  edrDb: 2,
  edcDb: 1,
  partialDb: null,
  cents: 0.5,
  endRmsDb: -40,
  targetEndRmsDb: -41,
  dcEnd: -0.001,
  seconds: 5,
  partials: [{ partial: 1, frequency: 82.4, cents: -0.5, t60Seconds: 4, t60Ratio: null }],
};

describe("MetricsSchema", () => {
  test("measured metrics are kept as they are", () => {
    expect(parseJsonOrExplain(MetricsSchema, JSON.stringify(metrics), "metrics.json")).toEqual(metrics);
  });

  test.each([
    [{ lsdDb: Number.NaN }, "lsdDb: expected a finite number, got NaN"],
    [{ endRmsDb: -Infinity }, "endRmsDb: expected a finite number, got -Infinity"],
    [{ edrDb: -1 }, "edrDb: expected at least 0, got -1"],
    [{ seconds: 0 }, "seconds: expected more than 0, got 0"],
    [{ cents: null }, "cents: expected a number, got null"],
    [
      { partials: [{ ...metrics.partials[0], partial: 0 }] },
      "partials.0.partial: expected at least 1, got 0",
    ],
    [
      { partials: [{ ...metrics.partials[0], t60Seconds: Number.NaN }] },
      "partials.0.t60Seconds: expected a finite number, got NaN",
    ],
  ])("%j is refused", (change, expected) => {
    expect(() => parseOrExplain(MetricsSchema, { ...metrics, ...change }, "metrics.json")).toThrow(
      new UserError(`metrics.json: ${expected}`),
    );
  });
});
