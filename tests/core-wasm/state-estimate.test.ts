// A string that goes on from its own past must not notice that it was stopped, and the longer the past, the less may
// noise on it matter.
import { detunedModel, estimateState, type PassiveModel, Resonator } from "@neural-string/core-wasm";
import { describe, expect, test } from "vitest";
import { renderPassive } from "../reference/passive-string.ts";
import { mulberry32 } from "../reference/random.ts";
import { closeness, expectWithinDb } from "../support/closeness.ts";
import { newCore } from "../support/core-builds.ts";
import { TOLERANCES } from "../support/kernel-tolerances.ts";
import { filtersOf, longestDelayOf, mixtureOf, periodOf, samplesOf } from "../support/passive-playing.ts";
import { physicalString } from "../support/physical-string.ts";

// small, so that the slow reference plays it in no time
const OPTIONS = {
  sampleRate: 12000,
  f0: 110.3,
  taps: 96,
  ahead: 60,
  t60: [6, 4] as [number, number],
  cents: 8,
};
const linear = physicalString(OPTIONS);
const moving = physicalString({ ...OPTIONS, filters: 3, hop: 64, spread: 2 });

/** A pluck played by the reference, excitation over, cut into past and sequel. */
function plucked(model: PassiveModel, length: number, frames: number) {
  const [{ samples }] = model.excitations;
  const skip = 64 * 80;
  const { y, u } = renderPassive(
    { tunings: [filtersOf(model)], mixture: mixtureOf(model), excitation: samplesOf(samples) },
    skip + length + frames,
  );
  const past = Float32Array.from(y.subarray(skip, skip + length));
  const end = skip + length;
  return { past, u: u.subarray(0, end), sequel: y.subarray(end) };
}

function uOf(model: PassiveModel, past: Float32Array, heardCents = 0): Float32Array {
  return estimateState(model, past, { heardCents }).u.subarray(-longestDelayOf(model));
}

function noisy(past: Float32Array, relative: number): Float32Array {
  const random = mulberry32(9);
  const rms = Math.sqrt(past.reduce((sum, x) => sum + x * x, 0) / past.length);
  return past.map((x) => x + relative * rms * Math.sqrt(12) * (random() - 0.5));
}

describe("estimateState", () => {
  test.each([1, 2.4, 5, 20])("finds both lines of a linear string in %f times 2 F samples", (times) => {
    const { past, u } = plucked(linear, Math.ceil(2 * times * longestDelayOf(linear)), 1);
    const state = estimateState(linear, past);
    const expected = u.subarray(-longestDelayOf(linear));
    expectWithinDb(uOf(linear, past), expected, TOLERANCES.secondLoop.limit, "u");
    const known = state.y.subarray(-Math.min(past.length, state.y.length));
    expect(Array.from(known)).toEqual(Array.from(past.subarray(-known.length)));
  });

  test("lets the string go on as if it had not been stopped", () => {
    for (const [model, db] of [
      [linear, -80],
      [moving, -30],
    ] as const) {
      const { past, sequel } = plucked(model, 64 * 60, 6000);
      const { y, u } = estimateState(model, past);
      const string = new Resonator(newCore("simd"), model);
      string.load(y, u);
      const out = new Float32Array(sequel.length);
      string.process(out);
      // a moving mixture's lines hold what was weighed earlier, which no past tells
      expectWithinDb(out, sequel, db, `${model.filters} filters`);
    }
  });

  test("averages noise away where the past is long", () => {
    const F = longestDelayOf(linear);
    const { past, u } = plucked(linear, 30 * F, 1);
    const heard = noisy(past, 0.01);
    const errorDb = (length: number) =>
      closeness(uOf(linear, heard.subarray(-length)), u.subarray(-F)).relativeDb;
    // the least correction, 0.3, leaves 0.3 / (2 - 0.3) of the noise's power: 7.5 dB less; a margin of 2.5
    expect(errorDb(30 * F)).toBeLessThan(errorDb(2 * F) - 5);
    expect(errorDb(4 * F)).toBeLessThan(errorDb(2 * F) + 0.5);
  });

  test("takes no detuning for the second loop where it is told the pitch", () => {
    const sharp = detunedModel(linear, 10);
    const { past, u } = plucked(sharp, 10 * longestDelayOf(sharp), 1);
    const F = Math.min(longestDelayOf(sharp), longestDelayOf(linear));
    const expected = u.subarray(-F);
    const [told, untold] = [10, 0].map((cents) => closeness(uOf(linear, past, cents).subarray(-F), expected));
    expect(told.relativeDb).toBeLessThan(-60);
    expect(untold.relativeDb).toBeGreaterThan(told.relativeDb + 20);
  });

  test("repeats the oldest period where the past is short, and refuses less than the longest delay", () => {
    const F = longestDelayOf(linear);
    const P = periodOf(linear);
    const { past, u } = plucked(linear, 3 * F, 1);
    const short = past.subarray(-(F + P + 3));
    const state = estimateState(linear, short);
    expect(state.y.length).toBe(state.u.length);
    expect(state.y.length).toBeGreaterThanOrEqual(2 * F);
    const missing = state.y.length - short.length;
    expect(Array.from(state.y.subarray(0, missing))).toEqual(
      Array.from({ length: missing }, (_, n) => state.y[n + P]),
    );
    // a period of u is known, and the second loop changes little in one more
    expectWithinDb(state.u.subarray(-F), u.subarray(-F), -15, "u");
    const shorter = estimateState(linear, past.subarray(-Math.round(1.4 * F))).u.subarray(-F);
    const silent = shorter.map((x, n) => (n < 0.6 * F ? 0 : x));
    const [guess, none] = [shorter, silent].map((line) => closeness(line, u.subarray(-F)).relativeDb);
    expect(guess).toBeLessThan(none);
    const least = estimateState(linear, past.subarray(-F));
    expect(least.u.every((x) => x === 0)).toBe(true);
    expect(() => estimateState(linear, past.subarray(0, F - 1))).toThrow(
      `past: expected ${F} samples or more (the longest delay), got ${F - 1}`,
    );
  });

  test("takes broken samples for silence", () => {
    const { past } = plucked(linear, 8 * longestDelayOf(linear), 1);
    past[past.length - 700] = Number.NaN;
    const { y, u } = estimateState(linear, past);
    expect(y.every(Number.isFinite) && u.every(Number.isFinite)).toBe(true);
  });
});
