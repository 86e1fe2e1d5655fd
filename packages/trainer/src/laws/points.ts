/** What the trials of a law came to, as points of its plots: where several differ in the seed alone, their median. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { TrainConfig, TrialOutcome } from "@neural-string/shared";
import { median } from "../measure/decay-time.ts";
import type { Plot } from "../report/svg-plot.ts";
import { RunFolder } from "../run-folder.ts";
import { readJournal } from "../sweep/journal.ts";
import type { SweepFolder } from "../sweep/sweep-folder.ts";
import { folderName } from "../sweep/trial.ts";
import type { LawPlot, LawValue } from "./law.ts";

/** A trial that has ended. */
export interface Ended {
  config: TrainConfig;
  outcome: TrialOutcome;
  /** Held-out one-step loss where it began, and where it ended; null where no single steps are predicted. */
  losses: { begin: number | null; end: number | null };
}

/** Of one x, on one line: its values over the seeds. */
export interface PlotPoint {
  x: number | string;
  line: string;
  /** Of those trials that came to one. */
  values: number[];
  /** How many did not. */
  failures: number;
}

/** Read a sweep's trials, in their order. */
export function endedTrials(folder: SweepFolder): Ended[] {
  const { lines } = readJournal(folder.journal);
  return lines.flatMap((line) => {
    if (line.type !== "outcome") return [];
    const run = new RunFolder(join(folder.trials, folderName(line)));
    if (!existsSync(run.file("config.json"))) return [];
    const heard = run.readLog().filter((logged) => logged.type === "evaluation");
    const losses = { begin: heard[0]?.heldOutLoss ?? null, end: heard.at(-1)?.heldOutLoss ?? null };
    return [{ config: run.readConfig(), outcome: line.outcome, losses }];
  });
}

/** The points of a plot: line by line, numbers in their order, words in that of the sweep. */
export function pointsOf({ x, y, by }: LawPlot, trials: readonly Ended[]): PlotPoint[] {
  const points = new Map<string, PlotPoint>();
  for (const trial of trials) {
    const { config } = trial;
    const place = fieldOf(config, x.path);
    const line = by === undefined ? "" : `${by.label} ${fieldOf(config, by.path)}`;
    const key = JSON.stringify([place, line]);
    const point = points.get(key) ?? { x: place, line, values: [], failures: 0 };
    points.set(key, point);
    const value = measured(trial, y.value);
    if (value === null) point.failures++;
    else point.values.push(value);
  }
  const all = [...points.values()];
  const lines = [...new Set(all.map(({ line }) => line))];
  const order = (a: PlotPoint, b: PlotPoint) =>
    lines.indexOf(a.line) - lines.indexOf(b.line) || Number(a.x) - Number(b.x) || 0;
  return all.toSorted(order);
}

/** What was measured of a trial; null where it failed, ended with more loss than it began with, or was not heard. */
function measured({ outcome: { status, scores, judge }, losses }: Ended, name: LawValue): number | null {
  if (status === "failed") return null;
  if (name === "end.loss") {
    const { begin, end } = losses;
    return begin !== null && end !== null && end < begin ? end : null;
  }
  const [first, second] = name.split(".");
  const value = second === undefined ? Reflect.get(scores, first) : judge && Reflect.get(judge, second);
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function fieldOf(config: TrainConfig, path: string): number | string {
  const found = path.split(".").reduce<unknown>((here, key) => Reflect.get(here as object, key), config);
  return typeof found === "number" ? found : String(found);
}

/** A plot of points; null where there is nothing to draw. */
export function plotOf({ title, x, y }: LawPlot, points: readonly PlotPoint[]): Plot | null {
  if (!points.some(({ values }) => values.length > 0)) return null;
  const places = [...new Set(points.map((point) => point.x))];
  const isNumeric = places.every((place) => typeof place === "number");
  if (isNumeric) places.sort((a, b) => Number(a) - Number(b));
  const lines = [...new Set(points.map(({ line }) => line))];
  return {
    title,
    x: { label: x.label, log: isNumeric && x.log, ...(!isNumeric && { names: places.map(String) }) },
    y: { label: y.label, log: y.log },
    xs: isNumeric ? places.map(Number) : places.map((_, i) => i),
    series: lines.map((line) => ({
      label: line,
      values: places.map((place) => {
        const point = points.find((other) => other.x === place && other.line === line);
        return point === undefined || point.values.length === 0 ? null : median(point.values);
      }),
    })),
  };
}
