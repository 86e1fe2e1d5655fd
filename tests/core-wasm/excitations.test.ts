// A pluck at another pitch or sample rate: as much longer or shorter as the round trip is, without aliases, and without
// an offset that would outlast the note.
import { type PassiveModel, Resonator } from "@neural-string/core-wasm";
import { describe, expect, test } from "vitest";
import { Cage } from "../support/canaries.ts";
import { expectSameBits, expectWithinDb } from "../support/closeness.ts";
import { BUILDS_HERE, newCore } from "../support/core-builds.ts";
import { TOLERANCES } from "../support/kernel-tolerances.ts";
import { certificateOf, physicalString, pluckedWith } from "../support/physical-string.ts";

const linear = physicalString();

/** The excitation alone: what is heard before the first round trip. */
function beginning(model: PassiveModel, frames: number, tuning: { f0?: number; sampleRate?: number }) {
  const string = new Resonator(newCore("simd"), model, tuning);
  string.pluck();
  const sound = new Float32Array(frames);
  string.process(sound);
  return sound;
}

/** Band-limited reading of x at a time, silence around it. */
function read(x: ArrayLike<number>, at: number, band: number): number {
  let sum = 0;
  for (let k = 0; k < x.length; k++) {
    const t = band * (k - at);
    if (Math.abs(t) >= 12) continue;
    const sinc = t === 0 ? 1 : Math.sin(Math.PI * t) / (Math.PI * t);
    sum += band * x[k] * sinc * Math.cos((Math.PI * t) / 24) ** 2;
  }
  return sum;
}

/** What a string of another round trip is plucked with, in plain terms. */
function stretched(samples: ArrayLike<number>, ratio: number, period: number): Float64Array {
  const width = Math.round(4 * period);
  const length = Math.floor(samples.length * ratio);
  const x = Float64Array.from({ length: length + width }, (_, n) =>
    n < length ? read(samples, n / ratio, Math.min(1, ratio)) : 0,
  );
  return x.map((value, n) => {
    let swell = 0;
    for (let j = 1; j <= Math.min(n, width); j++) {
      swell += (x[n - j] * (1 - Math.cos((2 * Math.PI * j) / width))) / width;
    }
    return value - swell;
  });
}

describe("a pluck at another pitch", () => {
  test.each([
    ["an octave up", { f0: 2 * 82.46 }],
    ["a semitone up", { f0: 82.46 * 2 ** (1 / 12) }],
    ["an octave down", { f0: 82.46 / 2 }],
    ["at another sample rate", { sampleRate: 88200 }],
  ])("%s it is stretched as the round trip is, as the reference says", (_, tuning) => {
    const { f0 = linear.f0, sampleRate = 44100 } = tuning as { f0?: number; sampleRate?: number };
    const ratio = (sampleRate * linear.f0) / (44100 * f0);
    const expected = stretched(linear.excitations[0].samples, ratio, sampleRate / f0);
    // the loop has not returned anything yet
    const frames = Math.round(0.2 * (sampleRate / f0));
    expectWithinDb(
      beginning(linear, frames, tuning),
      expected.subarray(0, frames),
      TOLERANCES.resampledPluck.limit,
    );
  });

  test("at its own pitch it is as recorded", () => {
    const { samples } = linear.excitations[0];
    expectSameBits(beginning(linear, 300, {}), samples.subarray(0, 300));
  });

  test.each(BUILDS_HERE)("the kernels keep to their buffers, %s", (build) => {
    const core = newCore(build);
    const cage = new Cage(core);
    const samples = linear.excitations[0].samples.subarray(0, 301);
    for (const ratio of [0.37, 1, 2.9]) {
      const length = Math.floor(301 * ratio);
      const from = cage.put(samples);
      const out = cage.allocate(4 * (length + 50));
      core.exports.resample(from, samples.length, ratio, out, length);
      core.exports.removeSwell(out, length + 50, 50);
      const heard = core.f32(out, length + 50);
      expect(heard.every(Number.isFinite) && heard.some((x) => x !== 0)).toBe(true);
      expect(cage.deadCanaries).toBe(0);
    }
  });

  test("what a shorter one cannot hold is left out, not folded back", () => {
    // a tone at 15 kHz, an octave up at 30: above half the sample rate
    const samples = Float32Array.from({ length: 2000 }, (_, n) =>
      Math.sin((2 * Math.PI * 15000 * n) / 44100),
    );
    const model = pluckedWith(linear, samples);
    const heard = beginning(model, 50, { f0: 2 * linear.f0 }).subarray(15);
    expect(Math.max(...heard.map(Math.abs))).toBeLessThan(0.003);
  });
});

describe("no offset outlasts a note", () => {
  // what was never heard was never taught: at 0 Hz the first loop rings on while its partials die
  const rings = offsetRings(physicalString({ t60: [1.5, 0.8], f0: 82.46 }));

  test.each([32.7, 65.41, 130.81, 261.63, 392, 523.25])("at %d Hz", (f0) => {
    const string = new Resonator(newCore("simd"), rings, { f0, lowestF0: 30 });
    string.pluck();
    const sound = new Float32Array(3 * 44100);
    string.process(sound);
    // over whole periods, or the partials would count
    const span = Math.round(Math.round(0.5 * f0) * (44100 / f0));
    const late = sound.subarray(2 * 44100, 2 * 44100 + span);
    const mean = late.reduce((sum, x) => sum + x, 0) / span;
    const start = Math.sqrt(sound.subarray(0, span).reduce((sum, x) => sum + x * x, 0) / span);
    expect(Math.abs(mean) / start).toBeLessThan(2e-3);
  });
});

/** The same string with hardly any damping left at 0 Hz, as trained ones may have; and a pluck that pushes one way. */
function offsetRings(model: PassiveModel): PassiveModel {
  const { taps, loopTaps } = model;
  const shaped = loopTaps.slice();
  const row = shaped.subarray(taps, 2 * taps);
  // a slow bump around the period's tap: it lifts 0 Hz to a gain of 0.9985 and leaves the partials nearly as they were
  const bump = Float64Array.from({ length: taps }, (_, j) => Math.sin((Math.PI * (j + 0.5)) / taps) ** 2);
  const sum = bump.reduce((a, b) => a + b, 0);
  const lift = 0.9985 - row.reduce((a, b) => a + b, 0);
  bump.forEach((b, j) => {
    row[j] += (lift * b) / sum;
  });
  const samples = model.excitations[0].samples.map((x, n) => x + 0.002 * Math.exp(-n / 900));
  const made = { ...pluckedWith(model, samples), loopTaps: shaped };
  return { ...made, certificate: certificateOf(made) };
}
