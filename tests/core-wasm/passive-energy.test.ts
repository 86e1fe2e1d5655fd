// What a passive string guarantees: with filters of gain g or less, the energy of what is still to come falls from one
// longest delay to the next, however the mixture moves; and so no sample exceeds the certificate's bound. Tried with
// In parallel loops each loses energy by itself. Tried with
// random filters under wild networks, and with controls chosen hop by hop to make the string as loud as they can.
import {
  certifiedGain,
  growthBound,
  type PassiveModel,
  parallelTailBound,
  Resonator,
  tailBound,
} from "@neural-string/core-wasm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mulberry32 } from "../reference/random.ts";
import { newCore } from "../support/core-builds.ts";
import { longestDelayOf } from "../support/passive-playing.ts";

// What float32 adds to an exact inequality: a sum of up to 200 products per sample errs by some 1e-6 of its size at
// most, and each trip adds that once.
const ROUNDING = 2e-6;

interface Wild {
  taps: number;
  ahead: number;
  filters: number;
  hop: number;
  spread: number;
  gain: number;
  seed: number;
  /** Parallel loops. */
  parallel?: boolean;
}

/** Random filters, as unlike a string's as may be, scaled to a gain; a network of random weights. */
function wildString({ taps, ahead, filters, hop, spread, gain, seed, parallel }: Wild): PassiveModel {
  const random = mulberry32(seed);
  const noise = (length: number, size: number) =>
    Float32Array.from({ length }, () => size * (2 * random() - 1));
  const hidden = filters > 1 ? 5 : 0;
  const loopTaps = noise((1 + filters) * taps, 1);
  for (let row = 0; row <= filters; row++) {
    const h = loopTaps.subarray(row * taps, (row + 1) * taps);
    // some rows peaky, some flat
    if (row % 2) h.set(h.map((tap, j) => tap * Math.exp(-((j - ahead) ** 2) / 8)));
    const scale = (gain * (1 - 1e-6)) / certifiedGain(h);
    h.set(h.map((tap) => tap * scale));
  }
  const bins = (1 + filters) * (taps / 2 + 1);
  return {
    ...{ kind: "passive", sampleRate: 8000, f0: 100, taps, ahead, filters, controls: filters > 1 ? 1 : 0 },
    mixture: filters > 1 ? { hidden, hop } : null,
    certificate: { gain, growth: growthBound(gain) },
    ...{ logDamping: new Float32Array(bins), phase: new Float32Array(bins), loopTaps },
    // a string left alone is not plucked: what couples does not matter, only that there is a coupling
    coupling: new Float32Array(parallel ? taps : 0),
    ...{ hiddenWeight: noise(hidden * 3, spread), hiddenBias: noise(hidden, spread) },
    ...{ outputWeight: noise(filters * hidden, spread), outputBias: noise(hidden > 0 ? filters : 0, 1) },
    excitations: [],
  };
}

interface Run {
  y: Float32Array;
  u: Float32Array;
}

/** Render from random lines, which come first in what is returned. u of a string is y of one whose first loop is cut. */
function run(model: PassiveModel, frames: number, { seed = 1, controls = [] as number[] } = {}): Run {
  const F = longestDelayOf(model);
  const random = mulberry32(seed);
  const past = (size: number) => Float32Array.from({ length: F }, () => size * (2 * random() - 1));
  const [y0, u0] = [past(1), past(0.2)];
  const play = (played: PassiveModel) => {
    const string = new Resonator(newCore("simd"), played);
    if (controls.length > 0) string.setControl(0, controls[0]);
    string.load(y0, u0);
    const sound = new Float32Array(frames);
    const hop = model.mixture?.hop ?? frames;
    for (let n = 0; n < frames; n += hop) {
      if (controls.length > 0) string.setControl(0, controls[(n / hop) % controls.length], 0);
      string.process(sound.subarray(n, n + hop));
    }
    expect(string.brokenSamples).toBe(0);
    return sound;
  };
  const cut = { ...model, loopTaps: model.loopTaps.slice().fill(0, model.taps) };
  return { y: Float32Array.of(...y0, ...play(model)), u: Float32Array.of(...u0, ...play(cut)) };
}

