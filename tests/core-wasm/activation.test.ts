// tanh is an approximation with a stated error, and its slope at 0 is exactly 1: an error there would be an error of
// the loop gain, hence of the decay.
import type { Build, Core } from "@neural-string/core-wasm";
import { describe, expect, test } from "vitest";
import { Cage } from "../support/canaries.ts";
import { expectSameBits } from "../support/closeness.ts";
import { BUILDS_HERE, newCore } from "../support/core-builds.ts";
import { TOLERANCES } from "../support/kernel-tolerances.ts";

const [LINEAR, TANH, RELU, TANH_IN_UNITS] = [0, 1, 2, 3];
// of sums and of values, as in assembly/activation.ts
const [TANH_IN, TANH_OUT] = [0.07352630953101556, 0.3800418354291437];

function activate(core: Core, kind: number, values: Float32Array): Float32Array {
  const cage = new Cage(core);
  const address = cage.put(values);
  core.exports.activateBlock(kind, address, values.length);
  expect(cage.deadCanaries).toBe(0);
  return core.f32(address, values.length).slice();
}

/** tanh as the layers of a network hand it on, from sums in their own unit, in plain units. */
const handedOn = (core: Core, sums: ArrayLike<number>) =>
  Float64Array.from(activate(core, TANH_IN_UNITS, Float32Array.from(sums)), (y) => y * TANH_OUT);

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

  test("tanh in units of its own is within its tolerance, odd, and of slope 1", () => {
    const sums = grid.map((x) => x * TANH_IN);
    let most = 0;
    handedOn(core, sums.slice(1)).forEach((y, i) => {
      most = Math.max(most, Math.abs(y - Math.tanh(sums[i + 1] / TANH_IN)));
    });
    if (process.env.PARITY) console.log(`tanh in units ${build}: ${most}`);
    expect(most).toBeLessThan(TOLERANCES.tanhBetweenLayers.limit);
    const far = handedOn(core, [1, 1e30, Number.POSITIVE_INFINITY, -3e38, -1, 0, -0, -1e-30]);
    for (const [i, y] of [1, 1, 1, -1, -1, 0, 0, 0].entries()) {
      expect(Math.abs(far[i] - y)).toBeLessThan(TOLERANCES.tanhBetweenLayers.limit);
    }
    const positive = grid.slice(-240_000).map((x) => x * TANH_IN);
    const mirrored = activate(
      core,
      TANH_IN_UNITS,
      positive.map((x) => -x),
    );
    expectSameBits(
      mirrored.map((y) => -y),
      activate(core, TANH_IN_UNITS, positive),
    );
    // what float32 of small numbers rounds off evens out
    const small = Float32Array.from({ length: 4000 }, (_, i) => 1e-5 * 0.999 ** i);
    const slope = handedOn(core, small).reduce((sum, y, i) => sum + y / (small[i] / TANH_IN), 0) / 4000;
    expect(Math.abs(slope - 1)).toBeLessThan(2e-8);
    expect(activate(core, TANH_IN_UNITS, new Float32Array(8).fill(Number.NaN)).every(Number.isNaN)).toBe(
      true,
    );
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
  const sums = grid.slice(1).map((x) => x * TANH_IN);
  expectSameBits(
    activate(newCore("simd"), TANH_IN_UNITS, sums),
    activate(newCore("scalar"), TANH_IN_UNITS, sums),
  );
});
