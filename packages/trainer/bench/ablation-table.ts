/**
 * The ablation in words and tables: for the docs, from results.json and from nothing else, so that no figure there was
 * ever typed.
 */
import { dirname, join } from "node:path";
import { UserError } from "@neural-string/shared";
import { ensureFolder, readWhole, writeJson, writeWhole } from "../src/files.ts";
import { ROWS, type Row } from "./ablation-arguments.ts";
import { FIGURES, type Figures, type Mean, meansOf, type Results } from "./ablation-results.ts";
import { isTunable } from "./trained-strings.ts";

/** What the docs keep their tables between. */
export const BEGIN =
  "<!-- ablation: written by packages/trainer/bench/ablation.ts --docs from results/ablation.json; do not edit -->";
export const END = "<!-- end of ablation -->";

/** Figures as the tables show them. */
export function inColumns(figures: Figures): string[] {
  return FIGURES.map((figure) => figures[figure]?.toFixed(2) ?? "-");
}

/**
 * Put the tables into a document, and the results they were made from beside it (results/ablation.json).
 * @throws UserError where the document has no place for them
 */
export function writeDocs(document: string, results: Results): void {
  const text = new TextDecoder().decode(readWhole(document, "a document"));
  const whole = withTables(text, results);
  if (whole === null) {
    throw new UserError(`${document}: expected the lines ${BEGIN} and ${END}, got none; put them in`);
  }
  const folder = join(dirname(document), "results");
  ensureFolder(folder);
  writeJson(join(folder, "ablation.json"), results);
  writeWhole(document, whole);
}

/** A document with the tables in their place; null where it has none. */
export function withTables(text: string, results: Results): string | null {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) return null;
  return `${text.slice(0, begin + BEGIN.length)}\n\n${tables(results)}\n${text.slice(end)}`;
}

function tables(results: Results): string {
  const { starts, recordings } = results.settings;
  const means = (Object.keys(ROWS) as Row[]).flatMap((row) => meansOf(results, row));
  const parts = starts.map((start) => {
    const rows = means
      .filter((mean) => mean.start === start)
      .map((mean) => [
        nameOf(mean, recordings.length),
        stepsOf(results, mean.string),
        ...inColumns(mean.figures),
        mean.failures.join(", "),
      ]);
    const head = ["string", "steps", "EDR", "LSD", "EDC", "partials", "cents", "named failures"];
    return `Started after ${start} samples of the recording:\n\n${markdown([head, ...rows])}`;
  });
  return `${caption(results)}\n\n${parts.join("\n")}`;
}

/** Which row it is, and on how many recordings where not on all. */
function nameOf({ string, tuned, recordings }: Mean, all: number): string {
  const name = tuned ? `${ROWS[string]}, tuned (\`--tune auto\`)` : ROWS[string];
  return recordings === all ? name : `${name} (${recordings} of ${all} recordings)`;
}

/** How many steps a row's trainings did: one number where they agree. */
function stepsOf({ trainings }: Results, row: Row): string {
  const all = trainings.filter(({ string }) => string === row).map(({ steps }) => steps);
  if (all.length === 0) return "-";
  const [least, most] = [Math.min(...all), Math.max(...all)];
  return least === most ? String(least) : `${least} to ${most}`;
}

function caption({ settings, cells, trainings }: Results): string {
  const { recordings, seconds, budget } = settings;
  const names = recordings.map(({ name }) => name).join(", ");
  const share =
    "steps" in budget
      ? `the same number of steps, ${budget.steps}, whatever they take`
      : `the same time, ${budget.minutes} min on this machine, whatever steps they come to`;
  const made = [...cells, ...trainings];
  const code = [
    ...new Set(
      made.map(({ git }) =>
        git ? `${git.commit.slice(0, 7)}${git.dirty ? " with changes" : ""}` : "no commit",
      ),
    ),
  ];
  const tuned = cells.some((cell) => isTunable(cell.string) && cell.tuned);
  return [
    `Means over ${recordings.length} recordings (${names}), each judged once by strings made from the others,`,
    `${seconds} s free-running. Every training gets ${share} (seed ${budget.seed}).`,
    ...(tuned ? ["Tuned strings listen for the recording's pitch in the samples that excite them."] : []),
    `Made by ${code.join(", ")}.`,
  ].join("\n");
}

/** A Markdown table whose columns line up. */
function markdown(rows: readonly string[][]): string {
  const widths = rows[0].map((_, column) => Math.max(3, ...rows.map((row) => row[column].length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |\n`;
  const [head, ...body] = rows;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("");
}
