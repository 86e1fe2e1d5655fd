// Classic strings of every shape, on the bare kernels between canaries: any widths, taps, controls and biases, in tiles
// and sample by sample, with and without the guard, cut into blocks anyhow.
import type { Build } from "@neural-string/core-wasm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderStringLoop } from "../reference/string-loop.ts";
import { Cage } from "../support/canaries.ts";
import { expectSameBits, expectWithin } from "../support/closeness.ts";
import { BUILDS_HERE, newCore } from "../support/core-builds.ts";
import { TOLERANCES } from "../support/kernel-tolerances.ts";
import { type NetworkOptions, randomString, somePast } from "../support/networks.ts";

const FRAMES = 60;
const past = somePast(400, 100);
const CODES = { linear: 0, tanh: 1, relu: 2 };

const shapes = fc.record({
  delays: fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 60 }),
  hidden: fc.array(fc.integer({ min: 1, max: 130 }), { maxLength: 3 }),
  activation: fc.constantFrom("tanh" as const, "relu" as const, "linear" as const),
  controls: fc.integer({ min: 0, max: 5 }),
  bias: fc.constantFrom(0, 0.3),
  guarded: fc.boolean(),
  seed: fc.integer({ min: 1, max: 1e6 }),
  cuts: fc.array(fc.integer({ min: 1, max: 19 }), { minLength: 1, maxLength: 5 }),
});
type Shape = typeof shapes extends fc.Arbitrary<infer Value> ? Value : never;

const CONTROLS = [0.4, -0.3, 1, 0, 0.7];

function modelOf({ cuts: _, guarded: __, ...options }: Shape) {
  return randomString({ ...(options satisfies NetworkOptions), drive: 0.5 });
}

function play(build: Build, shape: Shape, cuts: number[]): Float32Array {
  const { delays, controls, layers } = modelOf(shape);
  const core = newCore(build);
  const { exports } = core;
  const cage = new Cage(core);
  const list = cage.put(delays);
  const spec = cage.put(
    Int32Array.from(layers.flatMap(({ units, activation }) => [units, CODES[activation]])),
  );
  const weights = layers.map(({ weight }) => cage.put(weight));
  const biases = layers.map(({ bias }) => (bias ? cage.put(bias) : 0));
  const samples = cage.put(past);
  const out = cage.allocate(4 * FRAMES);
  cage.guard();
  const string = exports.classicCreate(list, delays.length, controls, spec, layers.length, 300);
  exports.classicCreateGuard(string, 100);
  cage.guard();
  layers.forEach((_, i) => {
    exports.classicSetLayer(string, i, weights[i], biases[i]);
  });
  for (let i = 0; i < controls; i++) exports.classicSetExtra(string, i, CONTROLS[i]);
  exports.classicExcite(string, samples, past.length, shape.guarded ? 1e6 : 0);
  for (let done = 0, i = 0; done < FRAMES; i++) {
    const block = Math.min(cuts[i % cuts.length], FRAMES - done);
    exports.classicRender(string, out + 4 * done, block);
    done += block;
  }
  expect(exports.classicBroken(string), "nothing was read beside the buffers").toBe(0);
  expect(cage.deadCanaries).toBe(0);
  return core.f32(out, FRAMES).slice();
}

describe.each(BUILDS_HERE)("classic strings of any shape, %s", (build: Build) => {
  test("equal the reference, and do not depend on how the host cuts its blocks", () => {
    const property = fc.property(shapes, (shape) => {
      const extras = CONTROLS.slice(0, shape.controls);
      const reference = renderStringLoop(modelOf(shape), past, FRAMES, { extras });
      const height = Math.max(1, ...reference.map(Math.abs));
      const whole = play(build, shape, [FRAMES]);
      expectWithin(whole, reference, TOLERANCES.anyNetwork.limit * height, build);
      expectSameBits(play(build, shape, shape.cuts), whole);
    });
    fc.assert(property, { numRuns: 60, seed: 8 });
  });
});
