/**
 * Trains one trial in its run folder, in whatever process it is called: from the beginning, or from where an earlier
 * call, ended by a rung, a signal or a crash, has left it. The folder is that of an ordinary `pnpm train`.
 */
import { existsSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import {
  type EvaluationLine,
  type LogLine,
  type Metrics,
  type RunRecord,
  type TrialJob,
  type TrialOutcome,
  UserError,
} from "@neural-string/shared";
import { readCheckpoint } from "../checkpoint.ts";
import { type TrainRequest, train } from "../commands/train.ts";
import { takeLock } from "../process-lock.ts";
import { RunFolder } from "../run-folder.ts";
import { Terminal } from "../terminal.ts";

/** What the process that trains is told beside the job. */
export interface TrialPlace {
  /** The run folder. */
  folder: string;
  /** Where recordings lie here, by how the config names them. */
  located?: ReadonlyMap<string, string>;
  onEvaluation?(line: EvaluationLine): void;
  /** Whether to end now, without a result; a later call goes on from there. */
  shouldStop?(): boolean;
}

/** Somebody asked to end before there was a result. */
export class TrialStopped extends Error {
  override name = "TrialStopped";
}

/** How long a process whose sweep was killed may take to notice. */
const PATIENCE_MS = 60_000;

/**
 * Train a trial.
 * @throws TrialStopped where it was asked to end; UserError where the disk does not let us write
 */
export async function runTrial(job: TrialJob, place: TrialPlace): Promise<TrialOutcome> {
  const lock = await takeLock(`${place.folder}.lock`, `trial ${job.number}`, PATIENCE_MS);
  try {
    return await runAlone(job, place);
  } finally {
    lock.release();
  }
}

async function runAlone(job: TrialJob, place: TrialPlace): Promise<TrialOutcome> {
  const began = performance.now();
  const folder = new RunFolder(place.folder);
  const seconds = () => (performance.now() - began) / 1000;
  const standing = standingOf(folder);
  if (standing === "whole") return outcomeOf(folder, job, seconds());
  if (standing === "nothing") rmSync(place.folder, { recursive: true, force: true });
  // a rung that had been reached when everything was killed is not trained past
  const reached = standing === "begun" && job.pauseAt !== null && isAtPause(folder, job.pauseAt);
  if (reached) return outcomeOf(folder, job, seconds());

  // a rung that was heard before a crash is not heard again
  let isAtRung = standing === "begun" && wasHeard(folder, job.pauseAt);
  const watch = {
    onLog(line: LogLine) {
      if (line.type !== "evaluation") return;
      place.onEvaluation?.(line);
      if (job.pauseAt !== null && line.step >= job.pauseAt) isAtRung = true;
    },
    shouldStop: () => isAtRung || place.shouldStop?.() === true,
  };
  const { located } = place;
  const request: TrainRequest =
    standing === "begun"
      ? { resume: place.folder, located }
      : { resolved: job.config, runDir: place.folder, located };
  try {
    const code = await train(request, new Silence(), watch);
    if (code === 130 && !isAtRung) throw new TrialStopped(`trial ${job.number} was stopped`);
  } catch (error) {
    if (!(error instanceof UserError) || error.cause !== undefined) throw error;
    return failed(error.message, existsSync(folder.file("run.json")) ? folder : undefined, seconds());
  }
  return outcomeOf(folder, job, seconds());
}

/** How far a run folder has come. */
function standingOf(folder: RunFolder): "nothing" | "begun" | "whole" {
  let record: RunRecord;
  try {
    record = folder.readRecord();
    folder.readConfig();
  } catch (error) {
    if (error instanceof UserError) return "nothing";
    throw error;
  }
  // the report is what a run writes last
  if (record.status === "finished") return existsSync(folder.file("report.html")) ? "whole" : "nothing";
  if (record.status === "failed") return "nothing";
  return existsSync(folder.last) && existsSync(folder.best) ? "begun" : "nothing";
}

/** Whether the closed loop was heard at or after a rung, as of the checkpoint that a run goes on from. */
function wasHeard(folder: RunFolder, pauseAt: number | null): boolean {
  const { step } = readCheckpoint(folder.last);
  const isIt = (line: LogLine) =>
    line.type === "evaluation" && pauseAt !== null && line.step >= pauseAt && line.step <= step;
  return folder.readLog().some(isIt);
}

/** Whether a run was ended at its rung, and came to its report. */
function isAtPause(folder: RunFolder, pauseAt: number): boolean {
  const { status, stepsDone } = folder.readRecord();
  return status === "stopped" && stepsDone >= pauseAt && existsSync(folder.file("report.html"));
}

/** What a run folder says its trial came to. */
function outcomeOf(folder: RunFolder, { pauseAt }: Pick<TrialJob, "pauseAt">, seconds: number): TrialOutcome {
  const record = folder.readRecord();
  const judgements = folder.readJudgements();
  const isPaused = pauseAt !== null && record.status === "stopped";
  return {
    status: isPaused ? "paused" : "finished",
    step: record.stepsDone,
    scores: scoresOf(folder),
    judge: judgements.length === 0 ? null : meansOf(judgements.map(({ metrics }) => metrics)),
    failures: [...new Set(judgements.flatMap(({ failures }) => failures.map(({ name }) => name)))],
    seconds,
    worker: workerName(),
  };
}

/** Means over the judges, of those that could tell. */
function meansOf(metrics: Metrics[]): TrialOutcome["judge"] {
  const mean = (values: (number | null)[]) => {
    const told = values.filter((value) => value !== null && Number.isFinite(value));
    return told.length === 0
      ? null
      : told.reduce<number>((sum, value) => sum + (value ?? 0), 0) / told.length;
  };
  return {
    edr: mean(metrics.map(({ edrDb }) => edrDb)),
    lsd: mean(metrics.map(({ lsdDb }) => lsdDb)),
    edc: mean(metrics.map(({ edcDb }) => edcDb)),
    partials: mean(metrics.map(({ partialDb }) => partialDb)),
    cents: mean(metrics.map(({ cents }) => cents)),
  };
}

/** What was heard of the checkpoint that is kept: the last of the log's evaluations that were the best so far. */
function scoresOf(folder: RunFolder): TrialOutcome["scores"] {
  const best = folder.readLog().findLast((line) => line.type === "evaluation" && line.best);
  if (best?.type !== "evaluation") return { score: null, edr: null, edc: null, loss: null };
  const finite = (value: number | null) => (Number.isFinite(value) ? value : null);
  return {
    score: finite(best.scoreDb),
    edr: finite(best.edrDb),
    edc: finite(best.edcDb),
    loss: finite(best.heldOutLoss),
  };
}

function failed(error: string, folder: RunFolder | undefined, seconds: number): TrialOutcome {
  const step = folder?.readLog().at(-1)?.step ?? 0;
  const scores = { score: null, edr: null, edc: null, loss: null };
  return { status: "failed", step, scores, judge: null, failures: [], error, seconds, worker: workerName() };
}

/** Who trains. */
export function workerName(): string {
  return `${hostname()} ${process.pid}`;
}

/** What a trial says it says to nobody: its run folder has it. */
class Silence extends Terminal {
  constructor() {
    super(false);
  }
  override say(): void {}
  override warn(): void {}
  override emit(): void {}
  override progress(): void {}
}
