// The stiff string generator: every partial's pitch and decay are recovered from the sound, and it beats as asked.
import { type Build, generateStiffString, type StiffStringOptions } from "@neural-string/core-wasm";
import { describe, expect, test } from "vitest";
import { partialHz, stiffString } from "../reference/stiff-string.ts";
import { Cage } from "../support/canaries.ts";
import { closeness, expectSameBits, expectWithin } from "../support/closeness.ts";
import { BUILDS_HERE, memoryBytes, newCore } from "../support/core-builds.ts";
import { partialAt } from "../support/partials.ts";

const sampleRate = 44100;
const t60 = [6, 5, 4.2, 3.5, 2.9, 2.3, 1.9, 1.5, 1.2, 1];
const string: StiffStringOptions = {
  sampleRate,
  f0: 82.46,
  inharmonicity: 2e-4,
  seconds: 2,
  t60,
  pluckPosition: 0.13,
};

describe.each(BUILDS_HERE)("stiffString, %s", (build: Build) => {
  test("every partial's frequency and T60 are in the sound", () => {
    const sound = generateStiffString(newCore(build), string);
    t60.forEach((seconds, i) => {
      const hz = partialHz(i + 1, 82.46, 2e-4);
      const heard = partialAt(sound, sampleRate, hz, { from: 0.05, to: 0.8, width: 0.4 });
      expect(Math.abs(1200 * Math.log2(heard.hz / hz)), `partial ${i + 1}: ${heard.hz} Hz`).toBeLessThan(
        0.05,
      );
      expect(Math.abs(heard.t60 / seconds - 1), `partial ${i + 1}: T60 ${heard.t60}`).toBeLessThan(0.01);
    });
  });

  test("equals the float64 reference", () => {
    const full = {
      inharmonicity: 3e-4,
      pluckPosition: 0.3,
      detuneCents: 2,
      secondMix: 0.4,
      secondT60Ratio: 1.7,
    };
    const options = { sampleRate, f0: 220, t60: [3, 2, 1, 0.5], level: 0.8, seed: 11, ...full };
    const sound = generateStiffString(newCore(build), { ...options, seconds: 1 });
    expectWithin(sound, stiffString(options, 44100), 1e-7); // one rounding to float32 of +-0.8
  });

  test("plucked at a fraction p it lacks the partials at multiples of 1 / p", () => {
    const sound = generateStiffString(newCore(build), { ...string, pluckPosition: 0.25, inharmonicity: 0 });
    const size = (m: number) =>
      partialAt(sound, sampleRate, 82.46 * m, { from: 0, to: 0.5, width: 0.4 }).amplitude;
    for (const m of [4, 8])
      expect(size(m) / Math.max(size(m - 1), size(m + 1)), `partial ${m}`).toBeLessThan(1e-3);
  });

  test("two polarisations of equal share beat at their distance", () => {
    const detuneCents = 20;
    const two = { seconds: 3, t60: [60], inharmonicity: 0, secondMix: 0.5, detuneCents };
    const sound = generateStiffString(newCore(build), { ...string, ...two, f0: 200 });
    const beat = 200 * (2 ** (detuneCents / 1200) - 1);
    const level = Array.from({ length: 290 }, (_, i) =>
      Math.hypot(...sound.subarray(441 * i, 441 * (i + 1))),
    );
    // the quietest moments follow each other at the beat's period
    const quiet = level.flatMap((x, i) => (i > 1 && x < level[i - 1] && x <= level[i + 1] ? [i / 100] : []));
    expect(quiet.length).toBeGreaterThan(4);
    const measured = (quiet.length - 1) / ((quiet.at(-1) ?? 0) - quiet[0]);
    expect(measured / beat).toBeGreaterThan(0.98);
    expect(measured / beat).toBeLessThan(1.02);
    expect(Math.min(...level) / Math.max(...level)).toBeLessThan(0.15);
  });

  test("the peak is the level, partials above 0.49 sampleRate are left out, and its end is silence", () => {
    const sound = generateStiffString(newCore(build), { ...string, level: 0.25 });
    expect(Math.max(...sound.map(Math.abs))).toBeCloseTo(0.25, 7);
    const high = generateStiffString(newCore(build), { ...string, f0: 21700, inharmonicity: 0 });
    expect(high.every((x) => x === 0)).toBe(true);
    const short = generateStiffString(newCore(build), { ...string, t60: [0.05, 0.05] });
    expect(short.at(-1)).toBe(0);
    expect(short.findIndex((x) => x !== 0 && Math.abs(x) < 1e-15)).toBe(-1);
  });

  test("the same seed gives the same bits on every build, another seed other phases", () => {
    const core = newCore(build);
    const sound = generateStiffString(core, { ...string, seed: 4 });
    const bytes = memoryBytes(core);
    expectSameBits(sound, generateStiffString(newCore("scalar"), { ...string, seed: 4 }));
    expect(closeness(generateStiffString(core, { ...string, seed: 5 }), sound).most).toBeGreaterThan(0.01);
    expect(memoryBytes(core)).toBe(bytes);
  });

  test("the kernel keeps to its buffers", () => {
    const core = newCore(build);
    const cage = new Cage(core);
    const table = cage.put(Float64Array.from(t60));
    const out = cage.allocate(4 * 501);
    core.exports.stiffString(out, 501, sampleRate, 100, 1e-4, table, t60.length, 0.2, 3, 0.5, 1, 0.5, 1);
    expect(core.f32(out, 501).every(Number.isFinite)).toBe(true);
    expect(cage.deadCanaries).toBe(0);
  });
});
