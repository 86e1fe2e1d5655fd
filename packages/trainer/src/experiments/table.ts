/** The experiments as a table, in Markdown for the docs and aligned for a terminal: the same cells. */
import { basename } from "node:path";
import { trainingPlots } from "../report/training-plots.ts";
import type { RunFolder } from "../run-folder.ts";
import { short } from "../terminal.ts";
import { type RowResult, readJudgement } from "./results.ts";
import type { Row } from "./rows.ts";

/** Read what a row came to. @param folder undefined where it has not been trained */
export function rowResult(row: Row, folder: RunFolder | undefined): RowResult {
  if (folder === undefined) return { row, record: null, folder: null, judgement: null, gap: null };
  const record = folder.readRecord();
  return {
    row,
    record,
    folder: folder.path,
    judgement: readJudgement(folder),
    gap: trainingPlots(folder.readLog(), record).gap,
  };
}

export const HEAD = [
  "experiment",
  "steps",
  "EDR dB",
  "LSD dB",
  "EDC dB",
  "partials dB",
  "cents",
  "held out / training",
  "failure",
  "sound",
] as const;

/** The cells of a row, as `HEAD` names them. */
export function cells({ row, record, folder, judgement, gap }: RowResult): string[] {
  const untold = "–";
  if (record === null || folder === null)
    return [row.id, ...new Array(HEAD.length - 2).fill(untold), "not trained"];
  const number = (value: number | null | undefined) =>
    value === null || value === undefined || !Number.isFinite(value) ? untold : short(value);
  const { edrDb, lsdDb, edcDb, partialDb, cents } = judgement?.metrics ?? {};
  return [
    row.id,
    String(record.stepsDone),
    ...[edrDb, lsdDb, edcDb, partialDb, cents, gap].map(number),
    failureOf({ record, judgement }),
    judgement?.render ? `${basename(folder)}/${judgement.render}` : untold,
  ];
}

function failureOf({ record, judgement }: Pick<RowResult, "record" | "judgement">): string {
  if (record?.error) return "training diverged";
  if (judgement === null) return "–";
  return judgement.failures.map(({ name }) => name).join(", ") || "none";
}

/** One Markdown table for each group, under its name. */
export function markdownTables(results: readonly RowResult[]): string {
  const groups = [...new Set(results.map(({ row }) => row.group))];
  return groups
    .map((group) => {
      const own = results.filter(({ row }) => row.group === group);
      const line = (words: readonly string[]) => `| ${words.join(" | ")} |`;
      const rule = HEAD.map((_, i) => (i > 0 && i < 8 ? "---:" : "---"));
      const rows = own.map((result) => {
        const [id, ...rest] = cells(result);
        return line([`[${id}](../packages/trainer/experiments/${id}.json): ${result.row.what}`, ...rest]);
      });
      return [`**${group}**`, "", line(HEAD), line(rule), ...rows].join("\n");
    })
    .join("\n\n");
}
