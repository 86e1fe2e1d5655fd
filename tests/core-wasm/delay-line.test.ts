// The delay line on its own: what goes in comes out after each delay, whole or fractional, and the views it keeps
// survive a memory that grows.
import { type Build, DelayLine } from "@neural-string/core-wasm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readDelayed } from "../reference/delay-line.ts";
import { mulberry32 } from "../reference/random.ts";
import { Cage } from "../support/canaries.ts";
import { expectSameBits, expectWithin } from "../support/closeness.ts";
import { BUILDS_HERE, memoryBytes, newCore } from "../support/core-builds.ts";
import { TOLERANCES } from "../support/kernel-tolerances.ts";

/** Feed a signal block by block; read each block's taps before it is written. @returns [tap][sample] */
function run(build: Build, delays: number[], signal: Float32Array, block?: number): Float32Array[] {
  const line = new DelayLine(newCore(build), delays, block);
  const outs = delays.map(() => new Float32Array(signal.length));
  for (let n = 0; n < signal.length; n += line.blockFrames) {
    const frames = Math.min(line.blockFrames, signal.length - n);
    const window = new Float32Array(frames * delays.length);
    line.read(window, frames);
    for (const [t, out] of outs.entries()) out.set(window.subarray(t * frames, (t + 1) * frames), n);
    line.write(signal.subarray(n, n + frames));
  }
  return outs;
}

function noise(length: number, seed = 1): Float32Array {
  const random = mulberry32(seed);
  return Float32Array.from({ length }, () => 2 * random() - 1);
}

