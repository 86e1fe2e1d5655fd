import { closedLoopError, WORST_SCORE } from "@neural-string/trainer/measure/closed-loop";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { syntheticString } from "../../support/synthetic-string.ts";

const string = { sampleRate: 44100, seconds: 0.5, f0: 82.5, t60: 4, damping: 0.02 };
const target = syntheticString(string);
const score = (change: object) =>
  closedLoopError(syntheticString({ ...string, ...change }), target, 44100, 82.5).score;

describe("closedLoopError", () => {
  test("is 0 for the target itself", () => {
    expect(closedLoopError(target, target, 44100, 82.5)).toEqual({
      edrDb: 0,
      edcDb: 0,
      endLevelDb: 0,
      dcEnd: 0,
      score: 0,
    });
  });

  test("is always finite and at most 200, whatever the render", () => {
    const value = fc.oneof(
      fc.double(),
      fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 1e308, 1e-310, 0),
    );
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 8 }), (pattern) => {
        const render = target.map((_, n) => pattern[n % pattern.length]);
        const error = closedLoopError(render, target, 44100, 82.5);
        expect(Object.values(error).every(Number.isFinite), JSON.stringify(error)).toBe(true);
        expect(error.score).toBeLessThanOrEqual(WORST_SCORE);
        if (!pattern.every(Number.isFinite)) expect(error.score).toBe(WORST_SCORE);
      }),
      { numRuns: 20, seed: 4 },
    );
  });

  test("does not change when both sounds are scaled alike", () => {
    const render = syntheticString({ ...string, t60: 3 });
    const scores = [1, 1e-3, 1e3].map(
      (gain) =>
        closedLoopError(
          render.map((v) => gain * v),
          target.map((v) => gain * v),
          44100,
          82.5,
        ).score,
    );
    for (const s of scores) expect(s).toBeCloseTo(scores[0], 2);
  });

  test("grows with the distance from the right decay, on either side", () => {
    expect(score({ t60: 3 })).toBeLessThan(score({ t60: 2 }));
    expect(score({ t60: 2 })).toBeLessThan(score({ t60: 0.5 }));
    expect(score({ t60: 6 })).toBeLessThan(score({ t60: 100 }));
    expect(score({ t60: 100 })).toBeLessThan(score({ t60: -1 }));
  });

  test("punishes an offset that no band shows, but not a cut last period", () => {
    const right = closedLoopError(target, target, 44100, 82.5);
    const shifted = closedLoopError(
      target.map((v) => v + 0.02),
      target,
      44100,
      82.5,
    );
    expect(shifted.dcEnd).toBeGreaterThan(0.02);
    expect(shifted.score - shifted.edrDb).toBeGreaterThan(10);
    expect(right.score).toBe(0);
    const detuned = closedLoopError(syntheticString({ ...string, f0: 82.6 }), target, 44100, 82.5);
    expect(Math.abs(detuned.dcEnd)).toBeLessThan(1e-4);
  });

  test("tells the end level", () => {
    const half = closedLoopError(
      target.map((v) => v / 2),
      target,
      44100,
      82.5,
    );
    expect(half.endLevelDb).toBeCloseTo(-20 * Math.log10(2), 5);
  });

  test("refuses less than a quarter of a second", () => {
    expect(() => closedLoopError(target.subarray(0, 4410), target, 44100, 82.5)).toThrow(
      "stretch to compare: expected at least 11025 samples",
    );
  });
});
