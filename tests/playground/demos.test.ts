// What the docs say of their demos' loops is what those loops do.
import { certifiedGain } from "@neural-string/core-wasm";
import {
  comb,
  filteredLoop,
  levels,
  loopFilter,
  noise,
  RATE,
  SAMPLE_LOSSES,
  SWITCH_DELAY,
  SWITCHED_FILTERS,
  switchedLoop,
} from "@neural-string/playground/demos/loops";
import { describe, expect, test } from "vitest";

describe("comb", () => {
  test("repeats what it was given, each time by its gain", () => {
    const y = comb(Float32Array.of(1, 0.5), 3, 0.5, 9);
    expect([...y]).toEqual([1, 0.5, 0, 0.5, 0.25, 0, 0.25, 0.125, 0]);
  });
});

describe("loopFilter and filteredLoop", () => {
  test("a frequency rings as long as it was asked to, and the loop is certified", () => {
    const period = 268;
    const t60 = 2;
    const taps = loopFilter(() => t60, period, RATE);
    expect(certifiedGain(taps)).toBeLessThan(1);
    const y = filteredLoop(noise(period), taps, period - 31, 2 * RATE);
    const level = levels(y, 20);
    // 60 dB in 2 s: from the third tenth to the thirteenth 30 dB
    expect(level[12] - level[2]).toBeCloseTo(-30, 0);
  });

  test("longer in the bass than in the treble", () => {
    const taps = loopFilter((frequency) => (frequency < 1000 ? 4 : 0.3), 268, RATE);
    const gain = (frequency: number) => {
      const w = (2 * Math.PI * frequency) / RATE;
      const re = taps.reduce((sum, tap, j) => sum + tap * Math.cos(w * j), 0);
      const im = taps.reduce((sum, tap, j) => sum + tap * Math.sin(w * j), 0);
      return Math.hypot(re, im);
    };
    expect(gain(8000)).toBeLessThan(gain(100) - 0.05);
  });
});

describe("switchedLoop", () => {
  const start = noise(5 * SWITCH_DELAY);
  const grows = (how: "first" | "switched" | "both sides", gain = 1) => {
    const y = switchedLoop(start, how, gain, 60 * SWITCH_DELAY);
    const level = levels(y, 12);
    // per switch: from the third of twelve stretches of five to the tenth
    return 10 ** ((level[9] - level[2]) / 20 / 35);
  };

  test("neither filter has a gain above 0.99", () => {
    for (const taps of SWITCHED_FILTERS) expect(certifiedGain(Float32Array.from(taps))).toBeLessThan(0.9901);
  });

  test("switched it grows by 8.6 % a switch; alone, and weighed on both sides, it dies", () => {
    expect(grows("switched")).toBeCloseTo(1.0855, 2);
    expect(grows("first")).toBeLessThan(1);
    expect(grows("both sides")).toBeCloseTo(0.878, 1);
  });

  test("below a gain of 0.714 the switched loop dies, too", () => {
    expect(grows("switched", 0.65 / 0.99)).toBeLessThan(1);
    expect(grows("switched", 0.78 / 0.99)).toBeGreaterThan(1);
  });
});

describe("SAMPLE_LOSSES", () => {
  test("the relative loss of an error explodes where the wave crosses zero, the one by energy does not", () => {
    const { relative, energy } = SAMPLE_LOSSES;
    expect(relative(0.01, 0) / relative(0.71, 0.7)).toBeGreaterThan(1000);
    expect(energy(0.01, 0, 0.5)).toBeCloseTo(energy(0.71, 0.7, 0.5), 9);
  });
});
