// The decay feature while the string plays: the string's own sound drives an input of its network.
import { type Build, type ClassicModel, type DecayFeature, Resonator } from "@neural-string/core-wasm";
import { describe, expect, test } from "vitest";
import { decayMeter } from "../reference/meters.ts";
import { renderStringLoop } from "../reference/string-loop.ts";
import { closeness, expectSameBits, expectWithinDb } from "../support/closeness.ts";
import { BUILDS_HERE, newCore, play } from "../support/core-builds.ts";
import { randomString, somePast, stringSlope, tapsAround, tuneSlope } from "../support/networks.ts";

const PERIOD = 100;
const past = somePast(600, PERIOD);
const slow: DecayFeature = { kind: "decay", window: 150, mean: -0.02, scale: 0.1 };
const fast: DecayFeature = { kind: "decay", window: 31, mean: 0.1, scale: 0.5 };

const level: DecayFeature = { kind: "energy", window: 100, mean: -1.5, scale: 2 };
const drift: DecayFeature = { kind: "accumulated_decay", window: 60, mean: -0.01, scale: 0.4 };

function string(features: DecayFeature[], near: number[] = [], controls = 1): ClassicModel {
  const delays = [...near, ...tapsAround(PERIOD, [1], 2, 2)];
  const model = randomString({ delays, features, controls, bias: 0.1, drive: 0.5, seed: 12, f0: 441 });
  return tuneSlope(model, stringSlope(delays, PERIOD, 0.99));
}

function reference(model: ClassicModel, step: number, frames: number, from: Float32Array): Float64Array {
  const extras = new Array<number>(model.controls + model.features.length).fill(0);
  const meters = model.features.map((f) => decayMeter({ ...f, mean: f.mean ?? 0, halfLife: PERIOD }));
  const afterStep = (line: Float64Array, begin: number, end: number) => {
    for (const [i, meter] of meters.entries()) extras[model.controls + i] = meter(line, end, end - begin);
  };
  return renderStringLoop(model, from, frames, { extras, step, afterStep });
}

describe.each(BUILDS_HERE)("DecayMeter, %s", (build: Build) => {
  test.each([
    { what: "one, by tiles", model: string([slow]), step: 8 },
    { what: "one, sample by sample", model: string([fast], [1, 2]), step: 1 },
    { what: "one, steps of five", model: string([fast], [5]), step: 5 },
    { what: "two at once", model: string([slow, fast]), step: 8 },
    { what: "energy and accumulated decay", model: string([level, drift]), step: 8 },
  ])("live features equal the reference ($what)", ({ model, step }) => {
    const set = (player: Resonator) => model.features.forEach((_, i) => void player.setFeatureLive(i));
    const sound = play(build, model, past, 8000, { set });
    expectWithinDb(sound, reference(model, step, 8000, past), -80, build);
    const held = play(build, model, past, 8000);
    expect(closeness(sound, held).relativeDb, "is heard").toBeGreaterThan(-60);
  });

  test("a past shorter than two windows is silence before it starts", () => {
    const model = string([slow]);
    const short = past.subarray(0, 160);
    const sound = play(build, model, short, 3000, { set: (player) => player.setFeatureLive(0) });
    expectWithinDb(sound, reference(model, 8, 3000, short), -80, build);
  });

  test("excited again it sounds the same, and holding it ends its life", () => {
    const model = string([slow]);
    const player = new Resonator(newCore(build), model);
    const [first, again, held] = [0, 1, 2].map(() => new Float32Array(2000));
    player.setFeatureLive(0);
    player.excite(past);
    player.process(first);
    player.excite(past);
    player.process(again);
    expectSameBits(again, first);
    player.setFeature(0, 0.3);
    player.excite(past);
    player.process(held);
    expectWithinDb(held, renderStringLoop(model, past, 2000, { extras: [0, 0.3] }), -90, build);
  });

  test("a feature whose mean nobody knows is refused", () => {
    const player = new Resonator(newCore(build), string([{ ...slow, mean: null }]));
    expect(() => player.setFeatureLive(0)).toThrow(
      "feature decay: the model does not know its mean, so it cannot run live; give it a number instead",
    );
  });
});
