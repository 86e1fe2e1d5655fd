/** What is seen while training: a line that rewrites itself, and one line an evaluation; with --json the log itself. */
import type { LogLine } from "@neural-string/shared";
import { duration, line as oneLine, short, type Terminal } from "../terminal.ts";

/** Follows a run's log lines. */
export class TrainingProgress {
  readonly #terminal: Terminal;
  readonly #steps: number;
  readonly #start = performance.now();
  #firstStep: number | null = null;
  #loss = Number.NaN;
  #scoreDb = Number.NaN;

  constructor(terminal: Terminal, steps: number) {
    this.#terminal = terminal;
    this.#steps = steps;
  }

  /** Show a line of the log. */
  show(line: LogLine): void {
    this.#terminal.emit(line);
    this.#firstStep ??= line.step;
    if (line.type === "updates") this.#loss = line.loss;
    if (line.type === "evaluation") {
      this.#scoreDb = line.scoreDb;
      const done = `${Math.round((100 * line.step) / this.#steps)} %`.padStart(5);
      const mark = line.best ? "  best so far" : "";
      this.#terminal.say(
        `${done}  step ${line.step}  loss ${Number.isNaN(this.#loss) ? "-" : short(this.#loss)}  ${line.heldOutLoss === null ? "" : `held out ${short(line.heldOutLoss)}  `}` +
          `closed loop ${line.scoreDb.toFixed(1)} dB (EDR ${line.edrDb.toFixed(1)}, EDC ${line.edcDb.toFixed(1)})${this.#speed(line.step)}${mark}`,
      );
      return;
    }
    if (line.type === "stage") {
      this.#terminal.say(
        `stage ${line.stage + 1}, ${oneLine(line.name)}: ${line.steps} steps of ${line.batchSize} rollouts of ${line.seconds} s, ${line.filters === 1 ? "linear" : `${line.filters} filters`}`,
      );
      return;
    }
    this.#terminal.progress(
      `${Math.round((100 * line.step) / this.#steps)} %  step ${line.step}/${this.#steps}  loss ${short(this.#loss)}  ` +
        `closed loop ${this.#scoreDb.toFixed(1)} dB${this.#speed(line.step)}`,
    );
  }

  /** Speed and what is left, once there is something to tell them from. */
  #speed(step: number): string {
    const seconds = (performance.now() - this.#start) / 1000;
    const done = step - (this.#firstStep ?? step);
    if (done === 0) return "";
    const perSecond = done / seconds;
    return `  ${Math.round(perSecond)} steps/s, ${duration((this.#steps - step) / perSecond)} left`;
  }
}
