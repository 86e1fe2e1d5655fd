/**
 * Conducts a sweep: asks the search for its next trials, has those trained that the journal has no outcome of, and
 * records each outcome before anything is built on it.
 */
import { join } from "node:path";
import {
  type JournalLine,
  type Score,
  type TrainConfig,
  type TrialOutcome,
  UserError,
} from "@neural-string/shared";
import { evaluationInterval } from "../core/training.ts";
import type { Executor } from "./executor.ts";
import type { Journal } from "./journal.ts";
import { TrialStopped } from "./run-trial.ts";
import type { Stages, Wish } from "./search.ts";
import { folderName, type Trial, type TrialMaker } from "./trial.ts";

/** Who is told what happens. */
export interface Watcher {
  /** @param pauseAt step of the rung that it is to reach; null = its end */
  begun(trial: Trial, pauseAt: number | null): void;
  step(trial: Trial, step: number, scoreDb: number): void;
  /** @param isOld whether the journal had it already */
  ended(trial: Trial, outcome: TrialOutcome, isOld: boolean): void;
}

export interface ConductRequest {
  /** The sweep's. */
  name: string;
  stages: Stages;
  metric: Score;
  maker: TrialMaker;
  journal: Journal;
  /** What the journal had when it was opened. */
  lines: readonly JournalLine[];
  executor: Executor;
  /** Parent of the trials' run folders. */
  trials: string;
  watcher: Watcher;
  /** Whether to begin nothing more: the user ended it, or the time is up. */
  isOver(): boolean;
}

/**
 * Conduct a sweep to its end, or until it is over.
 * @returns whether it came to its end
 * @throws UserError where a trial is no longer what the journal says, or the disk does not let us write
 */
export async function conduct(request: ConductRequest): Promise<boolean> {
  const book = new Book(request);
  for (let results: number[] | undefined; ; ) {
    const stage = results === undefined ? request.stages.next() : request.stages.next(results);
    if (stage.done) return true;
    book.turn();
    const tasks = stage.value.map((wish) => book.taskOf(wish));
    // what is known is told first, and what only this call learns comes after
    for (const task of new Set(tasks))
      if (task.outcome) request.watcher.ended(task.trial, task.outcome, true);
    await inLanes([...new Set(tasks)], (task) => runTask(task, request), request.executor);
    if (tasks.some(({ outcome }) => outcome === undefined)) return false;
    results = tasks.map(({ outcome }) => metricOf(outcome, request.metric));
  }
}

/** A trial that is to come to its rung or its end. */
interface Task {
  trial: Trial;
  pauseAt: number | null;
  outcome?: TrialOutcome;
}

/** Gives numbers to trials, and knows what the journal says of them. */
class Book {
  readonly #request: ConductRequest;
  /** By what they set, and by their ids. */
  readonly #known = new Map<string, Trial>();
  readonly #trials = new Map<string, Trial>();
  /** Of this stage: what sets the same in other words is one task. */
  readonly #tasks = new Map<string, Task>();
  readonly #numbered = new Map<number, string>();
  readonly #outcomes = new Map<string, TrialOutcome>();

  constructor(request: ConductRequest) {
    this.#request = request;
    for (const line of request.lines) {
      if (line.type === "trial") this.#numbered.set(line.number, line.id);
      else this.#outcomes.set(keyOf(line), line.outcome);
    }
  }

  taskOf({ set, share }: Wish): Task {
    const trial = this.#trialOf(set);
    const pauseAt = share < 1 ? rungOf(trial.config, share) : null;
    const key = keyOf({ id: trial.id, pauseAt });
    const task = this.#tasks.get(key) ?? { trial, pauseAt, outcome: this.#outcomes.get(key) };
    this.#tasks.set(key, task);
    return task;
  }

  /** The stage is over. */
  turn(): void {
    for (const [key, { outcome }] of this.#tasks) if (outcome) this.#outcomes.set(key, outcome);
    this.#tasks.clear();
  }

  #trialOf(set: Trial["set"]): Trial {
    const key = JSON.stringify(set);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const { maker, journal } = this.#request;
    const number = this.#trials.size + 1;
    const made = maker.make(set, number);
    const twin = this.#trials.get(made.id);
    this.#known.set(key, twin ?? made);
    if (twin !== undefined) return twin;
    const recorded = this.#numbered.get(number);
    if (recorded === undefined) journal.append({ type: "trial", number, id: made.id, set });
    else if (recorded !== made.id) {
      throw new UserError(
        `trial ${number}: its recordings or its config are no longer what they were when the sweep began; begin a new one`,
      );
    }
    this.#trials.set(made.id, made);
    return made;
  }
}

/** The step of a rung: the first at or after its share of the steps at which the closed loop is heard. */
function rungOf({ training, selection }: TrainConfig, share: number): number {
  const steps = training.steps ?? 1;
  const every = evaluationInterval(steps, selection.evaluations);
  return Math.min(steps, every * Math.max(1, Math.ceil(Math.round(share * steps) / every)));
}

function keyOf({ id, pauseAt }: { id: string; pauseAt: number | null }): string {
  return `${id} ${pauseAt}`;
}

async function runTask(task: Task, request: ConductRequest): Promise<void> {
  if (task.outcome !== undefined || request.isOver()) return;
  const { trial, pauseAt } = task;
  const { executor, journal, watcher, trials } = request;
  const { set: _, ...known } = trial;
  watcher.begun(trial, pauseAt);
  try {
    const { outcome, settle } = await executor.run(
      { schema: 1, sweep: request.name, ...known, pauseAt },
      join(trials, folderName(trial)),
      (step, scoreDb) => watcher.step(trial, step, scoreDb),
    );
    const at = new Date().toISOString();
    journal.append({ type: "outcome", number: trial.number, id: trial.id, pauseAt, at, outcome });
    task.outcome = outcome;
    await settle();
    watcher.ended(trial, outcome, false);
  } catch (error) {
    if (!(error instanceof TrialStopped)) throw error;
  }
}

/** Do all tasks, as many at a time as the executor takes; after an error nothing is begun, and what runs is ended. */
async function inLanes(
  tasks: readonly Task[],
  work: (task: Task) => Promise<void>,
  executor: Executor,
): Promise<void> {
  let next = 0;
  const errors: unknown[] = [];
  const lane = async () => {
    while (next < tasks.length && errors.length === 0) {
      try {
        await work(tasks[next++]);
      } catch (error) {
        errors.push(error);
        executor.stop();
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(executor.capacity, tasks.length) }, lane));
  if (errors.length > 0) throw errors[0];
}

/** What a search is told of a trial: lower is better, and a failure is worse than everything. */
export function metricOf(outcome: TrialOutcome | undefined, metric: Score): number {
  const value = outcome?.status === "failed" ? null : outcome?.scores[metric];
  return value ?? Number.POSITIVE_INFINITY;
}
