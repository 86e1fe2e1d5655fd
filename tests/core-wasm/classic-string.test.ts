// The laws of a classic string, whatever its network: the sound does not depend on how the host cuts its blocks, on
// what was played before, or (bit for bit) on whether the build has SIMD; and what breaks becomes silence.
import { type Build, Resonator } from "@neural-string/core-wasm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mulberry32 } from "../reference/random.ts";
import { renderStringLoop } from "../reference/string-loop.ts";
import { expectSameBits, expectWithin, expectWithinDb } from "../support/closeness.ts";
import { BUILDS_HERE, memoryBytes, newCore, play } from "../support/core-builds.ts";
import { randomString, somePast, stringSlope, tapsAround, tuneSlope } from "../support/networks.ts";

const PERIOD = 100;
const past = somePast(260, PERIOD);
const f0 = 441;

/** Strings whose steps are one, two, three, five and eight samples; and one whose taps are in no order. */
const STRINGS = [[1], [2], [3], [5], [], [57, 9, 88]].map((near, i) => {
  const delays = [...near, ...tapsAround(PERIOD, [1, 0.5], 2, 2)];
  const string = randomString({ delays, hidden: [20], bias: 0.1, controls: 1, seed: 10 + i, f0 });
  return {
    what: `nearest taps ${near.join(", ") || "48"}`,
    model: tuneSlope(string, stringSlope(delays, PERIOD, 0.99)),
  };
});

function cutRandomly(string: Resonator, frames: number, seed: number): Float32Array {
  const random = mulberry32(seed);
  const out = new Float32Array(frames);
  for (let n = 0; n < frames; ) {
    const size = random() < 0.3 ? 1 : 1 + Math.floor(200 * random());
    const block = new Float32Array(Math.min(size, frames - n));
    string.process(block);
    out.set(block, n);
    n += block.length;
  }
  return out;
}

