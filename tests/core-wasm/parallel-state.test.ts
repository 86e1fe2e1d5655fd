// Two parallel loops are never heard alone. What each holds follows from a past that begins before the pluck, because
// what drives one drives the other; and a string that goes on from there must not notice that it was stopped.
import { detunedModel, estimateState, type PassiveModel, Resonator } from "@neural-string/core-wasm";
import { describe, expect, test } from "vitest";
import { loopFilters } from "../../packages/core-wasm/src/detune.ts";
import { parallelSecondLoop } from "../../packages/core-wasm/src/parallel-state.ts";
import { renderPassive } from "../reference/passive-string.ts";
import { mulberry32 } from "../reference/random.ts";
import { closeness, expectSameBits, expectWithinDb } from "../support/closeness.ts";
import { newCore } from "../support/core-builds.ts";
import { TOLERANCES } from "../support/kernel-tolerances.ts";
import { makePassiveModel } from "../support/passive-models.ts";
import {
  couplingOf,
  filtersOf,
  longestDelayOf,
  mixtureOf,
  periodOf,
  samplesOf,
} from "../support/passive-playing.ts";
import { physicalString } from "../support/physical-string.ts";

// small, so that the slow reference plays it in no time
const OPTIONS = {
  ...{ sampleRate: 12000, f0: 110.3, taps: 96, ahead: 60, t60: [6, 4] as [number, number], cents: 8 },
  coupled: 0.8,
};
const HOP = 64;
const linear = physicalString(OPTIONS);
const moving = physicalString({ ...OPTIONS, filters: 3, hop: HOP, spread: 2 });

/** A pluck played by the reference, after silence, in whole hops from their start; cut into past and sequel. */
function plucked(model: PassiveModel, hops: number, frames: number) {
  const silence = HOP * Math.ceil((2 * longestDelayOf(model)) / HOP);
  const [{ samples }] = model.excitations;
  const { y, u } = renderPassive(
    {
      tunings: [filtersOf(model)],
      coupling: couplingOf(model),
      mixture: mixtureOf(model),
      excitation: samplesOf(samples),
    },
    HOP * hops + frames,
  );
  const past = Float32Array.from([...new Float64Array(silence), ...y.subarray(0, HOP * hops)]);
  return { past, u: u.subarray(0, HOP * hops), sequel: y.subarray(HOP * hops) };
}

/** u of a past sample by sample, as parallel-state.ts has it in formulas; weights that stand still. */
function plainSecondLoop(model: PassiveModel, y: ArrayLike<number>): Float64Array {
  const { near, rows } = filtersOf(model);
  const F = longestDelayOf(model);
  const [u, a, r] = [0, 1, 2].map(() => new Float64Array(y.length));
  const fir = (h: ArrayLike<number>, x: ArrayLike<number>, n: number) =>
    Array.from(h).reduce((sum, tap, j) => sum + tap * x[n - near - j], 0);
  for (let n = F; n < y.length; n++) {
    u[n] = n < 2 * F ? fir(model.coupling, y, n) : fir(rows[0], u, n) + fir(model.coupling, r, n);
    a[n] = y[n] - u[n];
    if (n >= 2 * F) r[n] = a[n] - fir(rows[1], a, n);
  }
  return u;
}

