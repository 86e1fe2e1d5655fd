// The checklist: each target is met, not met or not measured, by the figure that it is about.
import { describe, expect, test } from "vitest";
import { benchRun, result } from "./fixture.ts";
import { checkTargets } from "./targets.ts";

const nothing = { results: [], comparisons: [], realtime: [], binaries: [] };
const comparison = (name: string, ratio: number) => ({
  name,
  ratio,
  aNsPerSample: 1,
  bNsPerSample: 1,
  rounds: 1,
});
const starting = (targets: ReturnType<typeof checkTargets>, text: string) =>
  targets.filter((target) => target.text.startsWith(text));

describe("checkTargets", () => {
  test("without figures nothing is met, and nothing missed", () => {
    const targets = checkTargets(nothing);
    expect(targets.length).toBeGreaterThan(15);
    expect(targets.every(({ value, met }) => value === null && met === null)).toBe(true);
    expect(new Set(targets.map(({ text }) => text)).size).toBe(targets.length);
  });

  test.each([
    [0.66, true],
    [0.659, false],
  ])("a share of the peak of %d: %s", (fractionOfPeak, met) => {
    const results = [result("mlp-14-64-64-1", "relaxed", 100, { fractionOfPeak })];
    const [target] = starting(checkTargets({ ...nothing, results }), "mlp-14-64-64-1: share");
    expect(target).toEqual({ text: expect.stringContaining(">= 0.66"), value: fractionOfPeak, met });
  });

  test("times faster than a peer are what the peer takes over relaxed, not simd", () => {
    const results = [
      result("mlp-22-100-1", "simd", 110, { timesRelaxed: 1.41 }),
      result("mlp-22-100-1", "tfjs-wasm", 1200, { timesRelaxed: 12 }),
      result("mlp-22-100-1", "onnxruntime-web", 100, { timesRelaxed: 1 }),
    ];
    const targets = starting(checkTargets({ ...nothing, results }), "mlp-22-100-1");
    expect(targets.map(({ value, met }) => [value, met])).toEqual([
      [null, null],
      [12, true],
      [1, false], // as fast is not faster
      [1.41, false],
    ]);
  });

  test("strings beside the network, and the worst of the tails", () => {
    const comparisons = [
      comparison("passive / mlp-14-64-64-1", 0.25),
      comparison("passive-linear / mlp-14-64-64-1", 0.126),
      comparison("tail of passive: at the flush", 1.02),
      comparison("tail of karplus-strong: rung down", 1.3),
    ];
    const targets = checkTargets({ ...nothing, comparisons });
    expect(starting(targets, "passive over")[0]).toMatchObject({ value: 0.25, met: true });
    expect(starting(targets, "passive-linear over")[0]).toMatchObject({ value: 0.126, met: false });
    expect(starting(targets, "worst tail")[0]).toMatchObject({ value: 1.3, met: false });
  });

  test("the quantum with 32 voices, by its p99, and the largest file that players load", () => {
    const [many] = benchRun().realtime;
    const realtime = [{ ...many, voices: 1, p99Percent: 90 }, many];
    const [relaxed] = benchRun().binaries;
    const binaries = [
      { ...relaxed, bytes: 30000 },
      { ...relaxed, name: "scalar", bytes: 32768 },
      { ...relaxed, name: "train-simd", bytes: 99999 },
    ];
    const targets = checkTargets({ ...nothing, realtime, binaries });
    expect(starting(targets, "p99 of a quantum")[0]).toMatchObject({ value: 19, met: true });
    expect(starting(targets, "largest player build")[0]).toMatchObject({ value: 32768, met: true });
  });
});
