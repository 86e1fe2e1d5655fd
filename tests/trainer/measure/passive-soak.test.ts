// The soak passes strings that keep their certificate, from every past and at every tuning, and says of broken ones
// what is broken and where.
import { certifiedGain, growthBound, type PassiveModel } from "@neural-string/core-wasm";
import { describeSoak } from "@neural-string/trainer/commands/describe-soak";
import { type PassiveSoak, soakPassive } from "@neural-string/trainer/measure/passive-soak";
import { tailExcess } from "@neural-string/trainer/measure/tail-energy";
import { describe, expect, test } from "vitest";
import { mulberry32 } from "../../reference/random.ts";
import { newCore } from "../../support/core-builds.ts";
import { smallString } from "../../support/passive-facts.ts";
import { makePassiveModel } from "../../support/passive-models.ts";

const recording = { samples: smallString(), sampleRate: 8000, f0: 160 };
const quick = { seconds: 20, sampleRates: [8000, 11025] };
const STARTS = ["recording", "noise", "impulse", "DC", "partial 1", "partial 3", "partial 10"];

const soak = (model: PassiveModel, options = {}) =>
  soakPassive(newCore("simd"), model, recording, { ...quick, ...options });

/** The filters of some rows made louder, the claim left as it is: what no reader of files lets through. */
function louder(model: PassiveModel, factor: number, isLouder: (row: number) => boolean): PassiveModel {
  const loopTaps = model.loopTaps.map((tap, i) =>
    isLouder(Math.floor(i / model.taps)) ? factor * tap : tap,
  );
  return { ...model, loopTaps };
}

/** The runs that fail, as "start f0 sampleRate". */
const failing = ({ runs }: PassiveSoak) =>
  runs
    .filter(({ passes }) => !passes)
    .map(({ start, f0, sampleRate }) => `${start} ${f0.toFixed(0)} ${sampleRate}`);

