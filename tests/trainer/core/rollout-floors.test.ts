import { describe, expect, test } from "vitest";
import { spectralFloors } from "../../../packages/trainer/src/core/rollout-floors.ts";

describe("spectralFloors", () => {
  test("are three times the mean magnitude of the last two seconds, held-out samples left out", () => {
    const rate = 1000;
    // a loud second, then a hum of 250 Hz, amplitude 0.01: bin 16 of 64 reads 0.01 * 64 / 4
    const samples = Float32Array.from({ length: 7000 }, (_, n) =>
      n < 1000 ? Math.sin(n) : 0.01 * Math.sin((2 * Math.PI * n) / 4 + 0.3),
    );
    const stretch = { recording: 0, start: 5400, end: 5900 };
    const heldOut = samples.slice().fill(1, 5400, 5900);
    const [floor] = spectralFloors(heldOut, rate, [stretch], [64]);
    expect(floor.length).toBe(33);
    expect(floor[16]).toBeCloseTo(3 * 0.16, 4);
    const [loudest] = [Math.max(...spectralFloors(samples.subarray(0, 5900), rate, [], [64])[0])];
    // too short to hold noise: 100 dB below the loudest cell, which a sine of amplitude 1 puts at 64 / 4
    expect(loudest).toBeGreaterThan(12e-5);
    expect(loudest).toBeLessThan(17e-5);
  });
});
