// Passive strings of every shape, on the bare kernels: 1 to 200 taps (every rest of the kernel's eight), any place of
// the period among them, a nearest tap of one sample (steps of one) or of ninety, any number of filters and controls,
// any hop; between canaries, cut into blocks anyhow.
import type { Build } from "@neural-string/core-wasm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderPassive } from "../reference/passive-string.ts";
import { mulberry32 } from "../reference/random.ts";
import { Cage } from "../support/canaries.ts";
import { expectSameBits, expectWithinDb } from "../support/closeness.ts";
import { BUILDS_HERE, newCore } from "../support/core-builds.ts";
import { TOLERANCES } from "../support/kernel-tolerances.ts";

const FRAMES = 1500;
const LEVEL = 0.5;

const shapes = fc
  .record({
    taps: fc.integer({ min: 1, max: 200 }),
    place: fc.double({ min: 0, max: 1, noNaN: true }),
    near: fc.integer({ min: 1, max: 90 }),
    filters: fc.integer({ min: 1, max: 4 }),
    hop: fc.integer({ min: 1, max: 200 }),
    controls: fc.integer({ min: 0, max: 3 }),
    hidden: fc.integer({ min: 1, max: 9 }),
    seed: fc.integer({ min: 1, max: 1e6 }),
    cuts: fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 5 }),
  })
  .map(({ place, ...shape }) => ({ ...shape, ahead: Math.floor(place * (shape.taps - 1)) }));
type Shape = typeof shapes extends fc.Arbitrary<infer Value> ? Value : never;

/** Random numbers for a shape; every filter's taps add up to 0.97 in magnitude, so no gain exceeds that. */
function makeNumbers({ taps, near, ahead, filters, hidden, controls, seed }: Shape) {
  const random = mulberry32(seed);
  const numbers = (length: number, most: number) =>
    Float32Array.from({ length }, () => most * (2 * random() - 1));
  const rows = Array.from({ length: 1 + filters }, () => {
    const h = numbers(taps, 1);
    const sum = h.reduce((total, x) => total + Math.abs(x), 0);
    return h.map((x) => (0.97 * x) / sum);
  });
  const isMixed = filters > 1;
  return {
    rows,
    hiddenWeight: numbers(isMixed ? hidden * (2 + controls) : 0, 1.5),
    hiddenBias: numbers(isMixed ? hidden : 0, 0.3),
    outputWeight: numbers(isMixed ? filters * hidden : 0, 1.5),
    outputBias: numbers(isMixed ? filters : 0, 0.3),
    controls: Array.from(numbers(isMixed ? controls : 0, 1)),
    excitation: numbers(2 * (near + ahead), 0.3),
  };
}

/** Pluck a string of this shape and render, block by block. */
function play(build: Build, shape: Shape, cuts: number[]): Float32Array {
  const { taps, near, ahead, hop, filters } = shape;
  const made = makeNumbers(shape);
  const period = near + ahead;
  const core = newCore(build);
  const { exports } = core;
  const cage = new Cage(core);
  // the learned form is not asked for where nothing is tuned
  const form = cage.put(new Float32Array((1 + filters) * (Math.floor(taps / 2) + 1)));
  const network = [made.hiddenWeight, made.hiddenBias, made.outputWeight, made.outputBias];
  const parameters = cage.put(Float32Array.from(network.flatMap((part) => [...part])));
  const loopTaps = cage.put(Float32Array.from(made.rows.flatMap((row) => [...row])));
  const excitation = cage.put(made.excitation);
  const out = cage.allocate(4 * FRAMES);
  cage.guard();
  const string = exports.passiveCreate(
    ...([1 + filters, taps, taps, near + taps - 1, period, form, form, loopTaps] as const),
    ...([made.hiddenBias.length, made.controls.length, parameters] as const),
  );
  cage.guard();
  exports.passiveSource(string, 8000, 8000 / period, period, ahead, 0.98, 0);
  exports.passiveRetune(string, 8000, 8000 / period, period, taps, ahead, hop);
  made.controls.forEach((value, i) => {
    exports.passiveSetControl(string, i, value);
  });
  exports.passivePluck(string, excitation, made.excitation.length, LEVEL, 0);
  for (let done = 0, i = 0; done < FRAMES; i++) {
    const block = Math.min(cuts[i % cuts.length], FRAMES - done);
    exports.passiveRender(string, out + 4 * done, block);
    done += block;
  }
  expect(exports.passiveBroken(string), "nothing was read beside the buffers").toBe(0);
  expect(cage.deadCanaries).toBe(0);
  return core.f32(out, FRAMES).slice();
}

function reference(shape: Shape): Float64Array {
  const { near, ahead, hop, hidden, filters } = shape;
  const { rows, excitation, controls, ...network } = makeNumbers(shape);
  return renderPassive(
    {
      tunings: [{ near, rows }],
      mixture: filters > 1 ? { hidden, hop, period: near + ahead, ...network } : undefined,
      excitation: (n) => LEVEL * (excitation[n] ?? 0),
      controls: () => controls,
    },
    FRAMES,
  ).y;
}

describe.each(BUILDS_HERE)("passive strings of any shape, %s", (build: Build) => {
  test("equal the reference, and do not depend on how the host cuts its blocks", () => {
    const property = fc.property(shapes, (shape) => {
      const whole = play(build, shape, [FRAMES]);
      expectWithinDb(whole, reference(shape), TOLERANCES.anyPassive.limit, build);
      expectSameBits(play(build, shape, shape.cuts), whole);
    });
    fc.assert(property, { numRuns: 60, seed: 6 });
  });
});

test("the scalar and the simd build give the same bits", () => {
  const property = fc.property(shapes, (shape) => {
    expectSameBits(play("simd", shape, [FRAMES]), play("scalar", shape, [FRAMES]));
  });
  fc.assert(property, { numRuns: 60, seed: 7 });
});
