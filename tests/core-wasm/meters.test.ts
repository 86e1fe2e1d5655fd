// Energy and decay of recordings equal sums formed anew at every sample, however far the sound has decayed.
import { type Build, decayFeature, slidingEnergy } from "@neural-string/core-wasm";
import { describe, expect, test } from "vitest";
import * as reference from "../reference/meters.ts";
import { mulberry32 } from "../reference/random.ts";
import { Cage } from "../support/canaries.ts";
import { expectSameBits, expectWithin } from "../support/closeness.ts";
import { BUILDS_HERE, memoryBytes, newCore } from "../support/core-builds.ts";

const random = mulberry32(5);
/** Noise that falls by 200 dB. */
const fading = Float32Array.from({ length: 3000 }, (_, n) => (2 * random() - 1) * 10 ** (-n / 300));

describe.each(BUILDS_HERE)("meters, %s", (build: Build) => {
  test.each([1, 2, 7, 100, 550, 2999, 3000, 5000])("energy over a window of %i samples", (window) => {
    const measured = slidingEnergy(newCore(build), fading, window);
    const expected = reference.slidingEnergy(fading, window);
    // within one window the old energy is still in the sum's last bits: 1e-16 of the loudest of two windows
    const ratios = measured.map((e, n) => {
      const loudest = Math.max(expected[n], expected[Math.max(0, n - window)]);
      return (e - expected[n]) / (Math.max(expected[n], 1e-9 * loudest) || 1);
    });
    expectWithin(ratios, new Float64Array(fading.length), 2e-7);
  });

  test.each([
    [1, "decay", -0.1],
    [7, "decay", -0.1],
    [100, "decay", -0.1],
    [550, "decay", -0.1],
    [7, "energy", -1400],
    [100, "energy", -1400],
    [100, "accumulated_decay", -1],
    [31, "accumulated_decay", -0.99],
  ] as const)("over windows of %i samples the feature %s is the reference's", (window, kind, share) => {
    // of energy a mean in the middle of the fall, of the others about what a window loses
    const mean = kind === "energy" ? share / 140 : share * window * (2 / 300);
    const definition = { kind, window, mean, scale: kind === "energy" ? 9 : 2, halfLife: 80 };
    const measured = decayFeature(newCore(build), fading, definition);
    expectWithin(measured, reference.decayFeature(fading, definition), 1e-5, `window ${window}`);
    expect(measured.some((x) => Math.abs(x) < 0.9 && x !== 0)).toBe(true);
  });

  test("the feature of silence is the mean, seen from 0", () => {
    const measured = decayFeature(newCore(build), new Float32Array(500), {
      window: 50,
      mean: 0.5,
      scale: 1,
      halfLife: 10,
    });
    expect(measured[0]).toBe(0);
    expect(measured[499]).toBeCloseTo(-0.5, 6);
  });

  test("a feature that begins within a recording hears what lies before as its past", () => {
    const definition = { kind: "accumulated_decay", window: 100, mean: -1, scale: 2, halfLife: 80 } as const;
    const core = newCore(build);
    const measured = decayFeature(core, fading, definition, 400);
    expect(measured.subarray(0, 401).every((x) => x === 0)).toBe(true);
    const meter = reference.decayMeter(definition);
    const expected = Float64Array.from(fading, (_, n) => (n <= 400 ? 0 : meter(fading, n, 1)));
    expectWithin(measured, expected, 1e-5);
  });

  test("what is not a number counts as silence, and nothing behind it is lost", () => {
    const broken = fading.slice();
    broken.set([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e25, -2e15], 700);
    const healed = broken.map((x) => (Math.abs(x) <= 1e15 ? x : 0));
    const core = newCore(build);
    const energy = slidingEnergy(core, broken, 100);
    expectSameBits(energy, slidingEnergy(core, healed, 100));
    expect(energy.every(Number.isFinite)).toBe(true);
    const options = { window: 100, mean: 0, scale: 1, halfLife: 80 };
    const measured = decayFeature(core, broken, options);
    expectSameBits(measured, decayFeature(core, healed, options));
    expect(measured.every(Number.isFinite)).toBe(true);
    expect(broken[700]).toBeNaN();
  });

  test("what measures nothing is refused", () => {
    const core = newCore(build);
    const good = { window: 70, mean: 0, scale: 1, halfLife: 10 };
    for (const window of [0, -3, 1.5, Number.NaN, 2 ** 31]) {
      expect(() => slidingEnergy(core, fading, window)).toThrow("window: expected 1 to 16777216 samples");
      expect(() => decayFeature(core, fading, { ...good, window })).toThrow("window: expected 1 to");
    }
    for (const bad of [0, -1, 1e-300, 1e16, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => decayFeature(core, fading, { ...good, scale: bad })).toThrow("scale: expected a number");
      expect(() => decayFeature(core, fading, { ...good, halfLife: bad })).toThrow(
        "halfLife: expected a number",
      );
    }
    expect(() => decayFeature(core, fading, { ...good, mean: Number.NaN })).toThrow(
      "mean: expected a number",
    );
    expect(() => decayFeature(core, fading, { ...good, kind: "loudness" as "decay" })).toThrow(
      "kind: expected one of decay, energy, accumulated_decay, got loudness",
    );
    for (const start of [-1, 0.5, fading.length + 1, Number.NaN])
      expect(() => decayFeature(core, fading, good, start)).toThrow("start: expected 0 to 3000");
    expect(decayFeature(core, fading, good, fading.length)).toEqual(new Float32Array(fading.length));
  });

  test("the kernels keep to their buffers, and the memory is given back", () => {
    const core = newCore(build);
    const cage = new Cage(core);
    const samples = cage.put(fading);
    const out = cage.allocate(4 * fading.length);
    core.exports.slidingEnergy(samples, fading.length, 70, out);
    expect(core.f32(out, fading.length).every(Number.isFinite)).toBe(true);
    const padded = cage.put(Float32Array.of(...new Float32Array(140), ...fading));
    core.exports.decayFeature(padded + 4 * 140, fading.length, 70, 0, 1, 10, out, 0);
    expect(core.f32(out, fading.length).every(Number.isFinite)).toBe(true);
    expect(cage.deadCanaries).toBe(0);

    decayFeature(core, fading, { window: 70, mean: 0, scale: 1, halfLife: 10 });
    const [mark, bytes] = [core.exports.arenaMark(), memoryBytes(core)];
    for (let i = 0; i < 30; i++) decayFeature(core, fading, { window: 70, mean: 0, scale: 1, halfLife: 10 });
    expect([core.exports.arenaMark(), memoryBytes(core)]).toEqual([mark, bytes]);
  });
});