describe("estimateState of parallel loops", () => {
  test.each([
    ["linear", linear, 30, TOLERANCES.secondLoop.limit],
    [
      "linear, long after the pluck",
      physicalString({ ...OPTIONS, coupled: 0.3 }),
      300,
      TOLERANCES.secondLoop.limit,
    ],
    // one unit in the last place of every sample of this past moves it by -97 dB
    ["moving", moving, 100, -95],
  ])("finds the second loop exactly where the past begins before the pluck: %s", (what, model, hops, db) => {
    const { past, u } = plucked(model, hops, 1);
    const F = longestDelayOf(model);
    const state = estimateState(model, past);
    expectWithinDb(state.u.subarray(-F), u.subarray(-F), db, what);
    expect(state.u.length).toBe(state.y.length);
    expect(Array.from(state.y)).toEqual(Array.from(past.subarray(-state.y.length)));
    // it is no small part of what is heard
    const energyOf = (x: ArrayLike<number>) =>
      Array.from(x)
        .slice(-F)
        .reduce((sum, v) => sum + v * v, 0);
    expect(energyOf(u)).toBeGreaterThan(0.01 * energyOf(past));
  });

  test("lets the string go on as if it had not been stopped", () => {
    for (const [model, db] of [
      [linear, -80],
      [moving, -30],
    ] as const) {
      const { past, sequel } = plucked(model, 60, 6000);
      const string = new Resonator(newCore("simd"), model);
      const out = new Float32Array(sequel.length);
      string.excite(past, { heardCents: 0 });
      string.process(out);
      // a moving mixture's lines hold what was weighed earlier, which no past tells
      expectWithinDb(out, sequel, db, `${model.filters} filters`);
      // so does one that is not told what was heard: its own pitch
      const untold = new Float32Array(sequel.length);
      string.excite(past);
      string.process(untold);
      expectSameBits(untold, out);
      // taken for the first loop's alone, it goes on otherwise
      string.load(past, new Float32Array(past.length));
      string.process(out);
      expect(closeness(out, sequel).relativeDb).toBeGreaterThan(-20);
    }
  });

  test("what drove the first loop last still comes to the second, also where the guard listens", () => {
    const [excitation] = linear.excitations;
    const short = {
      ...linear,
      excitations: [{ ...excitation, samples: excitation.samples.slice(0, HOP - 4) }],
    };
    const { past, sequel } = plucked(short, 1, 3000);
    const state = estimateState(short, past);
    const out = new Float32Array(sequel.length);
    for (const guardHeadroom of [0, 1]) {
      const string = new Resonator(newCore("simd"), short, { lowestF0: short.f0 });
      string.excite(past, { heardCents: 0, guardHeadroom });
      string.process(out);
      expectWithinDb(out, sequel, -110, `guard ${guardHeadroom}`);
      expect(string.guardReport.interventions).toBe(0);
      string.load(state.y, state.u, { ...state, guardHeadroom });
      string.process(out);
      expectWithinDb(out, sequel, -110, "loaded");
      // the first loop is silent until the pluck returns, the second until it has heard it
      expect(state.coming.length).toBe(longestDelayOf(short));
      string.load(state.y, state.u);
      string.process(out);
      expect(closeness(out, sequel).relativeDb).toBeGreaterThan(-10);
    }
  });

  test("leaves out a past's older half together with its weights, where an estimate comes to too much", () => {
    const { model } = makePassiveModel({ filters: 3, taps: 64, ahead: 50, f0: 140, coupling: 0.9 });
    const filters = loopFilters(model);
    const F = filters.longestDelay;
    const random = mulberry32(6);
    // the first plane loses more than the second, whose coupling opposes what is heard
    const opposed = { ...filters, coupling: filters.coupling.map((c) => -c) };
    const wild = { ...opposed, rows: opposed.rows.map((row, k) => row.map((h) => (k === 0 ? h : 0.5 * h))) };
    const y = Float64Array.from({ length: 12 * F }, () => random() - 0.5);
    const track = [0, 1, 2].map(() => y.map(() => 0.5 * random()));
    const { u, coming } = parallelSecondLoop(wild, track, y);
    const from = y.length - F - u.length;
    expect(from).toBeGreaterThan(0);
    const newer = parallelSecondLoop(
      wild,
      track.map((weights) => weights.slice(from)),
      y.slice(from),
    );
    expect(u).toEqual(newer.u);
    expect(coming).toEqual(newer.coming);
  });

  test("is what the formulas say for any past, of two longest delays or more", () => {
    const { model } = makePassiveModel({ taps: 64, ahead: 50, f0: 140, coupling: 0.9 });
    const F = longestDelayOf(model);
    const random = mulberry32(3);
    const past = Float32Array.from({ length: 5 * F + 17 }, () => random() - 0.5);
    for (const length of [2 * F, 2 * F + 1, 5 * F + 17]) {
      const heard = past.subarray(-length);
      const { u } = estimateState(model, heard);
      const known = Math.min(u.length, length - F);
      expectWithinDb(u.subarray(-known), plainSecondLoop(model, heard).subarray(-known), -130, `${length}`);
    }
  });

  test("hears a past at the pitch it is told", () => {
    const sharp = detunedModel(linear, 10);
    const { past, u } = plucked(sharp, 60, 1);
    const F = Math.min(longestDelayOf(sharp), longestDelayOf(linear));
    const [told, untold] = [10, 0].map((heardCents) =>
      closeness(estimateState(linear, past, { heardCents }).u.subarray(-F), u.subarray(-F)),
    );
    expect(told.relativeDb).toBeLessThan(-60);
    expect(untold.relativeDb).toBeGreaterThan(told.relativeDb + 20);
  });

  test("continues a short past backwards period by period, and refuses less than the longest delay", () => {
    const F = longestDelayOf(linear);
    const P = periodOf(linear);
    const { past } = plucked(linear, 100, 1);
    const short = past.subarray(-(F + P + 3));
    const state = estimateState(linear, short);
    const missing = state.y.length - short.length;
    expect(Array.from(state.y.subarray(0, missing))).toEqual(
      Array.from({ length: missing }, (_, n) => state.y[n + P]),
    );
    const whole = state.y.subarray(-2 * F);
    const expected = plainSecondLoop(linear, whole).subarray(-F);
    expectWithinDb(state.u.subarray(-F), expected, -120, "u is c * y");
    expect(() => estimateState(linear, past.subarray(0, F - 1))).toThrow(
      `past: expected ${F} samples or more (the longest delay), got ${F - 1}`,
    );
  });

  test("leaves out what came long ago where following it would magnify errors without end", () => {
    const opposed = physicalString({ ...OPTIONS, coupled: 1, t60: [1, 6] });
    opposed.coupling.set(opposed.coupling.map((c) => -c));
    const { past } = plucked(opposed, 300, 1);
    const F = longestDelayOf(opposed);
    const energyOf = (x: ArrayLike<number>) => Array.from(x).reduce((sum, v) => sum + v * v, 0);
    const newest = energyOf(past.subarray(-2 * F));
    expect(energyOf(plainSecondLoop(opposed, past).subarray(-F))).toBeGreaterThan(100 * newest);
    const { u } = estimateState(opposed, past);
    expect(energyOf(u.subarray(-F))).toBeLessThan(4.001 * newest);
  });

  test("takes broken samples for silence", () => {
    const { past } = plucked(linear, 60, 1);
    past[past.length - 700] = Number.NaN;
    const { y, u } = estimateState(linear, past);
    expect(y.every(Number.isFinite) && u.every(Number.isFinite)).toBe(true);
  });
});

