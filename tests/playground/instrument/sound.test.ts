// What comes after the strings, and what is made of what they hold: limiter, tone, load, tape, the drawn string.
import { CEILING, Limiter } from "@neural-string/playground/instrument/limiter";
import { LoadMeter } from "@neural-string/playground/instrument/load-meter";
import { displacement, hazeOf, shapeAt } from "@neural-string/playground/instrument/string-shape";
import { minutes, Tape } from "@neural-string/playground/instrument/tape";
import { Tone } from "@neural-string/playground/instrument/tone";
import { decodeWav } from "@neural-string/trainer/audio/wav";
import { describe, expect, test } from "vitest";
import { mulberry32 } from "../../reference/random.ts";
import { expectSameBits } from "../../support/closeness.ts";

const RATE = 48000;
const loudest = (sound: Float32Array) => sound.reduce((most, x) => Math.max(most, Math.abs(x)), 0);

function inBlocks(sound: Float32Array, process: (block: Float32Array) => void, block: number): Float32Array {
  const out = sound.slice();
  for (let n = 0; n < out.length; n += block) process(out.subarray(n, Math.min(out.length, n + block)));
  return out;
}

describe("Limiter", () => {
  test("what stays below the ceiling passes bit for bit, late by its look-ahead", () => {
    const random = mulberry32(1);
    const sound = Float32Array.from({ length: 20000 }, () => 1.9 * CEILING * (random() - 0.5));
    const limiter = new Limiter(RATE);
    const out = inBlocks(sound, (block) => limiter.process(block), 128);
    expectSameBits(out.subarray(limiter.latency), sound.subarray(0, sound.length - limiter.latency));
    expect(limiter.takeLeastGain()).toBe(1);
  });

  test.each([1, 2, 3, 4])("nothing exceeds the ceiling, whatever comes in (seed %i)", (seed) => {
    const random = mulberry32(seed);
    // noise of wandering loudness, spikes, and what is no number
    let level = 0.1;
    const sound = Float32Array.from({ length: 60000 }, (_, n) => {
      if (n % 500 === 0) level = 10 ** (3 * random() - 2);
      if (random() < 1e-3) return (random() < 0.5 ? -1 : 1) * 50;
      if (random() < 1e-4) return Number.NaN;
      return level * (2 * random() - 1);
    });
    const limiter = new Limiter(RATE);
    const out = inBlocks(sound, (block) => limiter.process(block), 128);
    expect(loudest(out)).toBeLessThanOrEqual(CEILING * (1 + 1e-6));
    expect(loudest(out)).toBeGreaterThan(0.9 * CEILING);
    expect(limiter.takeLeastGain()).toBeLessThan(0.05);
    expect(limiter.takeLeastGain()).toBe(1);
  });

  test("does not depend on the host's blocks, and lets go in the end", () => {
    const sine = Float32Array.from(
      { length: 96000 },
      (_, n) => (n < 20000 ? 4 : 0.5) * Math.sin((2 * Math.PI * 110 * n) / RATE),
    );
    const render = (block: number) => {
      const limiter = new Limiter(RATE);
      return inBlocks(sine, (part) => limiter.process(part), block);
    };
    const whole = render(96000);
    expectSameBits(render(128), whole);
    expectSameBits(render(7), whole);
    const late = Math.round(0.002 * RATE);
    expectSameBits(whole.subarray(80000 + late, 96000), sine.subarray(80000, 96000 - late));
  });

  test("turns down without a click: the gain of a steady tone bends no more than the tone", () => {
    const sound = Float32Array.from(
      { length: 24000 },
      (_, n) => (n < 12000 ? 0.5 : 3) * Math.cos((2 * Math.PI * 100 * n) / RATE),
    );
    const limiter = new Limiter(RATE);
    const out = inBlocks(sound, (block) => limiter.process(block), 128);
    // the jump itself is in what came in; before it, where the gain already goes down, there is none
    const jump = 12000 + limiter.latency;
    for (let n = jump - limiter.latency; n < jump; n++)
      expect(Math.abs(out[n] - out[n - 1])).toBeLessThan(0.02);
  });
});

