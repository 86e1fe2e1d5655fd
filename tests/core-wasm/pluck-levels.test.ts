// A note tuned up is as loud as its string was recorded: what its pluck made up for at its own pitch does not add to itself.
import { type PassiveModel, pluckLevels, Resonator, StringTuner, Voices } from "@neural-string/core-wasm";
import { extractExcitation } from "@neural-string/trainer/core/passive/excitation";
import { describe, expect, test } from "vitest";
import { memoryBytes, newCore } from "../support/core-builds.ts";
import { physicalString, pluckedWith } from "../support/physical-string.ts";

const RATE = 44100;
const F0 = 82.46;
const LOWEST = F0 / 2;
const SECONDS = 0.25;

/** A string that decays too fast, and a pluck that makes up for it: a long one, taken from a string that rings. */
function makingUp(options: { filters?: number; coupled?: number; controls?: number } = {}): PassiveModel {
  const sound = ringing(physicalString({ t60: [12, 4], f0: F0 }), F0, 0.5);
  const fades = physicalString({ t60: [0.2, 0.1], f0: F0, ...options });
  const controls = new Array(fades.controls).fill(0);
  const samples = extractExcitation(fades, sound, Math.round(0.4 * RATE), controls);
  return pluckedWith(fades, samples);
}

/** A string by itself, plucked as its model says. */
function ringing(model: PassiveModel, f0: number, seconds = SECONDS, level = 1): Float32Array {
  const string = new Resonator(newCore("simd"), model, { f0, lowestF0: Math.min(f0, model.f0) });
  string.pluck(0, { level });
  const sound = new Float32Array(Math.round(seconds * RATE));
  string.process(sound);
  return sound;
}

const tunerOf = (model: PassiveModel, sampleRate = RATE) =>
  new StringTuner(newCore("simd"), model, { lowestF0: LOWEST, sampleRate });

/** A note of an instrument. */
function note(model: PassiveModel, f0: number, sampleRate = RATE): Float32Array {
  const voices = new Voices(newCore("simd"), model, { polyphony: 1, lowestF0: LOWEST, sampleRate });
  voices.addTuning(tunerOf(model, sampleRate).tune(f0));
  voices.noteOn(f0);
  const sound = new Float32Array(Math.round(SECONDS * sampleRate));
  for (let at = 0; at < sound.length; at += 128) voices.process(sound.subarray(at, at + 128));
  return sound;
}

/** RMS of the loudest fifth, dB. */
function loudness(sound: Float32Array): number {
  const stretch = Math.floor(sound.length / 5);
  const powers = Array.from({ length: 5 }, (_, i) =>
    sound.subarray(i * stretch, (i + 1) * stretch).reduce((sum, x) => sum + x * x, 0),
  );
  return 10 * Math.log10(Math.max(...powers) / stretch);
}

describe.each([
  ["one filter", {}, 2],
  ["three filters", { filters: 3 }, 2],
  ["three filters and a control", { filters: 3, controls: 1 }, 2],
  // what is coupled makes up for itself
  ["parallel planes", { coupled: 0.3 }, 0],
])("a pluck that makes up for what %s lose", (_, options, leastDb) => {
  const model = makingUp(options);
  const own = loudness(note(model, F0));

  test("is made softer two octaves up, all of it alike", () => {
    const softer = tunerOf(model).tune(4 * F0);
    // notes that were recorded at many pitches are left as they are
    const plain = tunerOf({ ...model, pitchControl: true }).tune(4 * F0);
    const [pluck] = plain.excitations;
    const largest = pluck.reduce((n, x, i, all) => (x ** 2 > all[n] ** 2 ? i : n), 0);
    const factor = softer.excitations[0][largest] / pluck[largest];
    expect(-20 * Math.log10(factor)).toBeGreaterThanOrEqual(leastDb);
    const isScaled = (scaled: Float32Array, whole: Float32Array) =>
      scaled.every((x, n) => Math.abs(x - factor * whole[n]) <= 1e-6 * Math.abs(pluck[largest]));
    expect(isScaled(softer.excitations[0], pluck)).toBe(true);
    expect(softer.coupled.every((samples, i) => isScaled(samples, plain.coupled[i]))).toBe(true);
  });

  test.each([
    [0.5, RATE],
    [1.5, RATE],
    [2, RATE],
    [4, RATE],
    [6.3, RATE],
    [1, 96000],
    [4, 96000],
    [2, 22050],
  ])("is no louder %d times as high at %d Hz, and never silent", (times, sampleRate) => {
    const louder = loudness(note(model, times * F0, sampleRate)) - own;
    expect(louder).toBeLessThan(1.15);
    expect(louder).toBeGreaterThan(-6);
  });
});

