// The start of a passive string's training: periodic linear prediction finds the filter that made a sound, and equals
// least squares done plainly.
import { periodicLinearPrediction } from "@neural-string/trainer/core/passive/linear-prediction";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { leastSquaresPrediction } from "../../../reference/least-squares.ts";
import { mulberry32 } from "../../../reference/random.ts";
import { closeness, expectWithinDb } from "../../../support/closeness.ts";

const RATE = 8000;

/** Noise that a loop of known taps has coloured, driven a little by fresh noise all along. */
function loopOf(
  taps: readonly number[],
  near: number,
  samples: number,
  drive: number,
  seed = 1,
): Float32Array {
  const random = mulberry32(seed);
  const x = new Float64Array(samples);
  for (let n = 0; n < samples; n++) {
    const isPast = n < near + taps.length;
    x[n] = (isPast ? 1 : drive) * (random() - 0.5);
    if (isPast) continue;
    for (const [j, tap] of taps.entries()) x[n] += tap * x[n - near - j];
  }
  return Float32Array.from(x);
}

describe("periodicLinearPrediction", () => {
  test("recovers the filter of a loop from what the loop does", () => {
    const taps = [0.02, -0.05, 0.2, 0.55, 0.25, -0.06, 0.03, 0.01];
    const near = 40;
    const driven = loopOf(taps, near, 6 * RATE, 0.2);
    const found = periodicLinearPrediction([driven], RATE, { taps: taps.length, near });
    // 44000 samples of unit drive leave a standard error of 1 / sqrt(44000) = 0.005 a tap at most
    for (const [j, tap] of taps.entries()) expect(Math.abs(found[j] - tap)).toBeLessThan(0.02);
    // without a drive only the ridge stands in the way: 1e-6, 56 dB below where the loop has lost its high frequencies
    const lossless = [0.01, 0.97, 0.015];
    const undriven = loopOf(lossless, near, 4096, 0);
    const exact = periodicLinearPrediction([undriven], RATE, { taps: 3, near });
    expectWithinDb(exact, lossless, -50);
  });

  test("equals plain least squares to 1e-9 (relative): several recordings, several stretches", () => {
    fc.assert(
      fc.property(
        fc.record({
          taps: fc.integer({ min: 1, max: 12 }),
          near: fc.integer({ min: 1, max: 90 }),
          seed: fc.nat({ max: 1e6 }),
        }),
        ({ taps, near, seed }) => {
          const longest = near + taps - 1;
          const loop = [0.3, 0.4, 0.2];
          const recordings = [
            loopOf(loop, near, longest + 1 + 2 * 2048, 0.1, seed),
            loopOf(loop, near, longest + 1 + 2048 + 77, 1, seed + 1).map((x) => 0.01 * x),
          ];
          const shape = { stretch: 2048, preEmphasis: 0.9, silence: 1e-6, ridge: 1e-6 };
          const expected = leastSquaresPrediction(recordings, { taps, near, ...shape });
          const found = periodicLinearPrediction(recordings, RATE, { taps, near });
          expect(closeness(found, expected).relativeDb).toBeLessThan(-180);
        },
      ),
      { numRuns: 8 },
    );
  });

  test("only the first six seconds count", () => {
    const start = loopOf([0.3, 0.5], 40, 6 * RATE, 0.1);
    const longer = new Float32Array(8 * RATE).fill(0.7);
    longer.set(start);
    const shape = { taps: 8, near: 38 };
    expect(periodicLinearPrediction([longer], RATE, shape)).toEqual(
      periodicLinearPrediction([start], RATE, shape),
    );
  });

  test("recordings without one whole stretch are refused, and one sample more is enough", () => {
    const shape = { taps: 8, near: 40 };
    const needed = 47 + 1 + 2048;
    const sound = loopOf([0.5], 40, needed, 0.1);
    expect(() => periodicLinearPrediction([sound.subarray(1), sound.subarray(9)], RATE, shape)).toThrow(
      new RangeError(`recordings: expected ${needed} samples or more`),
    );
    expect(periodicLinearPrediction([sound], RATE, shape).every(Number.isFinite)).toBe(true);
  });

  test("silence gives no filter, and no NaN", () => {
    const found = periodicLinearPrediction([new Float32Array(4096)], RATE, { taps: 8, near: 40 });
    expect([...found]).toEqual(new Array(8).fill(0));
  });
});
