// The trainer's reader gives exactly the samples of its recordings, mirrored where asked, and nothing across a border.
import { type Build, WindowReader } from "@neural-string/core-wasm";
import { describe, expect, test } from "vitest";
import { mulberry32 } from "../reference/random.ts";
import { gatherWindow } from "../reference/windows.ts";
import { Cage } from "../support/canaries.ts";
import { expectSameBits } from "../support/closeness.ts";
import { BUILDS_HERE, memoryBytes, newCore } from "../support/core-builds.ts";

const random = mulberry32(2);
const recordings = [300, 120, 77].map((length) => Float32Array.from({ length }, () => 2 * random() - 1));
const delays = Int32Array.of(40, 1, 7, 41);

describe.each(BUILDS_HERE)("WindowReader, %s", (build: Build) => {
  test("gathers taps and targets of any recording, mirrored by sign", () => {
    const reader = new WindowReader(newCore(build), recordings, delays, 2, 50);
    expect(reader.firstTarget).toBe(41);
    const which = Array.from({ length: 50 }, (_, i) => i % 3);
    const at = which.map((r) => 41 + Math.floor(random() * (recordings[r].length - 41)));
    [at[0], at[1], at[2]] = [41, 119, 76];
    const signs = at.map((_, i) => (i % 2 ? -1 : 1));
    const { inputs, targets } = reader.gather(which, at, signs);
    at.forEach((n, i) => {
      const { taps, target } = gatherWindow(recordings[which[i]], n, delays, signs[i]);
      expectSameBits(inputs.subarray(6 * i, 6 * i + 6), [...taps, 0, 0], `example ${i}`);
      expect(targets[i]).toBe(target);
    });
  });

  test("refuses examples without a full window, and too many", () => {
    const reader = new WindowReader(newCore(build), recordings, delays, 0, 2);
    const gather = (r: number, n: number) => () => reader.gather([r], [n], [1]);
    expect(gather(0, 40)).toThrow("example 0: sample 40 of recording 0 has no full window");
    expect(gather(1, 120)).toThrow(RangeError);
    expect(gather(3, 50)).toThrow(RangeError);
    expect(gather(0, Number.NaN)).toThrow(RangeError);
    expect(() => reader.gather([0, 0, 0], [50, 50, 50], [1, 1, 1])).toThrow(
      "examples: expected at most 2, got 3",
    );
  });

  test("keeps to its buffers and does not grow the memory", () => {
    const core = newCore(build);
    const cage = new Cage(core);
    cage.guard();
    const reader = new WindowReader(core, recordings, delays, 1, 3);
    cage.guard();
    const before = memoryBytes(core);
    for (let i = 0; i < 1000; i++) reader.gather([0, 1, 2], [299, 119, 76], [1, -1, 1]);
    expect(memoryBytes(core)).toBe(before);
    expect(cage.deadCanaries).toBe(0);
  });
});
