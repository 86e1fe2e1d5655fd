/** `pnpm sweep`: many trainings that differ in what is varied, and which of them sounds best. */
import { join } from "node:path";
import { type Sweep, type TrainConfig, UserError } from "@neural-string/shared";
import { takeLock } from "../process-lock.ts";
import { Board } from "../sweep/board.ts";
import { conduct } from "../sweep/conduct.ts";
import type { Executor } from "../sweep/executor.ts";
import { Journal } from "../sweep/journal.ts";
import { defaultWorkers, LocalPool } from "../sweep/local-pool.ts";
import { readSweep, type SweepRequest } from "../sweep/read-sweep.ts";
import { stagesOf } from "../sweep/search.ts";
import { dimensionsOf } from "../sweep/space.ts";
import { findSweep, SWEEPS, type SweepFile, SweepFolder } from "../sweep/sweep-folder.ts";
import { TrialMaker } from "../sweep/trial.ts";
import { line, type Terminal } from "../terminal.ts";
import { Interruption } from "../train/interruption.ts";

export interface SweepCommand extends SweepRequest {
  /** Exactly this folder, instead of one named after the sweep. */
  folder?: string;
  /** A sweep's folder or name: go on with it. */
  resume?: string;
  /** After so long nothing is begun, and what runs is left for `resume`. */
  minutes?: number;
  /** Processes on this machine. */
  workers?: number;
  /** Where the queue is, instead. */
  queue?: string;
}

/**
 * Run a sweep.
 * @returns the exit code: 0, also where the time was up; 130 where the user ended it
 * @throws UserError before anything is written for bad input
 */
export async function sweep(request: SweepCommand, terminal: Terminal): Promise<number> {
  if (request.queue !== undefined && request.workers !== undefined)
    throw new UserError("--workers: with --queue, workers are started by `sweep worker`; leave it out");
  const planned = request.resume === undefined ? plan(request) : goOn(request, request.resume);
  const { folder, file, kind } = planned;
  const executor = await executorFor(request, folder, kind);
  try {
    const lock = await takeLock(folder.lock, `sweep ${folder.name}`);
    try {
      if (request.resume === undefined) folder.begin(file);
      return await runSweep(request, planned, executor, terminal);
    } finally {
      lock.release();
    }
  } finally {
    await executor.close();
  }
}

/** What is to be done, and where. */
interface Planned {
  folder: SweepFolder;
  file: SweepFile;
  /** Of what is trained. */
  kind: TrainConfig["model"]["kind"];
  /** Trials that there will be; null = not known. */
  total: number | null;
}

/** A new sweep: every trial that is known from the start is resolved before anything is written. */
function plan(request: SweepCommand): Planned {
  const { sweep, base, name } = readSweep(request);
  const folder = new SweepFolder(request.folder ?? join(SWEEPS, name));
  folder.refuseExisting();
  return { folder, ...foreseen({ schema: 1, sweep, base }, request.file ?? "sweep") };
}

function foreseen(file: SweepFile, where: string): Omit<Planned, "folder"> {
  const maker = new TrialMaker(file.base, where);
  const first = stagesFor(file.sweep).next().value ?? [];
  const trials = first.map(({ set }, i) => maker.make(set, i + 1));
  const isKnown = file.sweep.search.kind !== "tpe";
  const total = isKnown ? new Set(trials.map(({ id }) => id)).size : file.sweep.runs;
  return { file, kind: trials[0]?.config.model.kind ?? "classic", total };
}

const FIXED_BY_RESUME = ["file", "search", "metric", "seed", "config", "steps", "backend", "folder"] as const;

function goOn(request: SweepCommand, resume: string): Planned {
  const given = FIXED_BY_RESUME.find((option) => request[option] !== undefined);
  const listed = (["over", "set", "recordings", "judge"] as const).find(
    (option) => request[option].length > 0,
  );
  if (given !== undefined || listed !== undefined) {
    throw new UserError(
      `--resume: a sweep goes on as it was begun, so ${given ?? listed} cannot be given; only --runs, --minutes, --workers and --queue can`,
    );
  }
  const folder = findSweep(resume);
  const file = folder.read();
  if (request.runs !== undefined && file.sweep.search.kind === "halving")
    throw new UserError(
      "--runs: how many begin a halving is fixed when it begins; leave it out with --resume",
    );
  const sweep = { ...file.sweep, runs: request.runs ?? file.sweep.runs };
  return { folder, ...foreseen({ ...file, sweep }, folder.file) };
}

function stagesFor({ search, seed, runs, over }: Sweep) {
  return stagesOf({ search, seed, runs, dimensions: dimensionsOf(over) });
}

async function runSweep(
  request: SweepCommand,
  { folder, file: { sweep, base }, total }: Planned,
  executor: Executor,
  terminal: Terminal,
): Promise<number> {
  const { journal, lines } = Journal.open(folder.journal);
  const board = new Board(terminal, sweep.metric, total);
  const interruption = new Interruption(
    board,
    "stopping: what is training is kept for --resume (Ctrl-C again to kill)",
  );
  let isTimeUp = false;
  const timer = setTimeout(
    () => {
      isTimeUp = true;
      executor.stop();
    },
    Math.min(60_000 * (request.minutes ?? Number.POSITIVE_INFINITY), 2 ** 31 - 1),
  ).unref();
  interruption.onAsked = () => executor.stop();
  terminal.say(
    `sweep ${line(folder.path)}\n  ${sweep.search.kind} over ${line(Object.keys(sweep.over).join("; "))}, by ${sweep.metric} on held-out stretches, seed ${sweep.seed}`,
  );
  try {
    const isDone = await conduct({
      name: folder.name,
      stages: stagesFor(sweep),
      metric: sweep.metric,
      maker: new TrialMaker(base, folder.file),
      journal,
      lines,
      executor,
      trials: folder.trials,
      watcher: board,
      isOver: () => isTimeUp || interruption.asked,
    });
    board.conclude(folder.trials);
    if (isDone) {
      const failure = board.commonFailure;
      if (failure !== undefined) terminal.warn(`every trial failed, the first by: ${failure}`);
      return failure === undefined ? 0 : 1;
    }
    const why = interruption.asked ? "stopped" : isTimeUp ? "the time is up" : "not all trials were trained";
    terminal.say(`${why}; go on with --resume ${line(folder.path)}`);
    return isTimeUp && !interruption.asked ? 0 : 130;
  } finally {
    clearTimeout(timer);
    interruption.dispose();
    journal.close();
  }
}

/** The queue and its client are loaded only where they are wanted. */
async function executorFor(
  { queue, workers }: SweepCommand,
  folder: SweepFolder,
  kind: Planned["kind"],
): Promise<Executor> {
  if (queue === undefined) return new LocalPool({ workers: workers ?? defaultWorkers(kind) });
  const { QueuePool } = await import("../sweep/queue/queue-pool.ts");
  return await QueuePool.open(queue, folder.path);
}
