// Delay lines lie in linear histories, which move to the front when their room runs out. Nobody may hear where in its
// room a string began, nor when it moved.
import { type Core, Resonator } from "@neural-string/core-wasm";
import { describe, expect, test } from "vitest";
import { expectSameBits } from "../support/closeness.ts";
import { newCore } from "../support/core-builds.ts";
import { randomString, tuneSlope } from "../support/networks.ts";
import { makePassiveModel } from "../support/passive-models.ts";

/** More than the room of any line, so that each string moves once at least. */
const FRAMES = 6000;
const BLOCK = 100;

/** Make more strings on one core than begin in different places, and play each. */
function expectAlike(begin: (core: Core) => Resonator) {
  const core = newCore("simd");
  const sounds = Array.from({ length: 33 }, () => {
    const string = begin(core);
    const out = new Float32Array(FRAMES);
    for (let at = 0; at < FRAMES; at += BLOCK) string.process(out.subarray(at, at + BLOCK));
    return out;
  });
  expect(Math.max(...sounds[0].subarray(-BLOCK))).toBeGreaterThan(1e-6);
  for (const sound of sounds) expectSameBits(sound, sounds[0]);
}

describe("however many strings were made before", () => {
  test("a passive string sounds the same", () => {
    const { model } = makePassiveModel({ filters: 3, hidden: 8 });
    expectAlike((core) => {
      const string = new Resonator(core, model);
      string.pluck();
      return string;
    });
  });

  test.each([[[99, 100, 101]], [[1, 99, 2]]])("a classic string of taps %j does", (delays) => {
    const model = tuneSlope(randomString({ delays }), [0, 0.99, 0]);
    const past = Float32Array.from({ length: 300 }, (_, i) => Math.sin(i / 7) / 2);
    expectAlike((core) => {
      const string = new Resonator(core, model);
      string.excite(past);
      return string;
    });
  });
});
