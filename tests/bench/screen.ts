/** A run as a person reads it on a terminal. */
import { table } from "@neural-string/trainer/terminal";
import {
  binaryRows,
  comparisonRows,
  curveRows,
  machineLines,
  profileRows,
  type Rows,
  realtimeRows,
  resultRows,
  targetRows,
  workloadsOf,
} from "./figures.ts";
import type { BenchRun } from "./schema.ts";

/** Lay it out. */
export function printedRun(run: BenchRun): string {
  const { results, comparisons, realtime, curves, profiles, skipped, targets } = run;
  const measured = targets.filter(({ met }) => met !== null);
  const leftOut = targets.length - measured.length;
  const part = (title: string, rows: Rows) => (rows.length > 1 ? [`${title}\n${table(rows)}`] : []);
  return [
    machineLines(run).join("\n"),
    ...workloadsOf(run).flatMap((workload) => part(workload, resultRows(results, workload))),
    ...part("Compared in the same rounds", comparisonRows({ comparisons })),
    ...part("A quantum of 128 samples at 48 kHz, % of its budget", realtimeRows({ realtime })),
    ...part("Sizes", binaryRows(run)),
    ...curves.flatMap((curve) => part(curve.title, curveRows(curve))),
    ...part("Where the time goes", profileRows({ profiles })),
    ...(skipped.length > 0 ? [skipped.join("\n")] : []),
    ...part("Targets", targetRows(measured)),
    ...(leftOut > 0 ? [`${leftOut} further targets are about what this run has not measured.`] : []),
  ].join("\n\n");
}
