/** A law's part of the docs: a table of all its figures, and its plots. */
import { median } from "../measure/decay-time.ts";
import { drawPlot } from "../report/svg-plot.ts";
import { short } from "../terminal.ts";
import type { Law, LawPlot } from "./law.ts";
import { type Ended, type PlotPoint, plotOf, pointsOf } from "./points.ts";

/** Where the plots lie, from the page. */
export const PLOTS_FOLDER = "laws";

/** An SVG file of a law. */
export interface LawPicture {
  file: string;
  title: string;
  svg: string;
}

/** Draw what can be drawn. */
export function lawPictures(law: Law, trials: readonly Ended[]): LawPicture[] {
  return law.plots.flatMap((plot) => {
    const drawn = plotOf(plot, pointsOf(plot, trials));
    if (drawn === null) return [];
    return [{ file: `${law.name}-${plot.name}.svg`, title: plot.title, svg: drawPlot(drawn) }];
  });
}

/** The rows of a law's table, its head first: one for each x and line, one column for each plot. */
export function lawRows(law: Law, trials: readonly Ended[]): string[][] {
  const [first] = law.plots;
  const columns = law.plots.map((plot) => pointsOf(plot, trials));
  const labels = [first.x.label || first.x.path, ...(first.by ? [first.by.label] : [])];
  const head = [...labels, ...law.plots.map((plot) => columnName(plot)), "trials", "diverged"];
  const rows = columns[0].map((point, i) => [
    typeof point.x === "number" ? short(point.x) : point.x,
    ...(first.by ? [point.line.slice(first.by.label.length + 1)] : []),
    ...columns.map((points) => figure(points[i])),
    String(point.values.length + point.failures),
    String(point.failures),
  ]);
  return [head, ...rows];
}

function columnName({ y }: LawPlot): string {
  return y.label;
}

/** A median, and between what it lies. */
function figure({ values }: PlotPoint): string {
  if (values.length === 0) return "–";
  const middle = short(median(values));
  return values.length === 1
    ? middle
    : `${middle} (${short(Math.min(...values))} to ${short(Math.max(...values))})`;
}

/** The part between a law's markers. */
export function lawMarkdown(law: Law, trials: readonly Ended[], pictures: readonly LawPicture[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const [head, ...rows] = lawRows(law, trials);
  const images = pictures.map(({ file, title }) => `![${title}](${PLOTS_FOLDER}/${file})`);
  return [
    ...images,
    "",
    line(head),
    line(head.map((_, i) => (i === 0 ? "---" : "---:"))),
    ...rows.map(line),
  ].join("\n");
}