describe.each(BUILDS_HERE)("DelayLine, %s", (build: Build) => {
  test("an impulse comes back after each delay, and at no other time", () => {
    const delays = [1, 2, 3, 7, 8, 100, 4096, 5000];
    const impulse = new Float32Array(12000);
    impulse[10] = 1;
    run(build, delays, impulse).forEach((out, t) => {
      const expected = new Float32Array(12000);
      expected[10 + delays[t]] = 1;
      expectSameBits(out, expected, `delay ${delays[t]}`);
    });
  });

  test("what was written is read, over many turns of the memory", () => {
    const signal = noise(30000);
    const delays = [1000, 64, 333];
    for (const block of [1, 13, 64]) {
      run(build, delays, signal, block).forEach((out, t) => {
        expectSameBits(
          out.subarray(delays[t]),
          signal.subarray(0, signal.length - delays[t]),
          `block ${block}`,
        );
      });
    }
  });

  test("between samples it is the cubic of Lagrange's formula", () => {
    const signal = noise(400, 3);
    const delays = fc.array(fc.double({ min: 1, max: 150, noNaN: true }), { minLength: 1, maxLength: 5 });
    const property = fc.property(delays, (list) => {
      run(build, list, signal).forEach((out, t) => {
        const reference = Float64Array.from(signal, (_, n) => readDelayed(signal, n, list[t]));
        expectWithin(out, reference, TOLERANCES.fractionalDelay.limit, `delay ${list[t]}`);
      });
    });
    fc.assert(property, { numRuns: 60, seed: 4 });
    expectWithin(
      run(build, [1.5], signal)[0],
      signal.map((_, n) => readDelayed(signal, n, 1.5)),
      TOLERANCES.fractionalDelay.limit,
      "1.5",
    );
  });

  test("a slow sine comes back as the sine of a moment ago", () => {
    const w = (2 * Math.PI * 200) / 44100;
    const sine = Float32Array.from({ length: 2000 }, (_, n) => Math.sin(w * n));
    const delays = [1.25, 2.5, 20.75, 99.9];
    run(build, delays, sine).forEach((out, t) => {
      const expected = Float64Array.from(sine, (_, n) => Math.sin(w * (n - delays[t])));
      // the cubic's error is at most 3/128 w^4 in the middle interval and w^4 / 8 beside it: below 1e-7
      expectWithin(out.subarray(110), expected.subarray(110), 5e-7, `delay ${delays[t]}`);
    });
  });

  test("does not depend on the block size", () => {
    const signal = noise(3000, 9);
    const delays = [50.3, 60, 77.77];
    const whole = run(build, delays, signal, 48);
    for (const block of [1, 4, 7, 31]) {
      for (const [t, out] of run(build, delays, signal, block).entries())
        expectSameBits(out, whole[t], `${block}`);
    }
  });

  test("what is not a number becomes silence and is counted, so that no loop keeps it", () => {
    const line = new DelayLine(newCore(build), [8, 9.5], 4);
    const out = new Float32Array(8);
    // a loop of gain 0.9 around the first tap
    const turn = (input: number) => {
      line.read(out, 4);
      line.write(out.subarray(0, 4).map((x) => 0.9 * x + input));
      return out.every(Number.isFinite);
    };
    for (const broken of [Number.NaN, Number.POSITIVE_INFINITY, -1e30]) {
      line.clear();
      expect([turn(1), turn(broken), turn(1)]).toEqual([true, true, true]);
      expect(line.brokenSamples, `${broken}`).toBe(4);
      for (let i = 0; i < 20; i++) expect(turn(0)).toBe(true);
      expect(out[0]).toBeGreaterThan(0);
      expect(line.brokenSamples, `${broken}`).toBe(4);
    }
    line.clear();
    expect(line.brokenSamples).toBe(0);
  });

  test("reading and writing leave no garbage, whole blocks and parts of them", () => {
    const core = newCore(build);
    const line = new DelayLine(core, [40, 50.5, 300], 32);
    const [out, block, part] = [new Float32Array(96), new Float32Array(32), new Float32Array(7)];
    const run = (turns: number) => {
      for (let i = 0; i < turns; i++) {
        line.read(out, 32);
        line.write(block);
        line.read(out, 7);
        line.write(part);
      }
    };
    run(5000);
    const bytes = memoryBytes(core);
    const grown = Array.from({ length: 8 }, () => {
      const before = process.memoryUsage().heapUsed;
      run(2000);
      return process.memoryUsage().heapUsed - before;
    });
    expect(memoryBytes(core)).toBe(bytes);
    expect(Math.min(...grown.map(Math.abs)), `bytes: ${grown}`).toBeLessThan(20_000);
  });

  test("clear is silence, and a memory that grows does not lose the line", () => {
    const core = newCore(build);
    const line = new DelayLine(core, [4]);
    line.write(Float32Array.of(1, 2, 3, 4));
    core.allocate(1 << 24);
    const out = new Float32Array(4);
    line.read(out, 4);
    expect([...out]).toEqual([1, 2, 3, 4]);
    line.clear();
    line.read(out, 4);
    expect([...out]).toEqual([0, 0, 0, 0]);
  });

  test("the kernels keep to their buffers", () => {
    const core = newCore(build);
    const cage = new Cage(core);
    const delays = [9, 9.5, 30, 12.25];
    cage.guard();
    const line = core.exports.delayLineCreate(30);
    cage.guard();
    const list = cage.put(Float64Array.from(delays));
    const samples = cage.put(noise(7));
    const out = cage.allocate(4 * 7 * delays.length);
    for (let i = 0; i < 3000; i++) {
      core.exports.delayLineRead(line, 7, list, delays.length, out);
      core.exports.delayLineWrite(line, samples, 7);
    }
    expect(core.f32(out, 28).every(Number.isFinite)).toBe(true);
    expect(cage.deadCanaries).toBe(0);
  });

  test("says which delays and blocks it does not take", () => {
    const core = newCore(build);
    const make = (delays: number[], block?: number) => () => new DelayLine(core, delays, block);
    expect(make([])).toThrow(
      "delays: expected one or more finite numbers >= 1, got Infinity as the shortest",
    );
    expect(make([5, 0.5])).toThrow(
      "delays: expected one or more finite numbers >= 1, got 0.5 as the shortest",
    );
    expect(make([Number.NaN])).toThrow(RangeError);
    expect(make([5, Number.POSITIVE_INFINITY])).toThrow(RangeError);
    expect(make([5], 6)).toThrow("blockFrames: expected 1 to 5 with these delays, got 6");
    expect(make([5.5], 5)).toThrow("blockFrames: expected 1 to 4 with these delays, got 5");
    const line = new DelayLine(core, [5]);
    expect(() => line.write(new Float32Array(6))).toThrow("frames: expected at most 5, got 6");
    expect(() => line.read(new Float32Array(2), 3)).toThrow("frames: expected at most 2, got 3");
  });
});
