// Networks of every shape: any number of taps, layers and neurons, any activation, with biases and without, in any
// order of delays, by tiles of eight samples and sample by sample.
import type { Activation, Build } from "@neural-string/core-wasm";
import fc from "fast-check";
import { describe, test } from "vitest";
import { renderStringLoop } from "../reference/string-loop.ts";
import { expectWithin } from "../support/closeness.ts";
import { BUILDS_HERE, play } from "../support/core-builds.ts";
import { TOLERANCES } from "../support/kernel-tolerances.ts";
import { type NetworkOptions, randomString, somePast } from "../support/networks.ts";

const past = somePast(700, 200);
const ACTIVATIONS: Activation[] = ["tanh", "linear", "relu"];
const activation = fc.constantFrom(...ACTIVATIONS);

/** A few samples in a loop, so that rounding has no time to grow. */
function expectReference(build: Build, options: NetworkOptions, frames: number): void {
  const model = randomString({ drive: 0.7, bias: 0.2, ...options });
  const extras = new Array((options.controls ?? 0) + (options.features?.length ?? 0)).fill(0);
  const reference = renderStringLoop(model, past, frames, { extras });
  const height = Math.max(1, ...reference.map(Math.abs));
  const what = `${build}: ${JSON.stringify({ ...options, delays: options.delays.length })}`;
  const limit = TOLERANCES.anyNetwork.limit * height;
  expectWithin(play(build, model, past, frames), reference, limit, what);
}

describe.each(BUILDS_HERE)("mlp, %s", (build: Build) => {
  test("any width from 1 to 130 and any number of taps from 1 to 200, in any order", () => {
    const shape = fc.record({
      delays: fc.array(fc.integer({ min: 1, max: 600 }), { minLength: 1, maxLength: 200 }),
      hidden: fc.tuple(fc.integer({ min: 1, max: 130 })),
      activation,
      outputActivation: activation,
      bias: fc.constantFrom(0, 0.3),
      controls: fc.integer({ min: 0, max: 3 }),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(shape, (options) => expectReference(build, options, 21)),
      { numRuns: 60, seed: 2 },
    );
  });

  test("every width from 1 to 130, so that no ragged group is left out", () => {
    for (let width = 1; width <= 130; width++) {
      const delays = Array.from({ length: 1 + (width % 7) }, (_, i) => 8 + 3 * i);
      expectReference(build, { delays, hidden: [width], seed: width }, 17);
      expectReference(build, { delays: [2, ...delays], hidden: [width], seed: width }, 7);
    }
  });

  test.each([[[]], [[20]], [[5, 9]]])("taps at 1, 2 and 3, hidden layers %j", (hidden) => {
    for (const delays of [[1], [2], [3], [1, 2, 3], [3, 1], [1, 531, 534]]) {
      for (const activation of ACTIVATIONS) expectReference(build, { delays, hidden, activation }, 100);
    }
  });

  test.each([4, 5, 6, 7, 8, 9])("a shortest tap of %i", (shortest) => {
    for (const hidden of [[], [20], [7, 3]]) {
      expectReference(build, { delays: [200, shortest, 34], hidden }, 100);
    }
  });

  test("several hidden layers, of all activations", () => {
    const shape = fc.record({
      delays: fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 12 }),
      hidden: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 2, maxLength: 5 }),
      activation,
      outputActivation: activation,
      bias: fc.constantFrom(0, 0.3),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(shape, (options) => expectReference(build, options, 40)),
      { numRuns: 60, seed: 3 },
    );
  });

  test("more controls than taps or neurons", () => {
    expectReference(build, { delays: [9], hidden: [1], controls: 64 }, 20);
    expectReference(build, { delays: [2], hidden: [], controls: 64 }, 20);
  });
});
