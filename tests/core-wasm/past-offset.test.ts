// A pluck's swell is no partial: a string started within it must not carry its mean on.
import { type PassiveModel, Resonator } from "@neural-string/core-wasm";
import { describe, expect, test } from "vitest";
import { newCore } from "../support/core-builds.ts";
import { longestDelayOf } from "../support/passive-playing.ts";
import { physicalString } from "../support/physical-string.ts";

const OPTIONS = { sampleRate: 12000, f0: 110.3, taps: 96, ahead: 60 };
const strings: [string, PassiveModel][] = [
  ["a linear cascade", physicalString(OPTIONS)],
  ["a mixture", physicalString({ ...OPTIONS, filters: 3, hop: 64, spread: 2 })],
  ["parallel planes", physicalString({ ...OPTIONS, coupled: 0.6 })],
];
const [OFFSET, SECONDS] = [0.2, 1];

/** Some partials, which decay, on an offset. */
function offsetPast(model: PassiveModel, offset: number): Float32Array {
  const length = Math.ceil(2.5 * longestDelayOf(model));
  return Float32Array.from({ length }, (_, n) => {
    const t = (n - length) / model.sampleRate;
    let sum = offset;
    for (let k = 1; k <= 5; k++)
      sum += (0.3 / k) * Math.exp(-t) * Math.cos(2 * Math.PI * k * model.f0 * t + k);
    return sum;
  });
}

/** Mean of the last part of a second of free run, whole periods of it. */
function lateMean(
  model: PassiveModel,
  past: Float32Array,
  options: { removeOffset: boolean; f0?: number },
): number {
  const { removeOffset, f0 = model.f0 } = options;
  const string = new Resonator(newCore("simd"), model, { f0 });
  string.excite(past, { removeOffset });
  const sound = new Float32Array(SECONDS * model.sampleRate);
  string.process(sound);
  const counted = sound.subarray(-Math.round((30 * model.sampleRate) / f0));
  return counted.reduce((sum, x) => sum + x, 0) / counted.length;
}

describe("an offset in a recorded past", () => {
  test.each(strings)("rings on in %s, and not where it is removed", (_, model) => {
    const past = offsetPast(model, OFFSET);
    const kept = lateMean(model, past, { removeOffset: false });
    const removed = lateMean(model, past, { removeOffset: true });
    expect(Math.abs(kept)).toBeGreaterThan(0.3 * OFFSET);
    // what is left: partials do not quite sum to zero over the loop's smoothed period
    expect(Math.abs(removed)).toBeLessThan(0.03 * Math.abs(kept));
  });

  test("is removed from a string at another pitch, too", () => {
    const model = physicalString(OPTIONS);
    const f0 = 1.3 * model.f0;
    const past = offsetPast({ ...model, f0 }, OFFSET);
    const kept = lateMean(model, past, { removeOffset: false, f0 });
    const removed = lateMean(model, past, { removeOffset: true, f0 });
    expect(Math.abs(kept)).toBeGreaterThan(0.3 * OFFSET);
    expect(Math.abs(removed)).toBeLessThan(0.05 * Math.abs(kept));
  });

  test("is the only thing that is removed", () => {
    const model = physicalString(OPTIONS);
    const run = (past: Float32Array, removeOffset: boolean) => {
      const string = new Resonator(newCore("simd"), model);
      string.excite(past, { removeOffset });
      const sound = new Float32Array(2000);
      string.process(sound);
      return sound;
    };
    const past = offsetPast(model, OFFSET);
    const without = run(past, true);
    const alone = run(past.fill(OFFSET), true);
    expect(Math.max(...alone.map(Math.abs))).toBeLessThan(1e-6);
    expect(Math.max(...without.map(Math.abs))).toBeGreaterThan(0.1);
  });
});
