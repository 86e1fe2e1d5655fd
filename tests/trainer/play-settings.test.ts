// Controls and features from the command line: held, live, and what is said where a model has no such thing.
import { type Core, Resonator } from "@neural-string/core-wasm";
import type { ClassicHeader } from "@neural-string/shared";
import { applySettings } from "@neural-string/trainer/play-settings";
import { describe, expect, test, vi } from "vitest";
import { newCore } from "../support/core-builds.ts";
import { randomString, tapsAround } from "../support/networks.ts";

const model = randomString({
  delays: tapsAround(100, [1], 1, 1),
  controls: 3,
  features: [{ kind: "energy", window: 100, mean: -2, scale: 2 }],
  seed: 3,
  f0: 441,
});
const header = {
  kind: "classic",
  f0: 441,
  controlMeanings: [{ kind: "note" }, { kind: "velocity", meanDb: -30 }, { kind: "constant", value: 0.25 }],
} as unknown as ClassicHeader;

/** What is set on a string played at a pitch. */
function applied(control: string[], feature: string[] = [], startDb: number | null = -10, f0 = 441) {
  const core: Core = newCore("simd");
  const resonator = new Resonator(core, model);
  const set = vi.spyOn(resonator, "setControl");
  const held = vi.spyOn(resonator, "setFeature");
  const live = vi.spyOn(resonator, "setFeatureLive");
  applySettings({ resonator, model, f0 }, header, { control, feature }, startDb);
  return { controls: set.mock.calls, held: held.mock.calls, live: live.mock.calls };
}

describe("applySettings", () => {
  test("controls are held by index or by kind", () => {
    expect(applied(["0=0.5", "velocity=-1"]).controls).toEqual([
      [0, 0.5],
      [1, -1],
    ]);
  });

  test("live they are what training gave them for such a note", () => {
    expect(applied(["note=live", "velocity=live", "2=live"], [], -10, 882).controls).toEqual([
      [0, 1],
      [1, 1],
      [2, 0.25],
    ]);
  });

  test("features are held or live", () => {
    const { held, live } = applied([], ["energy=0.3"]);
    expect([held, live]).toEqual([[[0, 0.3]], []]);
    expect(applied([], ["energy=live"]).live).toEqual([[0]]);
  });

  test.each([
    [["bend=1"], "--control bend=1: the model has no such control; it has note, velocity, constant"],
    [["3=1"], "--control 3=1: the model has 3 controls, counted from 0"],
    [
      ["0=x"],
      "--control 0=x: expected index=number, kind=number or =live, for example 0=0.5 or velocity=live",
    ],
    [
      ["velocity=live"],
      "--control velocity=live: a live velocity is heard in a recording; give --init W.wav, or a number",
    ],
  ])("%o is refused in one sentence", (control, message) => {
    expect(() => applied(control, [], null)).toThrow(message);
  });
});