describe("a past with samples that no delay line keeps", () => {
  const cascade = physicalString({ ...OPTIONS, coupled: undefined });
  const broken = [Number.NaN, Number.POSITIVE_INFINITY, -2e15];
  const options = [{}, { removeOffset: true }, { heardCents: 5 }, { heardCents: 0, removeOffset: true }];

  test.each([
    ["parallel planes", linear],
    ["a cascade", cascade],
  ] as const)("is played by %s as if they were silence, and each is counted", (_, model) => {
    for (const option of options) {
      const [whole, damaged] = [0, 1].map(() => new Resonator(newCore("simd"), model));
      const past = Float32Array.from({ length: 3 * whole.wantedHistory }, (_, n) => Math.sin(n / 17) * 0.3);
      const at = past.length - whole.leastHistory;
      broken.forEach((_, i) => {
        past[at + 7 * i] = 0;
      });
      whole.excite(past, option);
      broken.forEach((value, i) => {
        past[at + 7 * i] = value;
      });
      damaged.excite(past, option);
      expect(whole.brokenSamples).toBe(0);
      expect(damaged.brokenSamples).toBe(broken.length);
      const [clean, heard] = [whole, damaged].map((string) => {
        const out = new Float32Array(500);
        string.process(out);
        return out;
      });
      expect(clean.some((x) => x !== 0)).toBe(true);
      expectSameBits(heard, clean);
      damaged.reset();
      expect(damaged.brokenSamples).toBe(0);
    }
  });

  test("heard at a pitch that its filters cannot play is refused", () => {
    for (const model of [linear, cascade]) {
      const string = new Resonator(newCore("simd"), model);
      const past = new Float32Array(2 * string.wantedHistory);
      for (const heardCents of [1e4, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        expect(() => string.excite(past, { heardCents }), `${heardCents}`).toThrow(
          /^heardCents: expected a finite number, at most \d+ with these filters, got/,
        );
      }
    }
  });
});
