import { mixturePlots } from "@neural-string/trainer/report/mixture-plots";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mixtureWeights, SAMPLE_RATE } from "../../support/report-fixture.ts";

function sound(seconds: number, level = 0.5) {
  const length = Math.round(seconds * SAMPLE_RATE);
  const target = Float32Array.from({ length }, (_, n) => 0.4 * Math.sin(0.05 * n));
  return { recording: "a", sampleRate: SAMPLE_RATE, target, render: target.map((x) => level * x) };
}

describe("mixturePlots", () => {
  test("keeps the shares' sum at 1 over every stretch, however they are thinned", () => {
    const filters = fc.integer({ min: 2, max: 8 });
    fc.assert(
      fc.property(filters, fc.integer({ min: 16, max: 4096 }), (K, hop) => {
        const plots = mixturePlots(sound(1), mixtureWeights(K, 1, hop), "p");
        const { xs = [], series = [] } = plots?.shares ?? {};
        expect(series).toHaveLength(K);
        xs.forEach((_, i) => {
          const sum = series.reduce((total, { values }) => total + (values[i] ?? Number.NaN), 0);
          // float32 weights, and each share rounded to four digits
          expect(Math.abs(sum - 1)).toBeLessThan(1e-3);
        });
      }),
      { numRuns: 20 },
    );
  });

  test("shows squares of the weights, each at the middle of the stretch it held in", () => {
    const values = Float32Array.of(1, 0, 0.6, 0.8, 0, 1);
    const hop = SAMPLE_RATE / 10;
    const plots = mixturePlots(sound(0.3), { hop, filters: 2, values }, "p");
    expect(plots?.shares.xs).toEqual([0.05, 0.15, 0.25]);
    expect(plots?.shares.series.map((line) => line.values)).toEqual([
      [1, 0.36, 0],
      [0, 0.64, 1],
    ]);
  });

  test("gives the level below over the same stretches, relative to the recording's loudest", () => {
    const plots = mixturePlots(sound(2, 0.5), mixtureWeights(3, 2), "p");
    const [recording, render] = plots?.level.series.map(({ values }) => values) ?? [];
    expect(plots?.level.xs).toEqual(plots?.shares.xs);
    expect(Math.max(...recording.map((value) => value ?? 0))).toBe(0);
    recording.forEach((value, i) => {
      expect((render[i] ?? 0) - (value ?? 0)).toBeCloseTo(20 * Math.log10(0.5), 2);
    });
  });

  test("leaves out weights beyond the sound, and sound beyond the weights", () => {
    const longer = mixturePlots(sound(1), mixtureWeights(2, 3), "p");
    expect(longer?.shares.xs.at(-1)).toBeLessThan(1.02);
    const shorter = mixturePlots(sound(3), mixtureWeights(2, 1), "p");
    expect(shorter?.level.xs.at(-1)).toBeLessThan(1.02);
  });

  test("draws finite numbers of silence and of a render that breaks", () => {
    const silent = {
      ...sound(1),
      target: new Float32Array(SAMPLE_RATE),
      render: new Float32Array(SAMPLE_RATE),
    };
    const broken = { ...sound(1), render: new Float32Array(SAMPLE_RATE).fill(Number.NaN) };
    for (const heard of [silent, broken]) {
      const { level } = mixturePlots(heard, mixtureWeights(2, 1), "p") ?? {};
      const numbers = [level?.y.min, level?.y.max, ...(level?.series.flatMap(({ values }) => values) ?? [])];
      expect(numbers.length).toBeGreaterThan(20);
      expect(numbers.every((value) => Number.isFinite(value))).toBe(true);
    }
  });

  test("answers null with one filter, without weights and without sound", () => {
    expect(mixturePlots(sound(1), mixtureWeights(1, 1), "p")).toBeNull();
    expect(mixturePlots(sound(1), undefined, "p")).toBeNull();
    expect(mixturePlots(sound(0), mixtureWeights(2, 1), "p")).toBeNull();
    const none = { hop: 64, filters: 2, values: new Float32Array(0) };
    expect(mixturePlots(sound(1), none, "p")).toBeNull();
  });
});
