/**
 * A run's curves for a page of many runs: the loss of its updates and epochs, its closed loop. Fewer points the more runs
 * there are, and every peak and dip of a stretch stays.
 */
import type { LogLine } from "@neural-string/shared";
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
}

/** Points of a curve, of one run among so many. */
export function pointsFor(count: number): number {
  return Math.max(60, Math.min(800, Math.round(16000 / Math.max(1, count))));
}

/** Thin a log. @param most points of each curve */
export function runSeries(log: readonly LogLine[], most: number): RunSeries {
  const updates = ascending(log.filter((line) => line.type === "updates"));
  const epochs = ascending(log.filter((line) => line.type === "epoch"));
  const evaluations = ascending(log.filter((line) => line.type === "evaluation"));
  const groups = runs(updates.length, most).map(([start, end]) => updates.slice(start, end));
  const keptEpochs = keepExtremes([epochs.map(({ loss }) => loss)], most).map((i) => epochs[i]);
  const kept = keepExtremes(
    [evaluations.map(({ scoreDb }) => scoreDb), evaluations.map(({ edrDb }) => edrDb)],
    most,
  ).map((i) => evaluations[i]);
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
  };
}
