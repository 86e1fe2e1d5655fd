// No clicks, whatever is changed, stolen or switched while it sounds: as bounds on how far a sound may jump.
import { StringTuner } from "@neural-string/core-wasm";
import { PRESETS } from "@neural-string/playground/instrument/presets";
import type { Settings } from "@neural-string/playground/instrument/settings";
import { describe, expect, test } from "vitest";
import { expectSameBits } from "../../support/closeness.ts";
import { newCore } from "../../support/core-builds.ts";
import {
  guitar,
  loading,
  loudest,
  make,
  PITCHES,
  piano,
  RATE,
  rms,
  roughness,
} from "../../support/played-stage.ts";

describe("changes while it sounds", () => {
  test.each<[string, Partial<Settings>]>([
    ["damping", { damping: 0.8 }],
    ["palm", { palm: true }],
    ["brightness down", { brightness: -1 }],
    ["tuning", { tune: 100 }],
    ["polarisation", { polarisation: -1 }],
    ["volume down", { volume: -20 }],
    ["release", { release: 4 }],
  ])("%s does not click", (_, change) => {
    const { player, render, said } = make();
    player.noteOn("a", 40, 0.8, {});
    render(0.4);
    const before = render(0.1);
    player.set(change);
    const after = render(0.5);
    const sound = Float32Array.of(...before.subarray(-400), ...after);
    expect(roughness(sound)).toBeLessThan(1.3 * roughness(before) + 0.002 * loudest(before));
    expect(said.filter(({ type }) => type === "failed")).toEqual([]);
  });

  test("brightness up and louder do not click more than they lift", () => {
    const { player, render } = make();
    player.noteOn("a", 40, 0.4);
    render(0.4);
    const before = render(0.1);
    player.set({ brightness: 1, volume: 6 });
    // 2 for 6 dB, 3.2 for the shelf
    expect(roughness(render(0.3))).toBeLessThan(2 * 3.2 * 1.1 * roughness(before));
  });
});

describe("a preset that is chosen while it sounds", () => {
  test.each(PRESETS.map(({ name, settings }) => [name, settings] as const))(
    "%s does not click",
    (_, settings) => {
      const { player, render } = make({ damping: 0.2 });
      player.noteOn("a", 40, 0.8);
      render(0.4);
      const before = render(0.1);
      player.set(settings);
      const sound = Float32Array.of(...before.subarray(-400), ...render(0.4));
      // what it may be louder by: volume, and the shelf
      const lift = 10 ** ((settings.volume ?? 0) / 20) * (1 + 2.2 * Math.max(0, settings.brightness ?? 0));
      expect(roughness(sound)).toBeLessThan(1.3 * lift * roughness(before) + 0.002 * loudest(before));
    },
  );
});

test("strings that are tuned anew change nothing of what rings", () => {
  const stiff = new StringTuner(newCore("simd"), guitar, {
    sampleRate: RATE,
    lowestF0: PITCHES[0],
    stiffness: 2,
  });
  const [changed, left] = [true, false].map((isRetuned) => {
    const { stage, player, render } = make();
    player.strum("down", 0.8);
    render(0.2);
    if (isRetuned) for (const f0 of PITCHES) stage.take({ type: "tuning", tuning: stiff.tune(f0) });
    return render(0.4);
  });
  expect(rms(left)).toBeGreaterThan(1e-3);
  expectSameBits(changed, left);
});

test("a note that steals a voice does not click", () => {
  const { player, render } = make({}, 1);
  player.noteOn("a", 40, 0.9);
  render(0.4);
  const before = render(0.1);
  // silent itself, so that all that is heard is how the old one goes
  player.noteOn("b", 52, 0);
  const sound = Float32Array.of(...before.subarray(-400), ...render(0.2));
  expect(roughness(sound)).toBeLessThan(1.3 * roughness(before) + 0.002 * loudest(before));
});

test("another model takes over without a click, and then plays", () => {
  const { stage, player, render, said } = make();
  player.noteOn("a", 40, 0.9);
  render(0.4);
  const before = render(0.1);
  for (const message of loading(piano)) stage.take(message);
  player.tell();
  const after = render(0.3);
  const sound = Float32Array.of(...before.subarray(-400), ...after);
  expect(roughness(sound)).toBeLessThan(1.3 * roughness(before) + 0.002 * loudest(before));
  expect(loudest(after.subarray(-4000))).toBe(0);
  player.noteOn("b", 45, 0.8);
  expect(rms(render(0.2))).toBeGreaterThan(1e-3);
  expect(said.filter(({ type }) => type === "loaded")).toHaveLength(2);
  expect(said.filter(({ type }) => type === "failed")).toEqual([]);
});