describe("Tone", () => {
  test("at rest it passes bit for bit; lifted, treble is louder and bass is not", () => {
    const at = (hz: number, lift: number) => {
      const tone = new Tone(RATE);
      tone.lift = lift;
      const sound = Float32Array.from(
        { length: 24000 },
        (_, n) => 0.1 * Math.sin((2 * Math.PI * hz * n) / RATE),
      );
      const out = inBlocks(sound, (block) => tone.process(block), 128);
      if (lift === 0) expectSameBits(out, sound);
      return loudest(out.subarray(12000)) / 0.1;
    };
    expect(at(100, 0)).toBeCloseTo(1, 2);
    expect(at(100, 2.2)).toBeCloseTo(1, 1);
    expect(at(10000, 2.2)).toBeGreaterThan(2.8);
  });

  test("volume glides: no step, and there in a few milliseconds", () => {
    const tone = new Tone(RATE);
    const out = new Float32Array(4800).fill(0.5);
    tone.process(out.subarray(0, 2400));
    tone.gain = 0;
    tone.process(out.subarray(2400));
    for (let n = 1; n < out.length; n++) expect(Math.abs(out[n] - out[n - 1])).toBeLessThan(0.002);
    expect(Math.abs(out[4799])).toBeLessThan(2e-4);
  });
});

test("the load meter finds a tenth of a millisecond with a clock of whole ones", () => {
  const random = mulberry32(5);
  let time = 0;
  const meter = new LoadMeter(RATE, () => Math.floor(time));
  const blockMs = (128 * 1000) / RATE;
  for (let i = 0; i < 188 * 40; i++) {
    // callbacks come when the system likes, and take 0.4 ms of 2.67
    time += 0.2 + 0.4 * random();
    const began = time;
    meter.begin();
    time += 0.4;
    meter.end(128, RATE);
    time = began + blockMs - 0.4 + 0.4 * random() - 0.2;
  }
  expect(meter.load).toBeGreaterThan(0.1);
  expect(meter.load).toBeLessThan(0.2);
});

describe("Tape", () => {
  test("gives back what it was given, as a WAV file", () => {
    const random = mulberry32(3);
    const tape = new Tape(44100);
    const pieces = [8192, 8192, 77].map((length) => Float32Array.from({ length }, () => 2 * random() - 1));
    for (const piece of pieces) tape.add(piece);
    const { sampleRate, channels, notes } = decodeWav(tape.toWav());
    expect(sampleRate).toBe(44100);
    expect(notes).toEqual([]);
    expectSameBits(channels[0], Float32Array.from(pieces.flatMap((piece) => [...piece])));
    expect(tape.seconds).toBe((2 * 8192 + 77) / 44100);
    expect(tape.isFull).toBe(false);
    expect(minutes(65.9)).toBe("1:05");
  });
});

describe("the drawn string", () => {
  const points = 64;
  const period = (f: (phase: number) => number) =>
    Float32Array.from({ length: points }, (_, j) => f(j / points));

  test("is held at both ends at every moment, whatever the loop holds", () => {
    const random = mulberry32(2);
    const d = new Float32Array(points);
    displacement(
      period(() => random() - 0.5),
      d,
    );
    const shape = new Float32Array(65);
    for (const phase of [0, 0.1, 0.37, 0.99]) {
      shapeAt(d, phase, shape);
      expect(shape[0]).toBe(0);
      expect(Math.abs(shape[64])).toBeLessThan(1e-6);
    }
  });

  test("the second partial has its node in the middle, and moves out at the quarters", () => {
    const d = new Float32Array(points);
    displacement(
      period((phase) => Math.cos(4 * Math.PI * phase)),
      d,
    );
    const shape = new Float32Array(65);
    const haze = new Float32Array(65);
    hazeOf(d, haze, shape);
    expect(haze[32]).toBeLessThan(0.02 * haze[16]);
    // the integral of cos 2x is half a sine, and two waves of it meet
    expect(haze[16]).toBeCloseTo(1, 1);
    expect(haze[48]).toBeCloseTo(haze[16], 3);
  });

  test("displacement is the integral of what is heard, without its offset", () => {
    const d = new Float32Array(points);
    displacement(
      period((phase) => 3 + Math.cos(2 * Math.PI * phase)),
      d,
    );
    for (let j = 0; j < points; j++)
      expect(d[j]).toBeCloseTo(Math.sin((2 * Math.PI * (j + 0.5)) / points), 2);
  });

  test("nothing it passes through lies outside the haze", () => {
    const random = mulberry32(8);
    const d = new Float32Array(points);
    displacement(
      period(() => random() - 0.5),
      d,
    );
    const [haze, shape] = [new Float32Array(65), new Float32Array(65)];
    hazeOf(d, haze, shape);
    for (let m = 0; m < 24; m++) {
      shapeAt(d, m / 24, shape);
      for (let i = 0; i < 65; i++) expect(Math.abs(shape[i])).toBeLessThanOrEqual(haze[i] + 1e-6);
    }
  });
});
