import { soakVerdict } from "@neural-string/trainer/measure/soak";
import { describe, expect, test } from "vitest";
import { addPartial, syntheticString } from "../../support/synthetic-string.ts";

const RATE = 8000;
const string = { sampleRate: RATE, seconds: 60, f0: 110, t60: 20, partials: 4 };
const long = syntheticString(string);

describe("soakVerdict", () => {
  test("passes a decaying string, whatever its level", () => {
    for (const gain of [1e-3, 1, 1e3]) {
      const verdict = soakVerdict(
        Float32Array.from(long, (v) => gain * v),
        RATE,
      );
      expect(verdict).toMatchObject({ finite: true, subnormals: 0, passes: true, reasons: [] });
      expect(verdict.loudestSecondDb).toBeCloseTo(0, 6);
      // 55 s at 3 dB/s, and a second's own decay
      expect(verdict.lastTenSecondsDb).toBeLessThan(-140);
    }
  });

  test("passes a string that beats into silence and back", () => {
    const x = syntheticString({ ...string, t60: 60 });
    addPartial(x, {
      cycles: 110.3 / RATE,
      amplitude: 0.3,
      nepers: Math.log(1000) / (60 * RATE),
      phase: Math.PI,
    });
    expect(soakVerdict(x, RATE).reasons).toEqual([]);
  });

  test.each([
    ["NaN", { brokenFrom: 479999 }, /^1 samples are not finite/],
    ["growth", { t60: -200 }, /above the first; at most 6 is allowed/],
    ["hardly any decay", { t60: 1000 }, /^The last ten seconds lie at -3\.\d dB/],
    ["an offset", { dc: 1e-3 }, /^The mean at the end is 2\.\de-3 /],
    ["silence", { amplitude: 0 }, /silent/],
  ])("names %s", (_, change, reason) => {
    const verdict = soakVerdict(syntheticString({ ...string, ...change }), RATE);
    expect(verdict.passes).toBe(false);
    expect(
      verdict.reasons.some((sentence) => reason.test(sentence)),
      verdict.reasons.join(" "),
    ).toBe(true);
    expect(Object.values(verdict).every((value) => typeof value !== "number" || Number.isFinite(value))).toBe(
      true,
    );
  });

  test("counts subnormal samples and lets zeros pass", () => {
    const x = Float32Array.from(long);
    x.fill(0, 400000);
    expect(soakVerdict(x, RATE).subnormals).toBe(0);
    x.fill(1e-40, 470000);
    const verdict = soakVerdict(x, RATE);
    expect(verdict.subnormals).toBe(10000);
    expect(verdict.passes).toBe(false);
  });

  test("finds a loud second wherever it lies", () => {
    const x = long.slice();
    for (let n = 20.4 * RATE; n < 21.4 * RATE; n++) x[n] = 2 * Math.sin(n);
    expect(soakVerdict(x, RATE).loudestSecondDb).toBeGreaterThan(10);
  });

  test("refuses less than 20 s", () => {
    expect(() => soakVerdict(new Float32Array(RATE), RATE)).toThrow(
      "soak render: expected at least 20 s (160000 samples), got 8000; render 60 s",
    );
  });
});
