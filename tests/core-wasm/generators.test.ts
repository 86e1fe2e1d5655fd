// The generators refuse what cannot sound, each option with its own sentence.
import { generateKarplusStrong, generateStiffString, karplusStrongGain } from "@neural-string/core-wasm";
import { describe, expect, test } from "vitest";
import { newCore } from "../support/core-builds.ts";

const core = newCore("scalar");
const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

describe("generateKarplusStrong", () => {
  const valid = { sampleRate: 44100, f0: 100, seconds: 0.1, t60: 2 };

  test.each([
    [{ f0: 6000 }, "f0: expected a period of 8 to 1048576 samples, got 6000 Hz"],
    [{ f0: 0 }, "f0: expected a period of 8 to 1048576 samples, got 0 Hz"],
    [{ f0: -5 }, "f0: expected"],
    [{ f0: nan }, "f0: expected"],
    [{ damping: 0.6 }, "damping: expected 0 to 0.5, got 0.6"],
    [{ damping: nan }, "damping: expected 0 to 0.5, got NaN"],
    [{ pluckPosition: -0.1 }, "pluckPosition: expected 0 to 0.5, got -0.1"],
    [{ level: infinity }, "level: expected a number within 1e15, got Infinity"],
    [{ t60: 0 }, "t60: expected positive seconds, got 0"],
    [{ t60: nan }, "t60: expected positive seconds, got NaN"],
    [
      { f0: 5000, t60: 10 },
      "t60: the two-point average alone (damping 0.5) makes the fundamental decay faster than 10 s; use less damping or a shorter t60",
    ],
    [{ seconds: 0 }, "seconds: expected 1 to 268435456 samples, got 0"],
    [{ seconds: infinity }, "seconds: expected 1 to 268435456 samples, got Infinity"],
  ])("%j: %s", (wrong, sentence) => {
    const generate = () => generateKarplusStrong(core, { ...valid, ...wrong });
    expect(generate).toThrow(RangeError);
    expect(generate).toThrow(sentence);
  });

  test("gives round(seconds * sampleRate) samples", () => {
    expect(generateKarplusStrong(core, { ...valid, seconds: 0.01001 }).length).toBe(441);
  });

  test("the gain of a string without damping falls 60 dB in t60 * f0 periods", () => {
    expect(karplusStrongGain({ ...valid, damping: 0 }) ** 200).toBeCloseTo(1e-3, 12);
  });
});

describe("generateStiffString", () => {
  const valid = { sampleRate: 44100, f0: 100, seconds: 0.1, t60: [2, 1] };

  test.each([
    [{ f0: 30000 }, "f0: expected 0 to 22050 Hz, got 30000"],
    [{ f0: 0 }, "f0: expected 0 to 22050 Hz, got 0"],
    [{ sampleRate: nan }, "f0: expected 0 to NaN Hz, got 100"],
    [{ t60: [] }, "t60: expected positive seconds"],
    [{ t60: [1, 0] }, "t60: expected positive seconds"],
    [{ t60: [nan] }, "t60: expected positive seconds"],
    [{ inharmonicity: -1e-4 }, "inharmonicity: expected 0 or more, got -0.0001"],
    [{ pluckPosition: 0 }, "pluckPosition: expected above 0, to 0.5, got 0"],
    [{ secondMix: 1.5 }, "secondMix: expected 0 to 1, got 1.5"],
    [{ secondT60Ratio: 0 }, "secondT60Ratio: expected above 0, got 0"],
    [{ detuneCents: nan }, "detuneCents: expected a finite number, got NaN"],
    [{ level: nan }, "level: expected a number within 1e15, got NaN"],
    [{ seconds: -1 }, "seconds: expected 1 to 268435456 samples, got -4410"],
  ])("%j: %s", (wrong, sentence) => {
    const generate = () => generateStiffString(core, { ...valid, ...wrong });
    expect(generate).toThrow(RangeError);
    expect(generate).toThrow(sentence);
  });
});
