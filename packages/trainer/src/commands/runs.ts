/** `pnpm runs`: what has been trained, and keeping one run for good. */
import { basename } from "node:path";
import { UserError } from "@neural-string/shared";
import { readJudgement } from "../experiments/results.ts";
import { findRun, keepRun, listRuns, noneReadable } from "../numbered-runs.ts";
import type { RunFolder } from "../run-folder.ts";
import { line, short, type Terminal, table } from "../terminal.ts";

/** List the runs of a parent folder. @throws UserError where all that there are is damaged */
export function showRuns(parent: string, terminal: Terminal): number {
  const runs = listRuns(parent);
  if (runs.length === 0) terminal.say(`no runs in ${line(parent)} yet; pnpm train makes the first`);
  const rows = runs.flatMap((folder) => {
    const read = readOrNote(folder, terminal);
    if (read === null) return [];
    const { record, judgement } = read;
    terminal.emit({ type: "run", folder: folder.path, ...record, metrics: judgement?.metrics ?? null });
    const metrics = judgement
      ? [judgement.metrics.edrDb, judgement.metrics.edcDb, judgement.metrics.cents].map(short)
      : ["-", "-", "-"];
    const row = [
      basename(folder.path),
      record.status,
      `${record.stepsDone}/${record.steps}`,
      record.bestScoreDb === null ? "-" : short(record.bestScoreDb),
      ...metrics,
      judgement === null ? "" : `${judgement.recording}${judgement.seenInTraining ? " (trained on it)" : ""}`,
    ];
    return [row];
  });
  if (rows.length === 0 && runs.length > 0) throw new UserError(noneReadable(parent, runs.length));
  const head = ["run", "status", "steps", "held out dB", "EDR dB", "EDC dB", "cents", "judged on"];
  if (rows.length > 0) terminal.say(table([head, ...rows]));
  return 0;
}

/** What a listing tells of a run; null, and a note, where its files are damaged: the others are still listed. */
function readOrNote(folder: RunFolder, terminal: Terminal) {
  try {
    return { record: folder.readRecord(), judgement: readJudgement(folder) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    terminal.warn(`left out: ${error.message}`);
    return null;
  }
}

/** Copy a run into version control. @throws UserError */
export function keep(run: string, destination: string, parent: string, terminal: Terminal): number {
  const folder = findRun(run, parent);
  keepRun(folder, destination);
  terminal.say(`${line(destination)}: kept ${line(basename(folder.path))} (without its checkpoints)`);
  terminal.emit({ type: "kept", from: folder.path, to: destination });
  return 0;
}
