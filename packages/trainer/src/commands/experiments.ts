/**
 * `pnpm experiments`: the story of the origin as a table, each row trained from its committed config and judged in
 * closed loop on a recording it never heard.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { UserError } from "@neural-string/shared";
import { refuseTwoBudgets } from "../config.ts";
import { fillMarked } from "../experiments/docs.ts";
import type { RowResult } from "../experiments/results.ts";
import { ROWS, type Row } from "../experiments/rows.ts";
import { resultOf, runRows, type Strings } from "../experiments/run-rows.ts";
import { cells, HEAD, markdownTables } from "../experiments/table.ts";
import { writeWhole } from "../files.ts";
import { listRuns } from "../numbered-runs.ts";
import { line, type Terminal, table } from "../terminal.ts";

export interface ExperimentsRequest {
  only?: string[];
  steps?: number;
  /** Of all rows together. */
  minutes?: number;
  runs: string;
  strings: "piano" | "strat";
  docs: boolean;
  /** Only the table of what has been trained. */
  show: boolean;
}

const PAGE = fileURLToPath(new URL("../../../../docs/experiments.md", import.meta.url));
const STRAT = fileURLToPath(new URL("../../../../../shared/data/strat-low-e", import.meta.url));

/** Train what is missing, then show and write the table. @returns the exit code; 130 where the user stopped it */
export async function experiments(request: ExperimentsRequest, terminal: Terminal): Promise<number> {
  const { steps, minutes, runs } = request;
  refuseTwoBudgets(request);
  if (request.docs && request.only !== undefined)
    throw new UserError("--docs: expected all rows, got some; leave --only out");
  const rows = chooseRows(request.only);
  listRuns(runs); // a file is no folder without runs, which the table would take it for
  const wanted = {
    rows,
    runs,
    steps,
    minutes: minutes === undefined ? undefined : minutes / rows.length,
    strings: request.strings === "strat" ? strat() : undefined,
  };
  const isComplete = request.show || (await runRows(wanted, terminal));
  const results: RowResult[] = [];
  for (const row of rows) results.push(await resultOf(row, wanted, terminal));
  terminal.say(`\n${table([[...HEAD], ...results.map(cells)])}\n\nsounds and reports are in ${line(runs)}`);
  for (const { row, record, folder, judgement, gap } of results) {
    terminal.emit({ type: "experiment", id: row.id, what: row.what, folder, record, judgement, gap });
  }
  if (!isComplete) return 130;
  if (request.docs) {
    const page = readFileSync(PAGE, "utf8");
    writeWhole(PAGE, fillMarked(page, "experiments:table", markdownTables(results)));
    terminal.say("docs/experiments.md: its table is this one now");
  }
  return 0;
}

function chooseRows(only: string[] | undefined): readonly Row[] {
  if (only === undefined) return ROWS;
  const unknown = only.find((id) => !ROWS.some((row) => row.id === id));
  if (unknown !== undefined) {
    throw new UserError(
      `--only ${unknown}: no such experiment; there are ${ROWS.map(({ id }) => id).join(", ")}`,
    );
  }
  return ROWS.filter(({ id }) => only.includes(id));
}

/** The recordings beside the repository, which carry no licence: to measure with, never to ship. */
function strat(): Strings {
  const file = (n: number) => `${STRAT}/${n}.wav`;
  if (!existsSync(file(2))) {
    throw new UserError(
      "--strings strat: expected ../shared/data/strat-low-e, got none; leave it out for the piano",
    );
  }
  return { recordings: [file(2), file(3)], judge: [file(4)], skip: 1198 };
}
