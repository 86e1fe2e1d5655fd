/** `pnpm runs`: what has been trained, and keeping one run for good. */
import { basename } from "node:path";
import { readJudgement } from "../experiments/results.ts";
import { findRun, keepRun, listRuns } from "../run-folder.ts";
import { line, short, type Terminal, table } from "../terminal.ts";

/** List the runs of a parent folder. */
export function showRuns(parent: string, terminal: Terminal): number {
  const runs = listRuns(parent);
  if (runs.length === 0) terminal.say(`no runs in ${line(parent)} yet; pnpm train makes the first`);
  const rows = runs.map((folder) => {
    const record = folder.readRecord();
    const judgement = readJudgement(folder);
    terminal.emit({ type: "run", folder: folder.path, ...record, metrics: judgement?.metrics ?? null });
    const metrics = judgement
      ? [judgement.metrics.edrDb, judgement.metrics.edcDb, judgement.metrics.cents].map(short)
      : ["-", "-", "-"];
    return [
      basename(folder.path),
      record.status,
      `${record.stepsDone}/${record.steps}`,
      record.bestScoreDb === null ? "-" : short(record.bestScoreDb),
      ...metrics,
      judgement === null ? "" : `${judgement.recording}${judgement.seenInTraining ? " (trained on it)" : ""}`,
    ];
  });
  const head = ["run", "status", "steps", "held out dB", "EDR dB", "EDC dB", "cents", "judged on"];
  if (rows.length > 0) terminal.say(table([head, ...rows]));
  return 0;
}

/** Copy a run into version control. @throws UserError */
export function keep(run: string, destination: string, parent: string, terminal: Terminal): number {
  const folder = findRun(run, parent);
  keepRun(folder, destination);
  terminal.say(`${line(destination)}: kept ${line(basename(folder.path))} (without its checkpoints)`);
  terminal.emit({ type: "kept", from: folder.path, to: destination });
  return 0;
}