/** T(n): root of the energy from n on. */
function tails(x: Float32Array): Float64Array {
  const tail = new Float64Array(x.length + 1);
  for (let n = x.length - 1; n >= 0; n--) tail[n] = tail[n + 1] + x[n] * x[n];
  return tail.map(Math.sqrt);
}

/** The largest violation of the two tail inequalities, relative to what they allow; u feeds no parallel loop. */
function worstViolation({ y, u }: Run, F: number, gain: number, parallel = false): number {
  // what the first loop holds; y - u is rounded as y is
  const [Ty, Tu] = [tails(parallel ? y.map((v, n) => v - u[n]) : y), tails(u)];
  let worst = 0;
  for (let n = F; n < y.length; n++) {
    worst = Math.max(worst, (Tu[n] - gain * Tu[n - F]) / (Tu[n - F] + 1e-12));
    worst = Math.max(
      worst,
      (Ty[n] - gain * Ty[n - F] - (parallel ? 0 : Tu[n])) / (Ty[n - F] + Tu[n] + 1e-12),
    );
  }
  return worst;
}

const wild = fc.record({
  taps: fc.integer({ min: 16, max: 40 }).map((n) => 2 * n),
  ahead: fc.integer({ min: 0, max: 30 }),
  filters: fc.integer({ min: 1, max: 4 }),
  hop: fc.integer({ min: 1, max: 70 }),
  spread: fc.double({ min: 0.1, max: 30, noNaN: true }),
  gain: fc.double({ min: 0.5, max: 0.999, noNaN: true }),
  seed: fc.integer({ min: 1, max: 1e6 }),
  parallel: fc.boolean(),
});
const controls = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1, maxLength: 20 });