test.each([0.5, 1.5, 4, 8])(
  "a string by itself, %d times as high, is no louder at the level it is given",
  (times) => {
    const model = makingUp({ filters: 3 });
    const core = newCore("simd");
    const before = pluckLevels(core, model, { f0: times * F0 });
    const bytes = memoryBytes(core);
    const [level] = pluckLevels(core, model, { f0: times * F0 });
    expect([level]).toEqual([...before]);
    expect(memoryBytes(core)).toBe(bytes);
    const louder = (given: number) =>
      loudness(ringing(model, times * F0, SECONDS, given)) - loudness(ringing(model, F0));
    expect(louder(level)).toBeLessThan(1.15);
    // softer only where that is needed
    expect(level === 1).toBe(louder(1) <= 1);
  },
);

test("at its own pitch a string by itself is plucked as it was", () => {
  expect([...pluckLevels(newCore("simd"), makingUp(), {})]).toEqual([1]);
});

test("without that it would be louder, as a string by itself is", () => {
  const model = makingUp();
  expect(loudness(ringing(model, 4 * F0)) - loudness(note(model, 4 * F0))).toBeGreaterThan(2);
});

test("at its own pitch, and near it, a note is as the model has it", () => {
  const model = makingUp();
  expect(tunerOf(model).tune(F0).excitations[0]).toEqual(model.excitations[0].samples);
  const near = F0 * 2 ** (40 / 1200);
  expect(loudness(note(model, near)) - loudness(ringing(model, near))).toBeCloseTo(0, 6);
});

test("tunings do not hang on those before, and give their memory back", () => {
  const model = makingUp({ filters: 3 });
  const core = newCore("simd");
  const tuner = new StringTuner(core, model, { lowestF0: LOWEST });
  const first = tuner.tune(4 * F0);
  tuner.tune(0.999 * LOWEST);
  const bytes = memoryBytes(core);
  for (const times of [0.5, 1, 3.7]) tuner.tune(times * F0);
  expect(tuner.tune(4 * F0)).toEqual(first);
  expect(memoryBytes(core)).toBe(bytes);
});

test.each([
  ["nothing", []],
  ["one sample", [0.5]],
  ["silence", new Array(4000).fill(0)],
  ["what is not a number", [0.1, Number.NaN, 0.2]],
])("a pluck of %s is left as it is", (_, samples) => {
  const model = makingUp();
  const excitation = { ...model.excitations[0], samples: Float32Array.from(samples) };
  const tuning = tunerOf({ ...model, excitations: [excitation] }).tune(4 * F0);
  const plain = tunerOf({ ...model, excitations: [excitation], pitchControl: true }).tune(4 * F0);
  expect(tuning.excitations).toEqual(plain.excitations);
});

/**
 * A string whose network turns from one filter to another, alike, as soon as it hears anything, and whose pluck makes up
 * for what is lost by that.
 */
function turning(plain: PassiveModel): PassiveModel {
  const model = physicalString({ f0: F0, filters: 2, hop: 256, t60: [6, 4], coupled: 1e-9 });
  const units = model.hiddenBias.length;
  const first = (value: number, count: number) =>
    Float32Array.from({ length: count }, (_, i) => (i === 0 ? value : 0));
  model.loopTaps.set(plain.loopTaps.subarray(plain.taps), plain.taps);
  model.loopTaps.set(plain.loopTaps.subarray(plain.taps), 2 * plain.taps);
  model.hiddenWeight.set(first(3, 2 * units));
  model.hiddenBias.set(first(5, units));
  model.outputWeight.set([...first(-3, units), ...first(3, units)]);
  const samples = extractExcitation(model, ringing(plain, F0, 0.5), Math.round(0.25 * RATE), []);
  return pluckedWith(model, samples);
}

// with a hop that lasts as long at every pitch, 12 dB of what rings on of a piano's A1 were lost so at C5
test.each([0.5, 2, 4, 6])(
  "a string that turns at the onset loses no more by it, %d times as high",
  (times) => {
    const plain = physicalString({ f0: F0, t60: [6, 4], coupled: 1e-9 });
    const model = turning(plain);
    const at = (pitch: number) => loudness(ringing(model, pitch)) - loudness(ringing(plain, pitch));
    expect(Math.abs(at(F0))).toBeLessThan(0.1);
    expect(Math.abs(at(times * F0))).toBeLessThan(0.6);
  },
);
