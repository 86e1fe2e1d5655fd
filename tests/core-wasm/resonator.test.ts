// The playable string as pages and worklets use it: blocks of any length, parameters replaced while it plays, a
// memory that grows under it, and no garbage on the audio thread.
import { type Build, Resonator } from "@neural-string/core-wasm";
import { describe, expect, test } from "vitest";
import { renderStringLoop } from "../reference/string-loop.ts";
import { Cage } from "../support/canaries.ts";
import { expectSameBits, expectWithinDb } from "../support/closeness.ts";
import { BUILDS_HERE, newCore, play } from "../support/core-builds.ts";
import { randomString, somePast, stringSlope, tapsAround, tuneSlope } from "../support/networks.ts";

const PERIOD = 100;
const delays = tapsAround(PERIOD, [1, 0.25], 2, 2);
const past = somePast(300, PERIOD);
const model = tuneSlope(
  randomString({ delays, hidden: [21], bias: 0.1, f0: 441 }),
  stringSlope(delays, PERIOD, 0.99),
);

describe.each(BUILDS_HERE)("Resonator, %s", (build: Build) => {
  test("renders long and short blocks alike, also where the delay line moves its past to the front", () => {
    const whole = play(build, model, past, 50000);
    expectWithinDb(whole, renderStringLoop(model, past, 50000), -90, build);
    for (const size of [1, 128, 8192, 8193, 20000]) {
      const string = new Resonator(newCore(build), model);
      string.excite(past);
      const blocks = new Float32Array(50000);
      for (let n = 0; n < 50000; n += size) string.process(blocks.subarray(n, n + size));
      expectSameBits(blocks, whole, `blocks of ${size}`);
    }
  });

  test("wants its longest delay, and says so to who brings less", () => {
    const string = new Resonator(newCore(build), model);
    expect(string.wantedHistory).toBe(102);
    expect(() => string.excite(past.subarray(0, 101))).toThrow(
      "past: expected 102 samples or more (the longest delay), got 101",
    );
    string.excite(past.subarray(198));
    const sound = new Float32Array(500);
    string.process(sound);
    expectSameBits(sound, play(build, model, past, 500), "only the newest samples count");
  });

  test("two strings in one core do not hear each other, nor a memory that grows", () => {
    const core = newCore(build);
    const [a, b] = [new Resonator(core, model), new Resonator(core, model)];
    const other = somePast(300, 33, 4);
    a.excite(past);
    b.excite(other);
    const [soundA, soundB] = [new Float32Array(2000), new Float32Array(2000)];
    for (let n = 0; n < 2000; n += 100) {
      a.process(soundA.subarray(n, n + 100));
      if (n === 1000) core.allocate(1 << 24);
      b.process(soundB.subarray(n, n + 100));
    }
    expectSameBits(soundA, play(build, model, past, 2000));
    expectSameBits(soundB, play(build, model, other, 2000));
  });

  test("plays new parameters from the next step on", () => {
    const other = randomString({ delays, hidden: [21], seed: 77, bias: 0.1, f0: 441 });
    const string = new Resonator(newCore(build), model);
    string.setLayers(other.layers);
    string.excite(past);
    const sound = new Float32Array(500);
    string.process(sound);
    expectSameBits(sound, play(build, other, past, 500));
  });

  test("process leaves no garbage", () => {
    const string = new Resonator(newCore(build), model);
    const out = new Float32Array(128);
    string.excite(past);
    const render = (blocks: number) => {
      for (let i = 0; i < blocks; i++) string.process(out);
    };
    render(3000); // let the compiler finish
    // the least of several runs: what other code of this process allocates meanwhile is not ours
    const grown = Array.from({ length: 8 }, () => {
      const before = process.memoryUsage().heapUsed;
      render(2000);
      return process.memoryUsage().heapUsed - before;
    });
    // one typed array view a block would be 2000 times 100 bytes and more
    expect(Math.min(...grown.map(Math.abs)), `bytes: ${grown}`).toBeLessThan(20000);
  });

  test("the kernels keep to their buffers", () => {
    const core = newCore(build);
    const cage = new Cage(core);
    const [first, last] = model.layers;
    const list = cage.put(model.delays);
    const spec = cage.put(Int32Array.of(first.units, 1, 1, 0));
    const weights = [cage.put(first.weight), cage.put(last.weight)];
    const biases = [first, last].map(({ bias }) => cage.put(bias ?? new Float32Array(0)));
    const samples = cage.put(past.subarray(0, 120));
    const out = cage.allocate(4 * 333);
    cage.guard();
    const handle = core.exports.classicCreate(list, delays.length, 0, spec, 2, 120);
    core.exports.classicCreateGuard(handle, 60);
    cage.guard();
    for (const i of [0, 1]) core.exports.classicSetLayer(handle, i, weights[i], biases[i]);
    core.exports.classicExcite(handle, samples, 120, 4);
    for (let i = 0; i < 100; i++) core.exports.classicRender(handle, out, 333);
    expect(core.exports.classicBroken(handle), "nothing was read beside the buffers").toBe(0);
    expect(cage.deadCanaries).toBe(0);
  });
});
