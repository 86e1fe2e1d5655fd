/** A small run whose figures are invented and round, for the tests of what is made of a run. */
import type { BenchRun, Engine, Result, WorkloadName } from "./schema.ts";

/** One result; what is not given follows from the time. */
export function result(
  workload: WorkloadName,
  engine: Engine,
  nsPerSample: number,
  more: Partial<Result> = {},
): Result {
  return {
    ...{ workload, engine, nsPerSample, binary: engine === "js" ? null : engine },
    ...{ nsLeast: nsPerSample / 2, nsMost: 2 * nsPerSample, macPerSample: 1000, rounds: 9 },
    ...{ gmacPerSecond: 1000 / nsPerSample, fmaPeakGmacPerSecond: 20, fractionOfPeak: 50 / nsPerSample },
    ...{ timesRelaxed: nsPerSample / 100, voicesAt48k: 200, parityDb: -120, toleranceDb: -80 },
    ...more,
  };
}

/** A run of two workloads, everything else that a page shows, once. */
export function benchRun(): BenchRun {
  return {
    schema: 1,
    machine: {
      ...{ cpu: "Test CPU", cores: 2, memoryGiB: 8, os: "Linux 6", node: "22.0.0", v8: "12.4", load: 0.1 },
      ...{ date: "2026-01-02T03:04:05.000Z", git: { commit: "0123456789abcdef", dirty: false } },
    },
    ...{ seconds: 10, fmaPeakGmacPerSecond: 20, fmaIsFused: true, versions: { torch: "2.0" } },
    binaries: [
      { name: "relaxed", bytes: 40000, gzipBytes: 20000, brotliBytes: 15000, sha256: "a".repeat(64) },
    ],
    results: [
      result("passive", "relaxed", 100),
      result("passive", "js", 1234, { parityDb: null, fractionOfPeak: null, macPerSample: 0 }),
      result("rollout", "simd", 321, { timesRelaxed: null, binary: "train-simd" }),
    ],
    skipped: ["pytorch is left out: python3 has no torch (--python names another interpreter)"],
    comparisons: [
      { name: "passive / mlp-14-64-64-1", ratio: 0.2, aNsPerSample: 50, bNsPerSample: 250, rounds: 9 },
      { name: "tail of passive: rung down", ratio: 1.05, aNsPerSample: 52.5, bNsPerSample: 50, rounds: 9 },
    ],
    realtime: [
      {
        ...{ what: "passive", build: "relaxed", voices: 32, quanta: 100 },
        ...{ medianPercent: 11, p99Percent: 19, worstPercent: 30 },
      },
    ],
    curves: [
      {
        ...{ name: "units", title: "A curve", xLabel: "hidden units", per: "unit", xs: [1, 2, 4], rounds: 3 },
        series: [
          { label: "relaxed", nsPerSample: [10, 20, 40] },
          { label: "simd", nsPerSample: [15, 30, 60] },
        ],
      },
      {
        ...{ name: "block", title: "Blocks", xLabel: "block", per: null, xs: [1, 8], rounds: 3 },
        series: [{ label: "passive", nsPerSample: [80, 40] }],
      },
    ],
    profiles: [
      {
        ...{ workload: "passive", binary: "relaxed", samples: 100 },
        functions: [{ name: "shifted-sums/addSumsBackwards", share: 0.85 }],
      },
    ],
    targets: [
      { text: "some share >= 0.5", value: 0.62, met: true },
      { text: "another <= 1", value: 1.4, met: false },
      { text: "a third > 1", value: null, met: null },
    ],
  };
}
