/** `pnpm report`: one page on a run or on many, side by side. */
import { UserError } from "@neural-string/shared";
import { counted } from "@neural-string/shared/sentence";
import { loadCore } from "../core-build.ts";
import { writeWhole } from "../files.ts";
import { findRun, listRuns, noneReadable, unbegunRuns } from "../numbered-runs.ts";
import { checkOutput } from "../output-file.ts";
import { type ComparedRun, comparedRun } from "../report/compare/compared-run.ts";
import { bestFirst, renderComparison } from "../report/compare/comparison.ts";
import { type RunDetails, runDetails } from "../report/compare/details.ts";
import { pointsFor } from "../report/compare/series.ts";
import type { RunFolder } from "../run-folder.ts";
import { line, type Terminal } from "../terminal.ts";

export interface ReportRequest {
  /** Numbers, names or paths; none = all of the parent folder. */
  runs: string[];
  parent: string;
  out: string;
  /** How many runs are shown with sound and pictures. */
  details: number;
}

/** Seconds of sound of a run that is shown in full. */
const SECONDS = 4;

/** Write the page. @throws UserError where a named run is missing or damaged, or there are none to be read */
export async function report(request: ReportRequest, terminal: Terminal): Promise<number> {
  checkOutput(request.out);
  const named = request.runs.length > 0;
  const folders = named
    ? [...new Map(request.runs.map((run) => findRun(run, request.parent)).map((f) => [f.path, f])).values()]
    : listRuns(request.parent);
  if (folders.length === 0) {
    throw new UserError(`${request.parent}: no runs yet; pnpm train makes the first`);
  }
  const notes: string[] = [];
  const note = (trouble: string) => {
    notes.push(trouble);
    terminal.warn(trouble);
  };
  const leaveOut = (reason: string) => note(`Left out: ${reason}`);
  for (const path of named ? [] : unbegunRuns(request.parent)) {
    leaveOut(`${path}: expected a run's folder, got one without a run.json`);
  }
  const found = new Map<ComparedRun, RunFolder>();
  for (const folder of folders) {
    try {
      const run = comparedRun(folder, pointsFor(folders.length), (trouble) => note(`In part: ${trouble}`));
      found.set(run, folder);
    } catch (error) {
      // of many, one that is damaged is left out; one that was asked for by name is not
      if (named || !(error instanceof UserError)) throw error;
      leaveOut(error.message);
    }
  }
  const runs = [...found.keys()];
  if (runs.length === 0) throw new UserError(noneReadable(request.parent, folders.length));
  const details = new Map<string, RunDetails>();
  const judged = bestFirst(runs).filter(({ outcome }) => outcome !== null);
  const core = loadCore();
  for (const run of judged.slice(0, request.details)) {
    const folder = found.get(run) as RunFolder;
    const detail = await runDetails(core, folder, run.outcome?.recording ?? "", SECONDS);
    if (detail.missing !== null) note(`In part: ${run.id}: ${detail.missing}`);
    details.set(run.id, detail);
  }
  writeWhole(request.out, renderComparison({ runs, details, notes }));
  terminal.say(`${line(request.out)}: ${counted(runs.length, "run")}, ${details.size} of them in full`);
  terminal.emit({ type: "report", file: request.out, runs: runs.map(({ id }) => id), notes });
  return 0;
}
