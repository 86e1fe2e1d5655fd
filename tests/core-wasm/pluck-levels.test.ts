// A string tuned up is as loud as it was recorded: what its pluck made up for at its own pitch does not add to itself.
import { type PassiveModel, Resonator, StringTuner, Voices } from "@neural-string/core-wasm";
import { extractExcitation } from "@neural-string/trainer/core/passive/excitation";
import { describe, expect, test } from "vitest";
import { newCore } from "../support/core-builds.ts";
import { physicalString } from "../support/physical-string.ts";

const RATE = 44100;
const F0 = 82.46;

/** A string that decays too fast, and a pluck that makes up for it: a long one, taken from a string that rings. */
function makingUp(options: { filters?: number; coupled?: number; controls?: number } = {}): PassiveModel {
  const rings = physicalString({ t60: [12, 4], f0: F0 });
  const sound = played(rings, F0, 0.5);
  const fades = physicalString({ t60: [0.2, 0.1], f0: F0, ...options });
  const samples = Float32Array.from(
    extractExcitation(fades, sound, Math.round(0.4 * RATE), new Array(fades.controls).fill(0)),
  );
  return { ...fades, excitations: [{ ...fades.excitations[0], samples }] };
}

/** A pluck, seconds of it. */
function played(model: PassiveModel, f0: number, seconds = 0.25): Float32Array {
  const string = new Resonator(newCore("simd"), model, { f0, lowestF0: Math.min(f0, model.f0) });
  string.pluck();
  const sound = new Float32Array(Math.round(seconds * model.sampleRate));
  string.process(sound);
  return sound;
}

/** RMS of the loudest 50 ms. */
function loudness(sound: Float32Array): number {
  const stretch = Math.round(0.05 * RATE);
  let most = 0;
  for (let at = 0; at + stretch <= sound.length; at += stretch) {
    const power = sound.subarray(at, at + stretch).reduce((sum, x) => sum + x * x, 0) / stretch;
    most = Math.max(most, Math.sqrt(power));
  }
  return most;
}

const decibels = (ratio: number) => 20 * Math.log10(ratio);

describe.each([
  ["one filter", {}, -2],
  ["three filters", { filters: 3 }, -2],
  // what is coupled makes up for itself
  ["parallel planes", { coupled: 0.3 }, 0],
])("a pluck that makes up for what %s lose", (_, options, mostDb) => {
  const model = makingUp(options);
  const own = loudness(played(model, F0));

  test("is made softer two octaves up, all of it alike", () => {
    const pluckOf = (string: PassiveModel) =>
      new StringTuner(newCore("simd"), string, { lowestF0: F0 }).tune(4 * F0).excitations[0];
    const softer = pluckOf(model);
    // notes that were recorded at many pitches are left as they are
    const plain = pluckOf({ ...model, pitchControl: true });
    const largest = plain.reduce((n, x, i, all) => (x ** 2 > all[n] ** 2 ? i : n), 0);
    const factor = softer[largest] / plain[largest];
    expect(decibels(factor)).toBeLessThanOrEqual(mostDb);
    expect(softer.every((x, n) => Math.abs(x - factor * plain[n]) <= 1e-6 * Math.abs(plain[largest]))).toBe(
      true,
    );
  });

  test.each([2, 4, 6.3])("is no louder %d times as high, and never silent", (times) => {
    const db = decibels(loudness(played(model, times * F0)) / own);
    // a network that hears a softer pluck lets it decay otherwise: a little beside the decibel that is left
    expect(db).toBeLessThan(1.5);
    expect(db).toBeGreaterThan(-6);
  });

  test("a note of an instrument is a string's pluck", () => {
    const f0 = 4 * F0;
    const core = newCore("simd");
    const voices = new Voices(core, model, { polyphony: 1, lowestF0: F0 });
    voices.addTuning(new StringTuner(newCore("simd"), model, { lowestF0: F0 }).tune(f0));
    voices.noteOn(f0);
    const note = new Float32Array(11025);
    for (let at = 0; at < note.length; at += 105) voices.process(note.subarray(at, at + 105));
    expect(decibels(loudness(note) / loudness(played(model, f0)))).toBeCloseTo(0, 2);
  });
});

test("retuned, a string is as loud as one that was made for that pitch", () => {
  const model = makingUp();
  const string = new Resonator(newCore("simd"), model, { lowestF0: F0 });
  string.retune(4 * F0);
  string.pluck();
  const sound = new Float32Array(11025);
  string.process(sound);
  expect(sound).toEqual(played(model, 4 * F0));
});

test("at its own pitch, and near it, a pluck is as the model has it", () => {
  const model = makingUp();
  const { samples } = model.excitations[0];
  // what is heard before the first round trip
  expect(played(model, F0, 0.005)).toEqual(samples.subarray(0, Math.round(0.005 * RATE)));
  const quarter = played(model, F0 * 2 ** (40 / 1200));
  expect(decibels(loudness(quarter) / loudness(played(model, F0)))).toBeLessThan(1);
});

test("a string whose own pitch lies below all that it is made for", () => {
  const model = makingUp();
  const string = new Resonator(newCore("simd"), model, { f0: 4 * F0, lowestF0: 4 * F0 });
  string.pluck();
  const sound = new Float32Array(11025);
  string.process(sound);
  expect(sound).toEqual(played(model, 4 * F0));
});
