/**
 * The docs' figures from a run: what stands between two markers of a page is replaced by a table, and every curve is
 * drawn. Nothing between markers is written by hand.
 */
import { UserError } from "@neural-string/shared";
import { drawPlot } from "@neural-string/trainer/report/svg-plot";
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
import type { BenchRun, Curve } from "./schema.ts";

/** Where the plots lie, from the page. */
export const PLOTS_FOLDER = "results/benchmarks";

/**
 * Put a run's figures into a page: `<!-- bench:NAME -->` ... `<!-- /bench:NAME -->`.
 * @throws UserError where the page lacks a part, or has one that is not known
 */
export function fillPage(page: string, run: BenchRun): string {
  const parts = pageParts(run);
  const found = [...page.matchAll(/<!-- bench:([a-z0-9-]+) -->/g)].map(([, name]) => name);
  const unknown = found.find((name) => !parts.has(name));
  if (unknown !== undefined)
    throw new UserError(`bench:${unknown}: the run has no such part; rename the marker`);
  let filled = page;
  for (const [name, text] of parts) {
    const [begin, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
    const [from, to] = [filled.indexOf(begin), filled.indexOf(end)];
    if (from < 0 || to < from) throw new UserError(`bench:${name}: the page lacks its two markers; add them`);
    filled = `${filled.slice(0, from + begin.length)}\n\n${text}\n\n${filled.slice(to)}`;
  }
  return filled;
}

/** Every curve's plot, by its file's name. */
export function drawCurves({ curves }: Pick<BenchRun, "curves">): Map<string, string> {
  return new Map(curves.map((curve) => [`${curve.name}.svg`, drawCurve(curve)]));
}

function drawCurve({ title, xLabel, per, xs, series }: Curve): string {
  return drawPlot({
    title: per === null ? title : `${title}, per ${per}`,
    x: { label: xLabel, log: true },
    y: { label: per === null ? "ns per sample" : `ns per sample and ${per}`, log: true },
    xs,
    series: series.map(({ label, nsPerSample }) => ({
      label,
      values: nsPerSample.map((ns, i) => (per === null ? ns : ns / xs[i])),
    })),
  });
}

function pageParts(run: BenchRun): Map<string, string> {
  const { results, targets, skipped } = run;
  const tables = workloadsOf(run).map(
    (workload) => `### ${workload}\n\n${markdown(resultRows(results, workload))}`,
  );
  return new Map([
    ["machine", machineLines(run).join("\n\n")],
    ["targets", markdown(targetRows(targets))],
    ["table", [...tables, ...skipped.map((sentence) => `- ${sentence}`)].join("\n\n")],
    ["comparisons", markdown(comparisonRows(run))],
    ["realtime", markdown(realtimeRows(run))],
    ["sizes", markdown(binaryRows(run))],
    ["profile", markdown(profileRows(run))],
    ...run.curves.map((curve): [string, string] => [`curve-${curve.name}`, curvePart(curve)]),
  ]);
}

/** The plot, and its numbers folded away. */
function curvePart(curve: Curve): string {
  const plot = `![${curve.title}](${PLOTS_FOLDER}/${curve.name}.svg)`;
  const table = markdown(curveRows(curve));
  return `${plot}\n\n<details><summary>${curve.title}: the numbers</summary>\n\n${table}\n\n</details>`;
}

/** A Markdown table, columns padded; those that hold numbers to the right. */
export function markdown(rows: Rows): string {
  const isNumeric = rows[0].map((_, column) =>
    rows.slice(1).every((row) => /^[-–\d]/.test(row[column]) && /\d/.test(rows[1]?.[column] ?? "")),
  );
  const widths = rows[0].map((_, column) => Math.max(3, ...rows.map((row) => row[column].length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, i) => (isNumeric[i] ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join(" | ")} |`;
  const rule = widths.map((width, i) => (isNumeric[i] ? `${"-".repeat(width - 1)}:` : "-".repeat(width)));
  return [line(rows[0]), line(rule), ...rows.slice(1).map(line)].join("\n");
}
