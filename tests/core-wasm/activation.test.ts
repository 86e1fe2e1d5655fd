// tanh is an approximation with a stated error, and its slope at 0 is exactly 1: an error there would be an error of
// the loop gain, hence of the decay.
import type { Build, Core } from "@neural-string/core-wasm";
import { describe, expect, test } from "vitest";
import { Cage } from "../support/canaries.ts";
import { expectSameBits } from "../support/closeness.ts";
import { BUILDS_HERE, newCore } from "../support/core-builds.ts";
import { TOLERANCES } from "../support/kernel-tolerances.ts";

const [LINEAR, TANH, RELU] = [0, 1, 2];

function activate(core: Core, kind: number, values: Float32Array): Float32Array {
  const cage = new Cage(core);
  const address = cage.put(values);
  core.exports.activateBlock(kind, address, values.length);
  expect(cage.deadCanaries).toBe(0);
  return core.f32(address, values.length).slice();
}

const grid = Float32Array.from({ length: 480_001 }, (_, i) => -12 + i / 20_000);

describe.each(BUILDS_HERE)("activateBlock, %s", (build: Build) => {
  const core = newCore(build);

  test("tanh is within its tolerance from -12 to 12, and beyond", () => {
    const y = activate(core, TANH, grid);
    let [most, where] = [0, 0];
    y.forEach((value, i) => {
      const error = Math.abs(value - Math.tanh(grid[i]));
      if (error > most) [most, where] = [error, grid[i]];
    });
    if (process.env.PARITY) console.log(`tanh ${build}: ${most} at ${where}`);
    expect(most, `at ${where}`).toBeLessThan(TOLERANCES.tanh.limit);
    const far = activate(core, TANH, Float32Array.of(100, 1e30, Number.POSITIVE_INFINITY, -3e38, -20));
    for (const [i, sign] of [1, 1, 1, -1, -1].entries()) {
      expect(Math.abs(far[i] - sign)).toBeLessThan(TOLERANCES.tanh.limit);
    }
  });

  test("tanh's slope at 0 is exactly 1: small numbers stay as they are", () => {
    const small = Float32Array.from({ length: 1000 }, (_, i) => (i % 2 ? 1 : -1) * 1e-4 * 0.93 ** i);
    const y = activate(
      core,
      TANH,
      small.map((x) => x),
    );
    small.forEach((x, i) => {
      if (Math.abs(x) < 1e-4 * 0.93 ** 5) expect(Math.abs(y[i] - x)).toBeLessThanOrEqual(Math.abs(x) * 1e-8);
    });
    expectSameBits(y.subarray(20), small.subarray(20));
    expectSameBits(activate(core, TANH, Float32Array.of(0, -0)), [0, -0]);
  });

  test("tanh is odd and never falls by more than its error", () => {
    const y = activate(core, TANH, grid);
    const mirrored = activate(
      core,
      TANH,
      grid.map((x) => -x),
    );
    expectSameBits(
      mirrored.map((x) => -x || 0),
      y.map((x) => x || 0),
    );
    for (let i = 1; i < y.length; i++)
      if (y[i] < y[i - 1] - TOLERANCES.tanh.limit) expect.fail(`falls at ${grid[i]}`);
  });

  test("relu and linear are exact, at every length and alignment", () => {
    for (let length = 1; length < 20; length++) {
      const x = Float32Array.from({ length }, (_, i) => (i % 3) - 1 + i / 100);
      expectSameBits(activate(core, LINEAR, x), x);
      expectSameBits(
        activate(core, RELU, x),
        x.map((v) => Math.max(0, v)),
      );
      // unaligned, between numbers that relu would change
      const address = core.put(Float32Array.of(-9, ...x, -9)) + 4;
      core.exports.activateBlock(RELU, address, length);
      expectSameBits(core.f32(address - 4, length + 2), [-9, ...x.map((v) => Math.max(0, v)), -9]);
    }
  });

  test("NaN stays NaN through tanh, so that it is found at the end", () => {
    expect(activate(core, TANH, new Float32Array(5).fill(Number.NaN)).every(Number.isNaN)).toBe(true);
  });
});

test("the scalar and the simd build give the same bits", () => {
  expectSameBits(activate(newCore("simd"), TANH, grid), activate(newCore("scalar"), TANH, grid));
});
