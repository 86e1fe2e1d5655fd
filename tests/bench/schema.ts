/**
 * What a benchmark run writes (`--json FILE`) and what the docs' tables and plots are made of: one schema, from which
 * the types follow. All times are medians over paired rounds unless they say otherwise.
 */
import { z } from "zod";

/** In the order of the tables. The first three are this core's builds (for rollouts its train builds). */
export const ENGINES = [
  "relaxed",
  "simd",
  "scalar",
  "js",
  "tfjs-wasm",
  "onnxruntime-web",
  "onnxruntime-node",
  "pytorch",
  "faust",
] as const;
export type Engine = (typeof ENGINES)[number];

export const WORKLOADS = [
  "mlp-14-64-64-1",
  "mlp-22-100-1",
  "mlp-84-256-1",
  "mlp-84-1500-1",
  "passive",
  "passive-linear",
  "karplus-strong",
  "multitap-84",
  "multitap-84-fractional",
  "rollout",
] as const;
export type WorkloadName = (typeof WORKLOADS)[number];

const positive = z.number().positive();
const nonnegative = z.number().min(0);

const MachineSchema = z.strictObject({
  cpu: z.string(),
  cores: z.int().min(1),
  memoryGiB: positive,
  os: z.string(),
  node: z.string(),
  v8: z.string(),
  /** One-minute load average when the run began: what else was computing. */
  load: nonnegative,
  date: z.string(),
  git: z.strictObject({ commit: z.string(), dirty: z.boolean() }).nullable(),
});

/** A file that was measured. */
const BinarySchema = z.strictObject({
  name: z.string(),
  bytes: z.int().min(1),
  gzipBytes: z.int().min(1),
  brotliBytes: z.int().min(1),
  sha256: z.string().length(64),
});

/** One engine at one workload. */
const ResultSchema = z.strictObject({
  workload: z.enum(WORKLOADS),
  engine: z.enum(ENGINES),
  /** Which of `binaries` ran; null for what is not ours. */
  binary: z.string().nullable(),
  nsPerSample: positive,
  /** The quickest and the slowest round. */
  nsLeast: positive,
  nsMost: positive,
  /** Multiply-adds in the workload's plainest form, per sample; 0 where nothing is multiplied. */
  macPerSample: nonnegative,
  gmacPerSecond: nonnegative,
  /** The multiply-add loop, right before and after (GMAC/s). */
  fmaPeakGmacPerSecond: positive,
  /** Median of the rounds' fractions; null where nothing is multiplied. */
  fractionOfPeak: nonnegative.nullable(),
  /** How many times as long as the relaxed build takes, median of the rounds' ratios; null where that did not run. */
  timesRelaxed: positive.nullable(),
  /** How many of it one core plays in real time at 48 kHz. */
  voicesAt48k: nonnegative,
  rounds: z.int().min(1),
  /** Distance from the float64 reference before anything was timed (dB, relative RMS; null = none at all). */
  parityDb: z.number().nullable(),
  toleranceDb: z.number(),
});

/** Two things measured in the same rounds. */
const ComparisonSchema = z.strictObject({
  name: z.string(),
  /** a / b in time, median of the rounds' ratios. */
  ratio: positive,
  aNsPerSample: positive,
  bNsPerSample: positive,
  rounds: z.int().min(1),
});

/** How long the 128-sample quanta of an audio thread take, in percent of their budget. */
const RealtimeSchema = z.strictObject({
  what: z.string(),
  build: z.string(),
  voices: z.int().min(1),
  quanta: z.int().min(1),
  medianPercent: positive,
  p99Percent: positive,
  worstPercent: positive,
});

/** A curve: cost against one size. */
const CurveSchema = z.strictObject({
  name: z.string(),
  title: z.string(),
  /** What is varied, with its unit. */
  xLabel: z.string(),
  /** What `y` is per, beside the sample: "unit", "tap", "voice"; null where it is the sample alone. */
  per: z.string().nullable(),
  xs: z.array(positive),
  series: z.array(z.strictObject({ label: z.string(), nsPerSample: z.array(positive) })),
  rounds: z.int().min(1),
});

/** Where the time goes, by V8's sampling profiler. */
const ProfileSchema = z.strictObject({
  workload: z.string(),
  binary: z.string(),
  samples: z.int().min(1),
  functions: z.array(z.strictObject({ name: z.string(), share: z.number().min(0).max(1) })),
});

const TargetSchema = z.strictObject({
  text: z.string(),
  /** null = not measured in this run. */
  value: z.number().nullable(),
  met: z.boolean().nullable(),
});

export const BenchRunSchema = z.strictObject({
  schema: z.literal(1),
  machine: MachineSchema,
  /** Seconds the table's rounds were given. */
  seconds: positive,
  /** This core's one-rounding multiply-adds, median of all rounds (GMAC/s). */
  fmaPeakGmacPerSecond: positive,
  /** Whether the loop is of one-rounding multiply-adds; false where the engine has none, then of two instructions. */
  fmaIsFused: z.boolean(),
  versions: z.record(z.string(), z.string()),
  binaries: z.array(BinarySchema),
  results: z.array(ResultSchema),
  /** What was asked for and is not here, one sentence each. */
  skipped: z.array(z.string()),
  comparisons: z.array(ComparisonSchema),
  realtime: z.array(RealtimeSchema),
  curves: z.array(CurveSchema),
  profiles: z.array(ProfileSchema),
  targets: z.array(TargetSchema),
});

export type BenchRun = z.output<typeof BenchRunSchema>;
export type Result = BenchRun["results"][number];
export type Comparison = BenchRun["comparisons"][number];
export type Realtime = BenchRun["realtime"][number];
export type Curve = BenchRun["curves"][number];
export type Profile = BenchRun["profiles"][number];
export type Target = BenchRun["targets"][number];
export type Binary = BenchRun["binaries"][number];
