/** The pictures of single examples' losses: spread over training, persistence, and loss against what else is known. */
import type { LossHeader } from "@neural-string/shared";
import type { LossRecord } from "../../loss-file.ts";
import { type LinePlot, positive, rounded, runs } from "../plots.ts";
import type { Stage } from "../stages.ts";
import { marked } from "../training-plots.ts";
import { binned } from "./binned.ts";
import { type Persistence, persistence } from "./persistence.ts";
import { histograms, rowQuantiles, TOLD_QUANTILES } from "./quantiles.ts";
import { type ExampleLosses, exampleLosses } from "./worst.ts";

export interface LossPlots {
  spread: LinePlot | null;
  persistence: LinePlot | null;
  level: LinePlot | null;
  /** Null for rollouts, which pass through many zero crossings each. */
  phase: LinePlot | null;
  time: LinePlot | null;
  /** What the pictures are of; null where evaluations were too few. */
  held: Persistence | null;
  losses: ExampleLosses | null;
  /** Median loss of examples near a zero crossing over that of the others; null for rollouts. */
  zeroCrossings: number | null;
}

const BARS = 40;
/** Evaluations that are drawn at most. */
const COLUMNS = 120;
const BINS = 24;
/** Phases are told by the target over the RMS of its period: a sine's is at most 1.4. */
const RELATIVE_RANGE = 3;
/** Targets this small, relative to that RMS, count as zero crossings. */
const NEAR_ZERO = 0.2;
/** So few examples are drawn one by one. */
const FEW = 200;

/** Make them. @param stages of training, to be marked */
export function lossPlots({ header, rows }: LossRecord, stages: readonly Stage[]): LossPlots {
  const columns = runs(rows.length, COLUMNS).map(([start]) => rows[start]);
  const held = persistence(rows);
  const losses = exampleLosses(rows);
  const { levelDb, relative } = header.examples;
  const hasPhase = header.of === "samples";
  const againstMean = (xs: readonly number[], label: string, range?: [number, number]) =>
    losses && against(losses.mean, xs, label, range);
  return {
    spread: spreadPlot(columns, stages),
    persistence: held && persistencePlot(held),
    level: againstMean(levelDb, "level of the period before (dB)"),
    phase: hasPhase
      ? againstMean(relative, "target over the RMS of its period", [-RELATIVE_RANGE, RELATIVE_RANGE])
      : null,
    time: againstMean(secondsOf(header), "time in the note (s)"),
    held,
    losses,
    zeroCrossings: hasPhase && losses ? zeroCrossingRatio(losses.mean, relative) : null,
  };
}

/** Where the examples begin in their recordings (s). */
export function secondsOf({ examples, sampleRate }: LossHeader): number[] {
  return examples.sample.map((sample) => sample / sampleRate);
}

/** Median loss near zero crossings over the median elsewhere; null where either has no examples. */
export function zeroCrossingRatio(values: ArrayLike<number>, relative: readonly number[]): number | null {
  const near = { from: 0, to: 1, bins: 2, fewest: 1 };
  const sides = relative.map((target) => (Math.abs(target) < NEAR_ZERO ? 0 : 1));
  const [crossing, other] = binned(values, sides, near).median;
  return crossing === null || other === null || other === 0 ? null : crossing / other;
}

function spreadPlot(rows: LossRecord["rows"], stages: readonly Stage[]): LinePlot | null {
  const found = histograms(rows, BARS);
  if (found === null) return null;
  const { log, edges, shares } = found;
  const quantiles = rows.map((row) => rowQuantiles(row, TOLD_QUANTILES));
  const drawn = (value: number | null) => (value === null ? null : log ? positive(value) : rounded(value));
  return marked(
    {
      x: { label: "update" },
      y: { label: "loss of an example", log, min: edges[0], max: edges[edges.length - 1] },
      xs: rows.map(({ step }) => step),
      series: TOLD_QUANTILES.map((q, i) => ({
        label: q === 0.5 ? "median" : `${100 * q} % below`,
        values: quantiles.map((row) => drawn(row[i])),
        ink: q === 0.5 ? "render" : "ink",
        style: q === 0.5 ? "line" : "dashed",
      })),
      cells: {
        edges: edges.map((edge) => rounded(edge) ?? 0),
        shares: shares.map((row) => row.map((share) => rounded(share, 3) ?? 0)),
      },
    },
    stages,
  );
}

function persistencePlot({ lags, correlation }: Persistence): LinePlot {
  const values = correlation.map((r) => rounded(r));
  return {
    x: { label: "evaluations apart" },
    y: { label: "correlation of the order", min: Math.min(-0.1, ...correlation), max: 1 },
    xs: lags,
    series: [
      { label: "the run", values, ink: "render", style: "points" },
      { label: "always the same", values: lags.map(() => 1), ink: "karplus", style: "dashed" },
      { label: "by chance", values: lags.map(() => 0), ink: "karplus", style: "dashed" },
    ],
  };
}

/** Losses against something; in bins, or one by one where there are few. */
function against(
  values: Float64Array,
  xs: readonly number[],
  label: string,
  range?: [number, number],
): LinePlot | null {
  const log = values.every((value) => value > 0);
  const drawn = (value: number | null) => (value === null ? null : log ? positive(value) : rounded(value));
  const axes = { x: { label }, y: { label: "mean loss", log } };
  if (xs.length <= FEW) {
    const order = xs.map((_, i) => i).sort((a, b) => xs[a] - xs[b]);
    const dots = order.map((i) => drawn(values[i]));
    return {
      ...axes,
      xs: order.map((i) => rounded(xs[i]) ?? 0),
      series: [{ label: "an example", values: dots, ink: "render", style: "dots" }],
    };
  }
  const [from, to] = range ?? [xs.reduce((a, b) => Math.min(a, b)), xs.reduce((a, b) => Math.max(a, b))];
  if (from === to) return null;
  const { centres, median, high } = binned(values, xs, { from, to, bins: BINS });
  return {
    ...axes,
    xs: centres.map((centre) => rounded(centre) ?? 0),
    series: [
      { label: "median", values: median.map(drawn), ink: "render", style: "points" },
      { label: "90 % below", values: high.map(drawn), ink: "target", style: "dashed" },
    ],
  };
}
