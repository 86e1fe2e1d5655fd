// Memory: aligned, zeroed, given back, and refused with a sentence where there is none.
import { type Build, Core } from "@neural-string/core-wasm";
import { describe, expect, test } from "vitest";
import { BUILDS_HERE, buildBytes, memoryBytes, newCore } from "../support/core-builds.ts";

describe.each(BUILDS_HERE)("Core, %s", (build: Build) => {
  test("takes bytes as well as a module", () => {
    expect(new Core(buildBytes(build)).allocate(1)).toBeGreaterThan(0);
  });

  test("allocates aligned zeros, also where something lay before", () => {
    const core = newCore(build);
    core.temporarily(() => core.put(new Float32Array(1000).fill(7)) * 0);
    for (const bytes of [1, 15, 16, 17, 4000]) {
      const address = core.allocate(bytes);
      expect(address % 16).toBe(0);
      expect(core.f32(address, Math.floor(bytes / 4)).every((x) => x === 0)).toBe(true);
    }
  });

  test("put copies every kind of number", () => {
    const core = newCore(build);
    const [a, b] = [core.put(Float32Array.of(1.5, -2)), core.put(Int32Array.of(-7, 9))];
    const c = core.put(Float64Array.of(Math.PI));
    expect([...core.f32(a, 2)]).toEqual([1.5, -2]);
    expect([...core.i32(b, 2)]).toEqual([-7, 9]);
    expect(new Float64Array(core.exports.memory.buffer, c, 1)[0]).toBe(Math.PI);
  });

  test("temporary work leaves nothing behind, also when it throws", () => {
    const core = newCore(build);
    const mark = core.exports.arenaMark();
    expect(core.temporarily(() => core.allocate(100) > 0)).toBe(true);
    expect(() =>
      core.temporarily(() => {
        core.allocate(100);
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(core.exports.arenaMark()).toBe(mark);
  });

  test("refuses what does not fit, and goes on", () => {
    const core = newCore(build);
    const before = memoryBytes(core);
    for (const bytes of [2 ** 32 - 8, 2 ** 40, -1, Number.NaN]) {
      expect(() => core.allocate(bytes)).toThrow(new RangeError(`memory: no room for ${bytes} bytes`));
    }
    expect(memoryBytes(core)).toBe(before);
    expect(core.allocate(8)).toBeGreaterThan(0);
  });
});
