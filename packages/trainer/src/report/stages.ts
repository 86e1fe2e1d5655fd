/**
 * The stages of a training run, from the lines of `log.jsonl`: what each was, and how it ended.
 */
import type { EvaluationLine, StageLine, UpdateLine } from "@neural-string/shared";

/** A stage and its end. */
export interface Stage extends Omit<StageLine, "type"> {
  /** Updates it has done; of the last touch, which makes none, the rounds. */
  stepsDone: number;
  /** Mean loss over the last tenth of its updates, and of its parts by name; null where it logged none. */
  loss: number | null;
  parts: Record<string, number>;
  /** Closed-loop score at its last evaluation (dB). */
  scoreDb: number | null;
}

/** Share of a stage whose updates tell its loss at the end: one line alone is noise. */
const END = 0.1;

/**
 * List the stages.
 * @param lines in the order they were written: a resumed run may name a stage again
 * @param updates @param evaluations as they were written, ascending in step: of several at the step where a stage begins,
 *   the first is of the one before
 */
export function stagesOf(
  lines: readonly StageLine[],
  updates: readonly UpdateLine[],
  evaluations: readonly EvaluationLine[],
): Stage[] {
  const begun = new Map<number, StageLine>();
  for (const line of lines) {
    // a run that goes on within a stage began it where it began
    const step = Math.min(line.step, begun.get(line.stage)?.step ?? line.step);
    begun.set(line.stage, { ...line, step });
  }
  const stages = [...begun.values()].sort((a, b) => a.step - b.step || a.stage - b.stage);
  return stages.map(({ type: _, ...stage }, i) => {
    const end = stages[i + 1]?.step ?? Number.POSITIVE_INFINITY;
    const own = updates.filter(({ step }) => step > stage.step && step <= end);
    const last = own.at(-1);
    const steps = Math.min(end, last?.step ?? stage.step) - stage.step;
    const heard = evaluations.filter(({ step }, k) =>
      evaluations[k - 1]?.step === step ? step >= stage.step && step < end : step > stage.step && step <= end,
    );
    // a stage without updates stands at the step where it began
    const rounds = steps === 0 ? heard.filter(({ step }) => step === stage.step).length : 0;
    const ending = own.filter(({ step }) => step > stage.step + (1 - END) * steps || step === last?.step);
    return {
      ...stage,
      stepsDone: steps + rounds,
      loss: ending.length === 0 ? null : mean(ending.map(({ loss }) => loss)),
      parts: meanParts(ending),
      scoreDb: heard.at(-1)?.scoreDb ?? null,
    };
  });
}

/** Names of the loss's parts, in the order in which they first appear. */
export function partNames(updates: readonly UpdateLine[]): string[] {
  return [...new Set(updates.flatMap(({ parts }) => Object.keys(parts ?? {})))];
}

/** Mean of each part over the lines that have it. */
export function meanParts(updates: readonly UpdateLine[]): Record<string, number> {
  return Object.fromEntries(
    partNames(updates).map((name) => [
      name,
      mean(updates.flatMap(({ parts }) => (parts?.[name] === undefined ? [] : [parts[name]]))),
    ]),
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
