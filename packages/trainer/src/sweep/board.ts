/**
 * What is seen of a sweep: on a terminal a table that rewrites itself, with what is running and what is best so far;
 * elsewhere a line for every trial that ends; with --json the journal's facts as lines.
 */
import type { Score, TrialOutcome } from "@neural-string/shared";
import { createLogUpdate } from "log-update";
import { duration, line, paint, short, shown, type Terminal, table } from "../terminal.ts";
import { metricOf, type Watcher } from "./conduct.ts";
import type { Assignments } from "./space.ts";
import type { Trial } from "./trial.ts";

interface Row {
  trial: Trial;
  state: "running" | TrialOutcome["status"];
  steps: number;
  step: number;
  /** While it runs: what was heard last (dB). */
  scoreDb: number;
  outcome?: TrialOutcome;
}

/** Rows of the live table, and of the one at the end. */
const LIVE_ROWS = 12;
const FINAL_ROWS = 40;
/** How often the table is drawn at most. */
const DRAW_MILLISECONDS = 200;

/** Follows a sweep. */
export class Board implements Watcher {
  readonly #terminal: Terminal;
  readonly #metric: Score;
  readonly #total: number | null;
  readonly #rows = new Map<number, Row>();
  readonly #began = performance.now();
  readonly #live = process.stderr.isTTY ? createLogUpdate(process.stderr) : null;
  #drawn = Number.NEGATIVE_INFINITY;

  /** @param total trials that there will be; null = not known */
  constructor(terminal: Terminal, metric: Score, total: number | null) {
    this.#terminal = terminal;
    this.#metric = metric;
    this.#total = total;
  }

  begun(trial: Trial, pauseAt: number | null): void {
    const steps = pauseAt ?? trial.config.training.steps ?? 0;
    const step = this.#rows.get(trial.number)?.step ?? 0;
    this.#rows.set(trial.number, { trial, state: "running", steps, step, scoreDb: Number.NaN });
    this.#terminal.emit({ type: "begun", number: trial.number, id: trial.id, set: trial.set, pauseAt });
    this.#draw();
  }

  step({ number }: Trial, step: number, scoreDb: number): void {
    const row = this.#rows.get(number);
    if (row !== undefined) Object.assign(row, { step, scoreDb });
    this.#draw();
  }

  ended(trial: Trial, outcome: TrialOutcome, isOld: boolean): void {
    const { steps } = trial.config.training;
    const row: Row = {
      trial,
      state: outcome.status,
      steps: steps ?? 0,
      step: outcome.step,
      scoreDb: Number.NaN,
      outcome,
    };
    this.#rows.set(trial.number, row);
    if (isOld) return;
    this.#terminal.emit({ type: "outcome", number: trial.number, id: trial.id, set: trial.set, outcome });
    if (this.#live === null) this.#terminal.say(`  ${line(this.#line(row))}`);
    this.#draw();
  }

  /** Say something above the table. */
  say(text: string): void {
    this.#live?.clear();
    this.#terminal.say(text);
    this.#drawn = Number.NEGATIVE_INFINITY;
    this.#draw();
  }

  /** Why the first trial failed, where all of them have. */
  get commonFailure(): string | undefined {
    const rows = [...this.#rows.values()];
    const isEvery = rows.length > 0 && rows.every(({ outcome }) => outcome?.status === "failed");
    return isEvery ? rows[0].outcome?.error : undefined;
  }

  /** The last table, and where to look. */
  conclude(folder: string): void {
    this.#live?.clear();
    const rows = this.#ranked();
    if (rows.length === 0) return;
    this.#terminal.say(`\n${this.#table(rows.slice(0, FINAL_ROWS))}`);
    if (rows.length > FINAL_ROWS) this.#terminal.say(`and ${rows.length - FINAL_ROWS} more`);
    const [best] = rows;
    if (best.outcome?.status === "finished") {
      this.#terminal.say(`\nbest: trial ${best.trial.number}, ${line(wordsOf(best.trial.set))}`);
    }
    this.#terminal.say(`each trial is a run folder in ${line(folder)}`);
  }

  #draw(): void {
    if (this.#live === null || performance.now() - this.#drawn < DRAW_MILLISECONDS) return;
    this.#drawn = performance.now();
    const rows = [...this.#rows.values()];
    const running = rows.filter(({ state }) => state === "running").slice(0, LIVE_ROWS);
    const ranked = this.#ranked().slice(0, Math.max(3, LIVE_ROWS - running.length));
    const ended = rows.filter(({ state }) => state !== "running").length;
    const head = `${ended}${this.#total === null ? "" : ` of ${this.#total}`} trials, ${duration((performance.now() - this.#began) / 1000)}`;
    this.#live(shown(`${head}\n${this.#table([...running, ...ranked])}`));
  }

  /** Those that have ended, the best first; those that finished before those that were left behind. */
  #ranked(): Row[] {
    const value = ({ outcome }: Row) => metricOf(outcome, this.#metric);
    const order = { finished: 0, paused: 1, failed: 2, running: 3 };
    return [...this.#rows.values()]
      .filter(({ outcome }) => outcome !== undefined)
      .toSorted((a, b) => order[a.state] - order[b.state] || (value(a) < value(b) ? -1 : 1));
  }

  #table(rows: readonly Row[]): string {
    const head = ["trial", "state", "steps", `${this.#metric} (held out)`, "EDR (judge)", "sets"];
    return table([head, ...rows.map((row) => this.#cells(row))]);
  }

  #cells({ trial, state, step, steps, scoreDb, outcome }: Row): string[] {
    const number = (value: number | null | undefined) =>
      value === null || value === undefined || !Number.isFinite(value) ? "–" : short(value);
    const said = outcome === undefined ? `${number(scoreDb)} now` : number(outcome.scores[this.#metric]);
    const word = state === "paused" ? "left behind" : state;
    const colour = ({ running: "cyan", finished: "green", paused: "dim", failed: "red" } as const)[state];
    return [
      String(trial.number),
      paint(colour, word),
      `${step}/${steps}`,
      said,
      number(outcome?.judge?.edr),
      wordsOf(trial.set),
    ];
  }

  #line(row: Row): string {
    const { trial, state, outcome } = row;
    const score = short(metricOf(outcome, this.#metric));
    const fate =
      outcome?.error ?? `${this.#metric} ${score}, judge's EDR ${short(outcome?.judge?.edr ?? Number.NaN)}`;
    const word = state === "paused" ? `at step ${row.step}` : state;
    return `trial ${trial.number} ${word} in ${duration(outcome?.seconds ?? 0)}: ${fate}; ${wordsOf(trial.set)}`;
  }
}

/** What a trial sets, in words. */
function wordsOf(set: Assignments): string {
  return (
    Object.entries(set)
      .map(([path, value]) => `${path}=${typeof value === "string" ? value : JSON.stringify(value)}`)
      .join(" ") || "the config as it is"
  );
}