describe.each(BUILDS_HERE)("ClassicString, %s", (build: Build) => {
  describe.each(STRINGS)("$what", ({ model }) => {
    test("one block of 512 equals four of 128 equals random cuts, bit for bit", () => {
      const whole = play(build, model, past, 512);
      const string = new Resonator(newCore(build), model);
      string.excite(past);
      const quarters = new Float32Array(512);
      for (let n = 0; n < 512; n += 128) string.process(quarters.subarray(n, n + 128));
      expectSameBits(quarters, whole, "4 x 128");
      for (let seed = 1; seed <= 5; seed++) {
        string.excite(past);
        expectSameBits(cutRandomly(string, 512, seed), whole, `cuts ${seed}`);
      }
    });

    test("excited again it sounds as the first time, bit for bit, and after reset it is silent without bias", () => {
      const string = new Resonator(newCore(build), model);
      const [first, again] = [new Float32Array(9001), new Float32Array(9001)];
      string.excite(past);
      string.process(first);
      string.reset();
      string.process(new Float32Array(333));
      string.excite(past);
      string.process(again);
      expectSameBits(again, first);
    });

    test("equals the float64 reference", () => {
      const reference = renderStringLoop(model, past, 6000, { extras: [0] });
      expectWithinDb(play(build, model, past, 6000), reference, -90, build);
    });

    test("a control that is held is an input", () => {
      const reference = renderStringLoop(model, past, 500, { extras: [0.25] });
      const sound = play(build, model, past, 500, { set: (string) => string.setControl(0, 0.25) });
      expectWithinDb(sound, reference, -90, build);
    });
  });

  test("a linear network scales, and what sounds together is the sum", () => {
    const delays = [1, 2, ...tapsAround(PERIOD, [1], 3, 3)];
    const random = randomString({ delays, hidden: [12], activation: "linear", seed: 4, f0 });
    const model = tuneSlope(random, stringSlope(delays, PERIOD, 0.99));
    const other = somePast(260, 37, 99);
    const a = play(build, model, past, 2000);
    const b = play(build, model, other, 2000);
    const half = play(
      build,
      model,
      past.map((x) => x / 2),
      2000,
    );
    const both = play(
      build,
      model,
      past.map((x, n) => x + other[n]),
      2000,
    );
    expectSameBits(
      half,
      a.map((x) => x / 2),
      "half as loud",
    ); // powers of two do not round
    expectWithin(
      both,
      a.map((x, n) => x + b[n]),
      1e-6,
      "sum",
    );
  });

  test("an odd network without biases answers the negated past with exactly the negated sound", () => {
    const delays = [3, ...tapsAround(PERIOD, [1, 0.25], 2, 2)];
    const model = tuneSlope(
      randomString({ delays, hidden: [33], seed: 6, f0 }),
      stringSlope(delays, PERIOD, 0.99),
    );
    const sound = play(build, model, past, 3000);
    const mirrored = play(
      build,
      model,
      past.map((x) => -x),
      3000,
    );
    expect(Math.max(...sound)).toBeGreaterThan(0.05);
    expectSameBits(
      mirrored.map((x) => -x || 0),
      sound.map((x) => x || 0),
    );
  });

  test("a loop that only decays ends in exact silence, with no subnormal on the way", () => {
    for (const delays of [[1], [7], [50, 51]]) {
      const model = randomString({ delays, hidden: [], f0 });
      model.layers[0].weight.fill(0.9 / delays.length);
      const sound = play(build, model, past, 30000);
      expect(
        sound.some((x) => x !== 0 && Math.abs(x) < 1e-14),
        `delays ${delays}: reaches the end`,
      ).toBe(true);
      expect(sound.findIndex((x) => x !== 0 && Math.abs(x) < 1e-15)).toBe(-1);
      expect(sound.at(-1)).toBe(0);
    }
  });

  test("NaN and infinity in the past become silence, are counted, and leave no trace in a live feature or guard", () => {
    const feature = { kind: "decay" as const, window: 40, mean: 0, scale: 1 };
    const delays = tapsAround(PERIOD, [1], 2, 2);
    const string = randomString({ delays, hidden: [16], features: [feature], seed: 3, f0 });
    const model = tuneSlope(string, stringSlope(delays, PERIOD, 0.99));
    const wounded = past.slice();
    wounded[200] = Number.NaN;
    wounded[201] = Number.POSITIVE_INFINITY;
    wounded[202] = Number.NEGATIVE_INFINITY;
    const healed = wounded.map((x) => (Number.isFinite(x) ? x : 0));
    const player = new Resonator(newCore(build), model);
    player.setFeatureLive(0);
    const [sound, clean] = [new Float32Array(3000), new Float32Array(3000)];
    player.excite(wounded, { guardHeadroom: 1 });
    player.process(sound);
    expect(player.brokenSamples).toBe(3);
    player.excite(healed, { guardHeadroom: 1 });
    player.process(clean);
    expect(player.brokenSamples).toBe(0);
    expectSameBits(sound, clean);
  });

  test("a loop that explodes never says anything that is not finite, counts it, and plays again when excited", () => {
    for (const delays of [[1], [6], [100, 3]]) {
      for (const activation of ["linear", "relu"] as const) {
        const model = randomString({ delays, hidden: [8], activation, f0 });
        for (const { weight } of model.layers) weight.fill(4);
        const player = new Resonator(newCore(build), model);
        const loud = past.map((x) => Math.abs(x) + 0.1);
        const [sound, again] = [new Float32Array(4000), new Float32Array(4000)];
        player.excite(loud);
        player.process(sound);
        expect(
          sound.findIndex((x) => !(Math.abs(x) <= 1e15)),
          `${activation}, delays ${delays}`,
        ).toBe(-1);
        expect(player.brokenSamples).toBeGreaterThan(0);
        player.excite(loud);
        expect(player.brokenSamples).toBe(0);
        player.process(again);
        expectSameBits(again, sound);
      }
    }
  });

  test("rendering neither grows the memory nor touches what lies behind the string", () => {
    const core = newCore(build);
    const string = new Resonator(core, STRINGS[0].model);
    const behind = core.f32(core.allocate(4 * 4096), 4096).fill(Number.NaN);
    const before = memoryBytes(core);
    string.excite(past);
    const out = new Float32Array(128);
    for (let i = 0; i < 200; i++) string.process(out);
    expect(memoryBytes(core)).toBe(before);
    expect(behind.every(Number.isNaN)).toBe(true);
  });
});

test("the scalar and the simd build give the same bits", () => {
  const shape = {
    near: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 3 }),
    hidden: fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 3 }),
    activation: fc.constantFrom("tanh" as const, "linear" as const, "relu" as const),
    seed: fc.integer(),
  };
  const property = fc.property(fc.record(shape), ({ near, hidden, activation, seed }) => {
    const delays = [...near, 99, 100];
    const model = randomString({ delays, hidden, activation, outputActivation: "tanh", bias: 0.1, seed, f0 });
    expectSameBits(
      play("simd", model, past, 400),
      play("scalar", model, past, 400),
      JSON.stringify({ near, hidden }),
    );
  });
  fc.assert(property, { numRuns: 40, seed: 1 });
});
