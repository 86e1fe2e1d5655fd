/**
 * A run's curves for a page of many runs: the loss of its updates and epochs, its closed loop. Fewer points the more runs
 * there are, and every peak and dip of a stretch stays.
 */
import type { LogLine } from "@neural-string/shared";
import type { LossRow } from "../../core/followed-examples.ts";
import { rowQuantiles, TOLD_QUANTILES } from "../losses/quantiles.ts";
import { keepExtremes, rounded, runs } from "../plots.ts";
import { ascending } from "../training-plots.ts";

/** Curves of one run; every list of values is as long as its `x`. */
export interface RunSeries {
  /** By the updates done. */
  updates: { x: number[]; mean: (number | null)[]; high: (number | null)[]; low: (number | null)[] };
  /** By passes over the data. */
  epochs: { x: number[]; mean: (number | null)[] };
  /** By the updates done, dB. */
  closed: { x: number[]; score: (number | null)[]; edr: (number | null)[]; edc: (number | null)[] };
  /** By the updates done: quantiles of the losses of single examples, [TOLD_QUANTILES][x]. */
  examples: { x: number[]; quantiles: (number | null)[][] };
}

/** Evaluations whose quantiles are told at most; sorting the losses of many runs takes its time. */
const MOST_ROWS = 40;

/** Points of a curve, of one run among so many. */
export function pointsFor(count: number): number {
  return Math.max(60, Math.min(800, Math.round(16000 / Math.max(1, count))));
}

/** Thin a log. @param losses rows of losses of single examples, empty where none were followed @param most points of each curve */
export function runSeries(log: readonly LogLine[], losses: readonly LossRow[], most: number): RunSeries {
  const updates = ascending(log.filter((line) => line.type === "updates"));
  const epochs = ascending(log.filter((line) => line.type === "epoch"));
  const evaluations = ascending(log.filter((line) => line.type === "evaluation"));
  const groups = runs(updates.length, most).map(([start, end]) => updates.slice(start, end));
  const keptEpochs = keepExtremes([epochs.map(({ loss }) => loss)], most).map((i) => epochs[i]);
  const kept = keepExtremes(
    [evaluations.map(({ scoreDb }) => scoreDb), evaluations.map(({ edrDb }) => edrDb)],
    most,
  ).map((i) => evaluations[i]);
  const rows = runs(losses.length, Math.min(most, MOST_ROWS)).map(([, end]) => losses[end - 1]);
  const quantiles = rows.map((row) => rowQuantiles(row, TOLD_QUANTILES));
  return {
    updates: {
      x: groups.map((group) => group[group.length - 1].step),
      mean: groups.map((group) => rounded(group.reduce((sum, { loss }) => sum + loss, 0) / group.length)),
      high: groups.map((group) => rounded(Math.max(...group.map(({ lossMax }) => lossMax)))),
      low: groups.map((group) => rounded(Math.min(...group.map(({ lossMin }) => lossMin)))),
    },
    epochs: {
      x: keptEpochs.map(({ epoch }) => epoch),
      mean: keptEpochs.map(({ loss }) => rounded(loss)),
    },
    closed: {
      x: kept.map(({ step }) => step),
      score: kept.map(({ scoreDb }) => rounded(scoreDb)),
      edr: kept.map(({ edrDb }) => rounded(edrDb)),
      edc: kept.map(({ edcDb }) => rounded(edcDb)),
    },
    examples: {
      x: rows.map(({ step }) => step),
      quantiles: TOLD_QUANTILES.map((_, q) =>
        quantiles.map((row) => (row[q] === null ? null : rounded(row[q]))),
      ),
    },
  };
}
