// The energy guard holds any network, however unstable, under a stated limit, says that it did, and leaves a good
// model alone, bit for bit.
import { type Build, type ClassicModel, GUARD_HEADROOM, Resonator } from "@neural-string/core-wasm";
import { describe, expect, test } from "vitest";
import { energyGuard, loudestPeriod } from "../reference/energy-guard.ts";
import { energy } from "../reference/meters.ts";
import { renderStringLoop } from "../reference/string-loop.ts";
import { expectSameBits, expectWithinDb } from "../support/closeness.ts";
import { BUILDS_HERE, newCore } from "../support/core-builds.ts";
import { TOLERANCES } from "../support/kernel-tolerances.ts";
import {
  type NetworkOptions,
  randomString,
  somePast,
  stringSlope,
  tapsAround,
  tuneSlope,
} from "../support/networks.ts";

const PERIOD = 100;
const past = somePast(200, PERIOD);
const guardHeadroom = GUARD_HEADROOM;

function string(options: Partial<NetworkOptions>, gain: number) {
  const delays = options.delays ?? tapsAround(PERIOD, [1], 2, 2);
  const model = randomString({ delays, seed: 8, f0: 441, ...options });
  return tuneSlope(model, stringSlope(delays, PERIOD, gain));
}

function positive(model: ClassicModel): ClassicModel {
  for (const { weight } of model.layers) weight.set(weight.map(Math.abs));
  return model;
}

/** Unstable strings: too much gain, linear and not, with short taps, and one that runs to an offset. */
const UNSTABLE = [
  { what: "linear, gain 1.2", step: 8, model: string({ activation: "linear" }, 1.2) },
  { what: "relu, all weights positive", step: 8, model: positive(string({ activation: "relu" }, 1.5)) },
  {
    what: "tap at 1, gain 1.3",
    step: 1,
    model: string({ delays: [1, 2, 99, 100, 101], activation: "linear" }, 1.3),
  },
  { what: "biases and tanh, gain 8", step: 8, model: string({ bias: 2, hidden: [40] }, 8) },
];

describe.each(BUILDS_HERE)("EnergyGuard, %s", (build: Build) => {
  test.each(UNSTABLE)("bounds an unstable string ($what)", ({ model, step }) => {
    const player = new Resonator(newCore(build), model);
    const sound = new Float32Array(20000);
    player.excite(past, { guardHeadroom });
    player.process(sound);
    expect(player.guardReport.interventions).toBeGreaterThan(0);
    expect(player.guardReport.smallestGain).toBeLessThan(1);
    expect(player.brokenSamples).toBe(0);

    // the limit holds for every period that ends with a step; float32 rounds each sample once
    const limit = guardHeadroom * loudestPeriod(past, PERIOD, 1);
    const line = Float32Array.of(...past, ...sound);
    for (let end = past.length + step; end <= line.length; end += step) {
      expect(energy(line, end - PERIOD, end), `period that ends at ${end}`).toBeLessThanOrEqual(
        limit * (1 + 1e-6),
      );
    }
  });

  test("without the guard the same string grows beyond it", () => {
    const player = new Resonator(newCore(build), UNSTABLE[0].model);
    const sound = new Float32Array(5000);
    player.excite(past);
    player.process(sound);
    expect(energy(sound, 4900, 5000)).toBeGreaterThan(100 * guardHeadroom * loudestPeriod(past, PERIOD, 1));
    expect(player.guardReport).toEqual({ interventions: 0, smallestGain: 1 });
  });

  test("equals the float64 reference, and reports what it reports", () => {
    const { model } = UNSTABLE[0];
    const guard = energyGuard(guardHeadroom * loudestPeriod(past, PERIOD, PERIOD >> 3), PERIOD);
    const reference = renderStringLoop(model, past, 4000, { step: 8, afterStep: guard.afterStep });
    const player = new Resonator(newCore(build), model);
    const sound = new Float32Array(4000);
    player.excite(past, { guardHeadroom });
    player.process(sound);
    expectWithinDb(sound, reference, TOLERANCES.energyGuard.limit, build);
    expect(Math.abs(player.guardReport.interventions - guard.report.interventions)).toBeLessThan(10);
    expect(player.guardReport.smallestGain).toBeCloseTo(guard.report.smallestGain, 4);
  });

  test("leaves a string that decays alone, bit for bit, and says so", () => {
    const model = string({ bias: 0.05 }, 0.99);
    const [guarded, free] = [new Float32Array(20000), new Float32Array(20000)];
    const player = new Resonator(newCore(build), model);
    player.excite(past, { guardHeadroom });
    player.process(guarded);
    expect(player.guardReport).toEqual({ interventions: 0, smallestGain: 1 });
    player.excite(past);
    player.process(free);
    expectSameBits(guarded, free);
  });

  test("a string excited with silence stays silent, biases or not", () => {
    const player = new Resonator(newCore(build), UNSTABLE[3].model);
    const sound = new Float32Array(1000).fill(1);
    player.excite(new Float32Array(200), { guardHeadroom });
    player.process(sound);
    expect(sound.every((x) => x === 0)).toBe(true);
  });

  test("does not depend on the host's blocks", () => {
    const player = new Resonator(newCore(build), UNSTABLE[0].model);
    const whole = new Float32Array(3000);
    player.excite(past, { guardHeadroom });
    player.process(whole);
    const blocks = new Float32Array(3000);
    player.excite(past, { guardHeadroom });
    for (let n = 0; n < 3000; n += 125) player.process(blocks.subarray(n, n + 125));
    expectSameBits(blocks, whole);
  });
});
