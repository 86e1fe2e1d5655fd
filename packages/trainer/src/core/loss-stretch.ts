/** Gathers what the loss does between two lines of a run's log; the training loop feeds it. */
import type { LogLine } from "@neural-string/shared";

/** What the loss did between two lines of the log. */
export class LossStretch {
  #sum = 0;
  #count = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  add(loss: number): void {
    this.#sum += loss;
    this.#count++;
    this.#min = Math.min(this.#min, loss);
    this.#max = Math.max(this.#max, loss);
  }

  line(step: number, epoch: number, learningRate: number): LogLine {
    const line: LogLine = {
      type: "updates",
      step,
      epoch,
      loss: this.#sum / this.#count,
      lossMin: this.#min,
      lossMax: this.#max,
      learningRate,
    };
    this.#sum = 0;
    this.#count = 0;
    this.#min = Number.POSITIVE_INFINITY;
    this.#max = Number.NEGATIVE_INFINITY;
    return line;
  }
}
