/**
 * A run's figures as rows of text, the first row the head: what the screen and the docs show alike. Every figure has
 * as many digits as mean something, three.
 */
import { short } from "@neural-string/trainer/terminal";
import {
  type BenchRun,
  type Curve,
  type Result,
  type Target,
  WORKLOADS,
  type WorkloadName,
} from "./schema.ts";

export type Rows = string[][];

const percent = (fraction: number) => `${(100 * fraction).toFixed(0)} %`;
const NONE = "–";

/** The workloads that a run has, in order. */
export function workloadsOf({ results }: Pick<BenchRun, "results">): WorkloadName[] {
  return WORKLOADS.filter((name) => results.some(({ workload }) => workload === name));
}

/** One workload's engines. */
export function resultRows(results: readonly Result[], workload: WorkloadName): Rows {
  const rows = results.filter((result) => result.workload === workload);
  const head = [
    "engine",
    "ns/sample",
    "quickest–slowest round",
    "× relaxed",
    "GMAC/s",
    "FMA peak",
    "of peak",
  ];
  return [
    [...head, "voices at 48 kHz", "parity dB"],
    ...rows.map((row) => [
      row.engine,
      short(row.nsPerSample),
      `${short(row.nsLeast)}–${short(row.nsMost)}`,
      row.timesRelaxed === null ? NONE : short(row.timesRelaxed),
      row.macPerSample > 0 ? row.gmacPerSecond.toFixed(1) : NONE,
      row.fmaPeakGmacPerSecond.toFixed(1),
      row.fractionOfPeak === null ? NONE : percent(row.fractionOfPeak),
      String(row.voicesAt48k),
      row.parityDb === null ? "exact" : row.parityDb.toFixed(0),
    ]),
  ];
}

/** What is to be reached. */
export function targetRows(targets: readonly Target[]): Rows {
  const words = { true: "met", false: "not met", null: "not measured" };
  return [
    ["target", "measured", "verdict"],
    ...targets.map(({ text, value, met }) => [
      text,
      value === null ? NONE : Math.abs(value) >= 1000 ? String(Math.round(value)) : short(value),
      words[`${met}`],
    ]),
  ];
}

/** Pairs across workloads. */
export function comparisonRows({ comparisons }: Pick<BenchRun, "comparisons">): Rows {
  return [
    ["compared", "ratio", "ns/sample", "against"],
    ...comparisons.map(({ name, ratio, aNsPerSample, bNsPerSample }) => [
      name,
      short(ratio),
      short(aNsPerSample),
      short(bNsPerSample),
    ]),
  ];
}

/** Quanta in percent of their budget. */
export function realtimeRows({ realtime }: Pick<BenchRun, "realtime">): Rows {
  return [
    ["string", "build", "voices", "median %", "p99 %", "worst %", "quanta"],
    ...realtime.map((row) => [
      row.what,
      row.build,
      String(row.voices),
      ...[row.medianPercent, row.p99Percent, row.worstPercent].map(short),
      String(row.quanta),
    ]),
  ];
}

/** Sizes of the files. */
export function binaryRows({ binaries }: Pick<BenchRun, "binaries">): Rows {
  return [
    ["build", "bytes", "gzip", "brotli", "SHA-256"],
    ...binaries.map(({ name, bytes, gzipBytes, brotliBytes, sha256 }) => [
      name,
      ...[bytes, gzipBytes, brotliBytes].map(String),
      sha256.slice(0, 12),
    ]),
  ];
}

/** A curve's points: the whole, and where it is per something, its share. */
export function curveRows({ xs, xLabel, per, series }: Curve): Rows {
  const columns = series.flatMap(({ label }) =>
    per === null ? [`${label} ns`] : [`${label} ns`, `ns per ${per}`],
  );
  return [
    [xLabel, ...columns],
    ...xs.map((x, i) => [
      String(x),
      ...series.flatMap(({ nsPerSample }) =>
        per === null ? [short(nsPerSample[i])] : [short(nsPerSample[i]), short(nsPerSample[i] / x)],
      ),
    ]),
  ];
}

/** Where a workload's time goes. */
export function profileRows({ profiles }: Pick<BenchRun, "profiles">): Rows {
  return [
    ["workload", "build", "function", "share"],
    ...profiles.flatMap(({ workload, binary, functions }) =>
      functions.map(({ name, share }) => [workload, binary, name, `${(100 * share).toFixed(1)} %`]),
    ),
  ];
}

/** What ran, when and on what, a line each. */
export function machineLines({
  machine,
  seconds,
  fmaPeakGmacPerSecond,
  fmaIsFused,
  versions,
}: BenchRun): string[] {
  const { cpu, cores, memoryGiB, os, node, v8, load, date, git } = machine;
  const commit = git === null ? "" : `, commit ${git.commit.slice(0, 9)}${git.dirty ? " with changes" : ""}`;
  const loop = fmaIsFused
    ? "one-rounding multiply-adds"
    : "multiply and add (this engine has no relaxed SIMD)";
  return [
    `${date.slice(0, 10)}${commit}: ${cpu}, ${cores} cores, ${memoryGiB} GiB, ${os}, Node ${node} (V8 ${v8}).`,
    `One core's peak: ${fmaPeakGmacPerSecond.toFixed(1)} GMAC/s of ${loop}, twelve independent sums of four, median of all rounds. Load average when it began: ${load}; the table's rounds were given ${short(seconds)} s.`,
    `Against: ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", ")}.`,
  ];
}
