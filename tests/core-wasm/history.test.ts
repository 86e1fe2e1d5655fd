// Delay lines lie in linear histories, which move to the front when their room runs out. Nobody may hear where in its
// room a string began, nor when it moved.
import { type Core, DelayLine, Resonator } from "@neural-string/core-wasm";
import { describe, expect, test } from "vitest";
import { expectSameBits } from "../support/closeness.ts";
import { memoryBytes, newCore } from "../support/core-builds.ts";
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

test("silence lies before what is written, whatever lies before the line", () => {
  const core = newCore("simd");
  for (let made = 0; made < 33; made++) {
    core.put(new Float32Array(64).fill(1));
    const line = new DelayLine(core, [500], 8);
    const first = new Float32Array(8);
    line.read(first, 8);
    expectSameBits(first, new Float32Array(8));
  }
});

test("lines that are made one after the other begin in different places of their room", () => {
  const core = newCore("simd");
  const MARK = 0.8125;
  const places = Array.from({ length: 34 }, (_, i) => {
    new DelayLine(core, [500], 8).write(Float32Array.of(MARK + i / 4096));
    return core.f32(0, memoryBytes(core) / 4).indexOf(MARK + i / 4096);
  });
  // a line further on each time, and 128 samples in its room but for one that begins where the first did
  const steps = places.slice(1).map((place, i) => place - places[i]);
  const usual = steps[0];
  expect(steps.filter((step) => step !== usual)).toEqual([usual - 32 * 128]);
});

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