describe("a passive string", () => {
  test("loses energy from trip to trip, whatever its filters, network and controls", () => {
    fc.assert(
      fc.property(wild, controls, (options, sequence) => {
        const model = wildString(options);
        const sound = run(model, 3000, { seed: options.seed, controls: model.controls ? sequence : [] });
        const worst = worstViolation(sound, longestDelayOf(model), options.gain, options.parallel);
        expect(worst).toBeLessThan(ROUNDING);
      }),
      { numRuns: 100, seed: 11 },
    );
  });

  test("no sample exceeds the certificate's bound", () => {
    fc.assert(
      fc.property(wild, (options) => {
        const model = wildString(options);
        const F = longestDelayOf(model);
        const { y, u } = run(model, 3000, { seed: options.seed });
        const energy = (x: Float32Array) => x.subarray(0, F).reduce((sum, v) => sum + v * v, 0);
        const [Ey, Eu] = [energy(y), energy(u)];
        const { fromY, fromU } = model.certificate.growth;
        const loudest = y.subarray(F).reduce((most, v) => Math.max(most, Math.abs(v)), 0);
        const Ea = energy(y.map((v, n) => v - u[n]));
        const exact = options.parallel ? parallelTailBound : tailBound;
        expect(loudest).toBeLessThanOrEqual(exact(options.gain, options.parallel ? Ea : Ey, Eu));
        expect(loudest).toBeLessThanOrEqual(fromY * Math.sqrt(Ey) + fromU * Math.sqrt(Eu));
      }),
      { numRuns: 100, seed: 12 },
    );
  });

  test("nor under controls that were searched for, hop by hop, to make it as loud as they can", () => {
    let choice = 1;
    for (const seed of [1, 2, 3]) {
      const model = wildString({ taps: 32, ahead: 16, filters: 3, hop: 24, spread: 1, gain: 0.995, seed });
      // the control alone moves the mixture: mostly one filter each below, around and above 0
      model.hiddenWeight.set([0, 0, 3, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
      model.hiddenBias.set([-3, 3, 0, 0, 0]);
      model.outputWeight.set([1, 1, 0, 0, 0, -1, 1, 0, 0, 0, -1, -1, 0, 0, 0].map((w) => 1.5 * w));
      const F = longestDelayOf(model);
      const energyAt = (sequence: number[]) => {
        // a choice is heard where its hop comes back: one longest delay from its start on
        const { y } = run(model, 24 * (sequence.length - 1) + F, { controls: sequence });
        return y.subarray(F + 24 * (sequence.length - 1)).reduce((sum, v) => sum + v * v, 0);
      };
      const found: number[] = [];
      while (found.length < 24) {
        const candidates = [-2, -1, 0, 1, 2].map((c) => ({ c, energy: energyAt([...found, c]) }));
        const energies = candidates.map(({ energy }) => energy);
        choice = Math.max(choice, Math.max(...energies) / Math.min(...energies));
        found.push(candidates.reduce((a, b) => (b.energy > a.energy ? b : a)).c);
      }
      const sound = run(model, 4000, { controls: found });
      expect(worstViolation(sound, F, 0.995), `controls ${found}`).toBeLessThan(ROUNDING);
    }
    expect(choice, "the control matters").toBeGreaterThan(1.1);
    // the loudest is to leave the mixture alone: a filter that is switched to has heard nothing of the past
  });

  test("the inequalities can fail: a filter of gain 1.02 breaks them", () => {
    const model = wildString({ taps: 32, ahead: 16, filters: 1, hop: 1, spread: 1, gain: 0.99, seed: 4 });
    const loud = { ...model, loopTaps: model.loopTaps.map((tap) => (tap / 0.99) * 1.02) };
    expect(worstViolation(run(loud, 40000), longestDelayOf(model), 0.99)).toBeGreaterThan(1e-3);
    const planes = { ...loud, coupling: new Float32Array(model.taps) };
    expect(worstViolation(run(planes, 40000), longestDelayOf(model), 0.99, true)).toBeGreaterThan(1e-3);
  });

  test("energies are those of the longest delay before the next sample", () => {
    const model = wildString({ taps: 32, ahead: 3, filters: 2, hop: 9, spread: 3, gain: 0.9, seed: 9 });
    const F = longestDelayOf(model);
    const random = mulberry32(1);
    const past = Float32Array.from({ length: F }, () => 2 * random() - 1);
    const string = new Resonator(newCore("simd"), model);
    const sound = new Float32Array(F + 41);
    string.load(past, past);
    string.process(sound.subarray(0, 41));
    string.process(sound.subarray(41));
    const expected = sound.subarray(41).reduce((sum, v) => sum + v * v, 0);
    expect(string.energies().y).toBeCloseTo(expected, 6);
    expect(string.energies().u).toBeGreaterThan(0);
  });

  test.each([false, true])(
    "the second loop can be read beside the sound: it is what a string sounds whose first loop is cut (parallel: %s)",
    (parallel) => {
      const wild = { taps: 32, ahead: 3, filters: 2, hop: 9, spread: 3, gain: 0.9, seed: 9, parallel };
      const model = wildString(wild);
      const F = longestDelayOf(model);
      const random = mulberry32(1);
      const past = Float32Array.from({ length: F }, () => 2 * random() - 1);
      const play = (played: PassiveModel) => {
        const string = new Resonator(newCore("simd"), played);
        string.load(past, past);
        const [sound, second] = [new Float32Array(500), new Float32Array(500)];
        for (let n = 0; n < 500; n += 41) {
          string.process(sound.subarray(n, n + 41));
          string.secondLoop(second.subarray(n, n + 41));
        }
        return { string, sound, second };
      };
      const { string, second } = play(model);
      expect(second).toEqual(play({ ...model, loopTaps: model.loopTaps.slice().fill(0, model.taps) }).sound);

      // a start's own, and none at rest
      string.load(past, past);
      const held = new Float32Array(F);
      string.secondLoop(held);
      expect(held).toEqual(past);
      string.reset();
      string.process(new Float32Array(5));
      string.secondLoop(held);
      expect(held).toEqual(new Float32Array(F));
      expect(() => string.secondLoop(new Float32Array(F + 1))).toThrow(
        `out: expected at most ${F} samples (the longest delay), got ${F + 1}`,
      );
    },
  );
});