describe("soakPassive", () => {
  test("passes strings that keep their certificate, from seven pasts at three pitches and two sample rates", () => {
    for (const options of [
      { filters: 1, seed: 1 },
      { filters: 3, seed: 2 },
      { filters: 2, seed: 3, ahead: 10, controls: 1 },
      { filters: 2, seed: 4, coupling: 0.8 },
    ]) {
      const { model } = makePassiveModel(options);
      const done: number[] = [];
      const { passes, reasons, runs } = soak(model, { onProgress: (i: number) => done.push(i) });
      expect(reasons).toEqual([]);
      expect(passes).toBe(true);
      expect(runs).toHaveLength(3 * 2 * STARTS.length);
      expect(new Set(runs.map(({ start }) => start))).toEqual(new Set(STARTS));
      expect(new Set(runs.map(({ f0 }) => Math.round(f0)))).toEqual(new Set([161, 321, 120]));
      expect(done).toEqual(runs.map((_, i) => i + 1));
      for (const { belowBoundDb, lastTenSecondsDb, loudestSecondDb } of runs) {
        expect(belowBoundDb).toBeLessThan(0);
        expect(lastTenSecondsDb).toBeLessThan(-6);
        // something sounded
        expect(loudestSecondDb).toBeGreaterThan(-1);
      }
    }
  });

  test("the same seed gives the same figures", () => {
    const { model } = makePassiveModel({ filters: 2 });
    const options = { f0s: [model.f0], sampleRates: [8000] };
    expect(soak(model, options)).toEqual(soak(model, options));
    const other = soak(model, { ...options, seed: 2 });
    expect(other.runs.map(({ tails }) => tails)).not.toEqual(
      soak(model, options).runs.map(({ tails }) => tails),
    );
  });

  test("a first loop of gain 1.02 that claims 0.99: it grows, gains energy and leaves its bound, at its own tuning", () => {
    const { model } = makePassiveModel({ filters: 2 });
    const broken = soak(louder(model, 1.02 / 0.99, (row) => row > 0));
    expect(broken.passes).toBe(false);
    // elsewhere its filters come from their spectra, which are sound
    expect(failing(broken)).toEqual(STARTS.map((start) => `${start} 161 8000`));
    const said = broken.reasons.filter((reason) => reason.startsWith("From noise at 160.50 Hz, 8000 Hz: "));
    expect(said.join("\n")).toMatch(/The first loop gains energy: \d\.\de-2 beyond 0\.99 per longest delay/);
    expect(said.join("\n")).toMatch(/dB above the certificate's bound/);
    expect(said.join("\n")).toMatch(/samples had broken/);
    expect(said.join("\n")).not.toMatch(/second loop/);
  });

  test("a second loop of gain 1.02: it is the one that is named", () => {
    const { model } = makePassiveModel({ filters: 1 });
    const { reasons } = soak(
      louder(model, 1.02 / 0.99, (row) => row === 0),
      { f0s: [model.f0], sampleRates: [8000] },
    );
    expect(reasons.some((reason) => reason.includes("The second loop gains energy"))).toBe(true);
    expect(reasons.some((reason) => reason.includes("The first loop gains energy"))).toBe(false);
  });

  test("of parallel loops each is held to its own: a first loop of gain 1.02 is named, and the bound is theirs", () => {
    const { model } = makePassiveModel({ filters: 2, coupling: 0.8 });
    const options = { f0s: [model.f0], sampleRates: [8000] };
    const { reasons } = soak(
      louder(model, 1.02 / 0.99, (row) => row > 0),
      options,
    );
    expect(reasons.join("\n")).toMatch(/The first loop gains energy: \d\.\de-2 beyond 0\.99/);
    expect(reasons.join("\n")).not.toMatch(/second loop/);
    expect(reasons.join("\n")).toMatch(/dB above the certificate's bound/);
  });

  test("a claim that is a little too low is found though the string decays, in the loop that breaks it", () => {
    const { model } = makePassiveModel({ filters: 1 });
    // all comes back after the longest delay, so that every one of them costs exactly the gain
    const flat = new Float32Array(model.loopTaps.length);
    for (let row = 0; row < 2; row++) flat[(row + 1) * model.taps - 1] = row === 0 ? 0.8 : 0.95;
    const claiming = (gain: number): PassiveModel => ({
      ...model,
      loopTaps: flat,
      certificate: { gain, growth: growthBound(gain) },
    });
    expect(certifiedGain(flat.subarray(model.taps))).toBeLessThan(0.9501);
    const options = { f0s: [model.f0], sampleRates: [8000] };
    expect(soak(claiming(0.9501), options).reasons).toEqual([]);
    for (const { reasons, tails, lastTenSecondsDb } of soak(claiming(0.945), options).runs) {
      expect(reasons.join()).toMatch(
        /^The first loop gains energy: \d\.\de-[34] beyond 0\.945 per longest delay/,
      );
      expect(reasons.join()).not.toMatch(/second loop/);
      expect(tails.y).toBeGreaterThan(1e-4);
      expect(lastTenSecondsDb).toBeLessThan(-6);
    }
  });

  test("an offset that stays, and a string that hardly decays, are named as in any soak", () => {
    const { model } = makePassiveModel({ filters: 1, gain: 0.9999 });
    const flat = new Float32Array(model.loopTaps.length);
    flat[model.ahead] = 0.5;
    flat[model.taps + model.ahead] = 0.9998;
    const { reasons } = soak({ ...model, loopTaps: flat }, { f0s: [model.f0], sampleRates: [8000] });
    expect(reasons.filter((reason) => reason.startsWith("From DC ")).join()).toMatch(
      /The mean at the end is/,
    );
    expect(reasons.filter((reason) => reason.startsWith("From partial 3 ")).join()).toMatch(
      /The last ten seconds lie at/,
    );
  });

  test("a string too high to be played an octave up is soaked at the other two pitches", () => {
    const { model } = makePassiveModel({ f0: 600, ahead: 5 });
    const { passes, runs } = soak(model, { sampleRates: [8000] });
    expect(passes).toBe(true);
    expect(new Set(runs.map(({ f0 }) => Math.round(f0)))).toEqual(new Set([600, 449]));
    // nor is there a tenth partial
    expect(new Set(runs.map(({ start }) => start))).toEqual(new Set(STARTS.slice(0, -1)));
  });

  test("refuses a recording too short to start from, and less than 20 s", () => {
    const { model } = makePassiveModel();
    const short = { ...recording, samples: recording.samples.subarray(0, 30) };
    expect(() => soakPassive(newCore("simd"), model, short, quick)).toThrow(
      /^soak recording: expected \d+ samples or more of it at 160\.50 Hz, got \d+; take a longer recording$/,
    );
    expect(() => soak(model, { seconds: 5 })).toThrow("seconds: expected 20 or more, got 5");
  });

  test("is told in a table with a row for each start, and a line for each failure", () => {
    const { model } = makePassiveModel({ filters: 1 });
    const good = describeSoak(soak(model), 20);
    expect(good).toMatch(/soak 20 s: passes; 42 runs without the guard, at 160\.5, 321, 120\.2 Hz/);
    for (const start of STARTS) expect(good).toMatch(new RegExp(`^ +${start} +.* passes$`, "m"));
    const bad = describeSoak(soak(louder(model, 1.03, () => true)), 20);
    expect(bad).toMatch(/soak 20 s: fails/);
    expect(bad).toMatch(/^ +noise +.* fails 1 of 6$/m);
    expect(bad).toMatch(/^ +From noise at 160\.50 Hz, 8000 Hz: /m);
  });
});

describe("tailExcess", () => {
  test("is that of the inequalities, summed as they stand", () => {
    const random = mulberry32(5);
    const [F, length, gain] = [7, 60, 0.8];
    const signal = () => Float64Array.from({ length }, (_, n) => (2 * random() - 1) * 0.95 ** n);
    const [y, u] = [signal(), signal()];
    const T = (x: Float64Array, n: number) => Math.hypot(...x.subarray(n));
    const each = Array.from({ length: length - F }, (_, i) => i + F);
    const found = tailExcess({ y, u, longestDelay: F }, gain);
    expect(found.u).toBeCloseTo(Math.max(...each.map((n) => T(u, n) / T(u, n - F) - gain)), 12);
    const overY = (n: number) => (T(y, n) - gain * T(y, n - F) - T(u, n)) / (T(y, n - F) + T(u, n));
    expect(found.y).toBeCloseTo(Math.max(...each.map(overY)), 12);
    expect(found.rendered).toBeCloseTo(T(y, F), 12);
  });

  test("of parallel loops is each loop's own", () => {
    const random = mulberry32(6);
    const [F, length, gain] = [7, 60, 0.8];
    const signal = () => Float64Array.from({ length }, (_, n) => (2 * random() - 1) * 0.95 ** n);
    const [a, u] = [signal(), signal()];
    const y = a.map((x, n) => x + u[n]);
    const T = (x: Float64Array, n: number) => Math.hypot(...x.subarray(n));
    const found = tailExcess({ y, u, longestDelay: F, isParallel: true }, gain);
    const each = Array.from({ length: length - F }, (_, i) => i + F);
    const overA = (n: number) => (T(a, n) - gain * T(a, n - F)) / (T(a, n - F) + T(u, n));
    expect(found.y).toBeCloseTo(Math.max(...each.map(overA)), 12);
    expect(found.u).toBeCloseTo(Math.max(...each.map((n) => T(u, n) / T(u, n - F) - gain)), 12);
    expect(found.rendered).toBeCloseTo(T(y, F), 12);
  });

  test("silence exceeds nothing", () => {
    const silence = new Float32Array(50);
    expect(tailExcess({ y: silence, u: silence, longestDelay: 10 }, 0.9)).toEqual({
      y: -1,
      u: -1,
      rendered: 0,
    });
  });
});
