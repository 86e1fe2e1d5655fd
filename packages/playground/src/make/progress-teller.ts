/** Tells the page how a training goes: what `pnpm train` writes into its log, as messages. */
import type { LogLine } from "@neural-string/shared";
import type { PlannedStage } from "@neural-string/trainer/core/passive/curriculum";
import type { FromTrainingWorker } from "./training-messages.ts";
import type { TrainingPace } from "./training-pace.ts";

/** Progress is told no more often than this (ms). */
const INTERVAL_MS = 100;
const LAST_TOUCH = "two planes";

export interface ToldTraining {
  plan: readonly PlannedStage[];
  steps: number;
  rounds: number;
}

export class ProgressTeller {
  readonly #told: ToldTraining;
  readonly #pace: TrainingPace;
  readonly #post: (message: FromTrainingWorker) => void;
  #sum = 0;
  #count = 0;
  #loss = Number.NaN;
  #secondsPerStep = Number.NaN;
  #lastTold = Number.NEGATIVE_INFINITY;
  /** Rounds of the last touch that are done; null before it. */
  #round: number | null = null;

  constructor(told: ToldTraining, pace: TrainingPace, post: (message: FromTrainingWorker) => void) {
    this.#told = told;
    this.#pace = pace;
    this.#post = post;
  }

  /** A line of the log. */
  hear(line: LogLine): void {
    if (line.type === "updates") this.#step(line.step, line.loss);
    else if (line.type === "stage" && line.name === LAST_TOUCH) {
      this.#round = this.#told.rounds - line.steps;
      this.#tell(line.step);
    } else if (line.type === "evaluation") {
      const { step, scoreDb, edrDb, edcDb, best } = line;
      this.#post({ type: "evaluation", step, scoreDb, edrDb, edcDb, best });
      if (this.#round !== null) {
        this.#round++;
        this.#tell(step);
      }
    }
  }

  #step(step: number, loss: number): void {
    this.#secondsPerStep = this.#pace.stepDone();
    this.#sum += loss;
    this.#count++;
    const isLast = step === this.#told.steps;
    if (!isLast && performance.now() - this.#lastTold < INTERVAL_MS) return;
    this.#loss = this.#sum / this.#count;
    this.#sum = 0;
    this.#count = 0;
    this.#tell(step);
  }

  #tell(step: number): void {
    const { plan, steps, rounds } = this.#told;
    const stage = plan.find(({ from, to }) => step > from && step <= to) ?? plan[0];
    this.#lastTold = performance.now();
    this.#post({
      type: "progress",
      step,
      steps,
      loss: this.#loss,
      stage: this.#round === null ? stage.config.name : LAST_TOUCH,
      round: this.#round === null ? null : { done: this.#round, of: rounds },
      secondsPerStep: this.#secondsPerStep,
    });
  }
}
