import * as core from "@neural-string/core-wasm";
import { type TapPattern, TapPatternSchema, tapDelays } from "@neural-string/shared";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const around = (periodFraction: number, before: number, after: number) => ({ periodFraction, before, after });
const delays = (pattern: TapPattern, sampleRate: number, f0: number) => [
  ...tapDelays(pattern, sampleRate, f0),
];

describe("tapDelays", () => {
  test("the centre is the fraction of the period, rounded down", () => {
    // 44100 / 440 = 100.227...; three quarters 75.17; half 50.11
    expect(delays([around(1, 0, 0)], 44100, 440)).toEqual([100]);
    expect(delays([around(0.75, 0, 0)], 44100, 440)).toEqual([75]);
    expect(delays([around(1, 0, 0)], 1999, 1000)).toEqual([1]);
  });

  test("taps run from before to after, the entries in their own order, repetitions kept", () => {
    expect(delays([around(1, 1, 2), around(0.5, 0, 1), around(1, 0, 0)], 8000, 1000)).toEqual([
      7, 8, 9, 10, 4, 5, 8,
    ]);
  });

  test("delays below one sample are dropped", () => {
    expect(delays([around(0, 3, 3)], 8000, 1000)).toEqual([1, 2, 3]);
    expect(delays([around(0.25, 2, 0)], 8000, 1000)).toEqual([1, 2]);
    expect(delays([around(0, 3, 0)], 8000, 1000)).toEqual([]);
  });

  test("the origin's string reads 21 delays around its period of 534 samples", () => {
    const pattern = [around(1, 3, 2), around(0.25, 2, 2), around(0.75, 2, 2), around(0.5, 2, 2)];
    expect(delays(pattern, 44100, 82.46)).toEqual([
      531, 532, 533, 534, 535, 536, 131, 132, 133, 134, 135, 399, 400, 401, 402, 403, 265, 266, 267, 268, 269,
    ]);
  });

  test("core-wasm reads the same delays", () => {
    const entry = fc.record({
      periodFraction: fc.double({ min: 0, max: 64, noNaN: true }),
      before: fc.nat(50),
      after: fc.nat(50),
    });
    const pattern = fc.array(entry, { minLength: 1, maxLength: 6 });
    const sampleRate = fc.oneof(
      fc.constantFrom(44100, 48000),
      fc.double({ min: 1000, max: 1e6, noNaN: true }),
    );
    const f0 = fc.double({ min: 20, max: 5000, noNaN: true });
    fc.assert(
      fc.property(pattern, sampleRate, f0, (taps, rate, frequency) => {
        expect(TapPatternSchema.parse(taps)).toEqual(taps);
        expect(tapDelays(taps, rate, frequency)).toEqual(core.tapDelays(taps, rate, frequency));
      }),
      { seed: 1, numRuns: 1000 },
    );
  });
});
