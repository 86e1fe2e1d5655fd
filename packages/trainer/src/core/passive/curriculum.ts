/** The stages of a passive string's training, laid out over a number of steps. */
import type { StageConfig } from "@neural-string/shared";

/** A stage in its place: steps from .. to - 1 of the run. */
export interface PlannedStage {
  index: number;
  config: StageConfig;
  from: number;
  to: number;
}

/** Lay stages out, each by its share; a stage may come out empty where steps are few. */
export function planStages(stages: readonly StageConfig[], steps: number): PlannedStage[] {
  const total = stages.reduce((sum, { share }) => sum + share, 0);
  let done = 0;
  return stages.map((config, index) => {
    const from = Math.round((steps * done) / total);
    done += config.share;
    return { index, config, from, to: Math.round((steps * done) / total) };
  });
}

/** By how much the rates are multiplied at a step of a stage: the stage's own rate, falling linearly to a tenth. */
export function stageRate({ config, from, to }: PlannedStage, step: number): number {
  return config.rate * (0.1 + 0.9 * (1 - (step - from) / (to - from)));
}
