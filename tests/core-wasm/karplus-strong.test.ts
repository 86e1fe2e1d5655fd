// The Karplus-Strong generator: its pitch, its decay and its bits are what was asked for.
import { type Build, generateKarplusStrong, karplusStrongGain } from "@neural-string/core-wasm";
import { describe, expect, test } from "vitest";
import { karplusStrong } from "../reference/karplus-strong.ts";
import { Cage } from "../support/canaries.ts";
import { expectSameBits, expectWithinDb } from "../support/closeness.ts";
import { BUILDS_HERE, memoryBytes, newCore } from "../support/core-builds.ts";
import { partialAt } from "../support/partials.ts";

const sampleRate = 44100;

/** Amplitude of a partial over one window, and how fast its phase turns from that window to a later one. */
function fundamental(sound: Float32Array, f0: number): { cents: number; t60: number } {
  const { hz, t60 } = partialAt(sound, sampleRate, f0, { from: 0.1, to: 1.1, width: 0.25 });
  return { cents: 1200 * Math.log2(hz / f0), t60 };
}

describe.each(BUILDS_HERE)("karplusStrong, %s", (build: Build) => {
  test.each([
    { f0: 82.46, t60: 3, damping: 0.5 },
    { f0: 146.83, t60: 1.5, damping: 0.1 },
    { f0: 440, t60: 4, damping: 0 },
    { f0: 1318.5, t60: 0.8, damping: 0.3 },
  ])("$f0 Hz, T60 $t60 s, damping $damping sounds so", ({ f0, t60, damping }) => {
    const sound = generateKarplusStrong(newCore(build), { sampleRate, f0, seconds: 1.5, t60, damping });
    const heard = fundamental(sound, f0);
    // S as a delay is exact at low frequencies only: 0.3 cents at 1.3 kHz
    expect(Math.abs(heard.cents), `${heard.cents} cents`).toBeLessThan(0.5);
    expect(Math.abs(heard.t60 / t60 - 1), `T60 ${heard.t60}`).toBeLessThan(0.01);
  });

  test("equals the float64 reference", () => {
    for (const [f0, pluckPosition, damping] of [
      [82.46, 0, 0.5],
      [500.1, 0.13, 0.25],
      [2000, 0.5, 0],
    ]) {
      const options = { sampleRate, f0, seconds: 0.5, t60: 2, damping, pluckPosition, level: 0.5, seed: 9 };
      const period = sampleRate / f0;
      const gain = karplusStrongGain(options);
      const reference = karplusStrong({ period, gain, damping, pluckPosition, level: 0.5, seed: 9 }, 22050);
      expectWithinDb(generateKarplusStrong(newCore(build), options), reference, -110, `${f0} Hz`);
    }
  });

  test("has no offset, its peak in the first period is the level, and it ends in silence", () => {
    const options = { sampleRate, f0: 441, t60: 0.2, level: 0.7 };
    const sound = generateKarplusStrong(newCore(build), { ...options, seconds: 2 });
    // without damping the first period is the burst itself
    const burst = generateKarplusStrong(newCore(build), {
      ...options,
      damping: 0,
      seconds: 100 / sampleRate,
    });
    expect(Math.abs(burst.reduce((a, b) => a + b, 0))).toBeLessThan(1e-5);
    expect(Math.abs(sound.reduce((a, b) => a + b, 0) / sound.length)).toBeLessThan(1e-8);
    expect(Math.max(...burst.map(Math.abs))).toBeCloseTo(0.7, 6);
    expect(sound.findIndex((x) => x !== 0 && Math.abs(x) < 1e-15)).toBe(-1);
    expect(generateKarplusStrong(newCore(build), { ...options, t60: 0.05, seconds: 2 }).at(-1)).toBe(0);
  });

  // stretches of 4096 samples are looked at whole: loud, quiet, or silent throughout
  test.each([
    { level: 1e-7, t60: 2, silentAfter: 44100 },
    { level: 1e-12, t60: 2, silentAfter: 44100 },
    { level: 1e-12, t60: 0.1, silentAfter: 8000 },
    { level: 0.5, t60: 0.05, silentAfter: 16000 },
  ])("at a level of $level, T60 $t60 s, it rings on until nothing is left", ({ level, t60, silentAfter }) => {
    const options = { sampleRate, f0: 82.46, seconds: 1, t60, damping: 0.2, level, seed: 4 };
    const sound = generateKarplusStrong(newCore(build), options);
    const string = { period: sampleRate / 82.46, gain: karplusStrongGain(options), damping: 0.2 };
    const reference = karplusStrong({ ...string, pluckPosition: 0, level, seed: 4 }, 44100);
    // beside rounding, 1e-15 is taken away now and then, and goes round for a while
    const off = Math.max(...sound.map((x, n) => Math.abs(x - reference[n])));
    expect(off).toBeLessThan(2e-6 * level + 1e-14);
    const end = sound.findLastIndex((x) => x !== 0) + 1;
    expect(end).toBeGreaterThan(silentAfter / 4);
    expect(end).toBeLessThanOrEqual(silentAfter);
    // what it falls below only now and then it does not stop at
    expect(Math.max(...reference.subarray(end).map(Math.abs), 0)).toBeLessThan(2e-15);
  });

  test("plucked at a quarter it lacks every fourth partial", () => {
    const options = { sampleRate, f0: 441, seconds: 0.5, t60: 5, damping: 0, pluckPosition: 0.25 };
    const sound = generateKarplusStrong(newCore(build), options);
    const size = (m: number) =>
      partialAt(sound, sampleRate, 441 * m, { from: 0, to: 0.2, width: 0.2 }).amplitude;
    for (const m of [4, 8, 12]) expect(size(m) / Math.max(size(m - 1), size(m + 1))).toBeLessThan(0.01);
  });

  test("the same seed gives the same bits, another seed another sound, and the memory stays", () => {
    const core = newCore(build);
    const make = (seed: number) =>
      generateKarplusStrong(core, { sampleRate, f0: 110, seconds: 0.3, t60: 2, seed });
    const first = make(5);
    const [mark, bytes] = [core.exports.arenaMark(), memoryBytes(core)];
    expectSameBits(make(5), first);
    expect(make(6).some((x, n) => Math.abs(x - first[n]) > 0.1)).toBe(true);
    expect([core.exports.arenaMark(), memoryBytes(core)]).toEqual([mark, bytes]);
  });

  test("the kernel keeps to its buffer", () => {
    const core = newCore(build);
    const cage = new Cage(core);
    const out = cage.allocate(4 * 1001);
    for (const period of [8, 8.4, 99.5, 3000]) {
      core.exports.karplusStrong(out, 1001, period, 0.99, 0.5, 0.3, 0.5, 1);
      expect(core.f32(out, 1001).every(Number.isFinite)).toBe(true);
    }
    expect(cage.deadCanaries).toBe(0);
  });
});

test("the scalar and the simd build give the same bits, and the noise is the same on every build", () => {
  const make = (build: Build) =>
    generateKarplusStrong(newCore(build), {
      sampleRate,
      f0: 196,
      seconds: 1,
      t60: 3,
      pluckPosition: 0.2,
      seed: 3,
    });
  expectSameBits(make("simd"), make("scalar"));
  for (const build of BUILDS_HERE)
    expectSameBits(make(build).subarray(0, 220), make("scalar").subarray(0, 220));
});
