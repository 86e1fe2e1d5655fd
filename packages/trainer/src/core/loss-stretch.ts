/** Gathers what the loss does between two lines of a run's log; the training loop feeds it. */
import type { LogLine } from "@neural-string/shared";

/** What the loss did between two lines of the log. */
export class LossStretch {
  #sum = 0;
  #count = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  #parts: Record<string, number> = {};

  /** @param parts what the loss is the sum of, by name */
  add(loss: number, parts: Readonly<Record<string, number>> = {}): void {
    this.#sum += loss;
    for (const [name, part] of Object.entries(parts)) this.#parts[name] = (this.#parts[name] ?? 0) + part;
    this.#count++;
    this.#min = Math.min(this.#min, loss);
    this.#max = Math.max(this.#max, loss);
  }

  /** The line, and a fresh start. @param stage of training, where it has stages */
  line(step: number, epoch: number, learningRate: number, stage?: number): LogLine {
    const line: LogLine = {
      type: "updates",
      step,
      epoch,
      loss: this.#sum / this.#count,
      lossMin: this.#min,
      lossMax: this.#max,
      learningRate,
      ...(stage !== undefined && { stage }),
      ...(Object.keys(this.#parts).length > 0 && {
        parts: Object.fromEntries(
          Object.entries(this.#parts).map(([name, sum]) => [name, sum / this.#count]),
        ),
      }),
    };
    this.#parts = {};
    this.#sum = 0;
    this.#count = 0;
    this.#min = Number.POSITIVE_INFINITY;
    this.#max = Number.NEGATIVE_INFINITY;
    return line;
  }
}
