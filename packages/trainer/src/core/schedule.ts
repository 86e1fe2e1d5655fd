/** The learning-rate schedules, by name: by how much the learning rate is multiplied at a step. */
import type { ScheduleConfig } from "@neural-string/shared";

/**
 * Factor of the learning rate.
 * @param step steps done before this one, 0 .. steps - 1
 * @param steps steps of the whole run
 * @param warmupSteps over so many first steps the factor rises from nothing to what the schedule says
 * @returns 0 .. 1
 */
export function scheduleFactor(
  config: ScheduleConfig,
  step: number,
  steps: number,
  warmupSteps: number = 0,
): number {
  const risen = step >= warmupSteps ? 1 : (step + 1) / warmupSteps;
  return risen * scheduled(config, step, steps);
}

function scheduled(config: ScheduleConfig, step: number, steps: number): number {
  const done = steps <= 1 ? 0 : step / (steps - 1);
  switch (config.name) {
    case "constant":
      return 1;
    case "cosine":
      return config.final + (1 - config.final) * 0.5 * (1 + Math.cos(Math.PI * done));
    case "linear":
      return 1 + (config.final - 1) * done;
    case "exponential":
      return config.final ** done;
    case "step":
      return config.factor ** Math.floor(step / config.steps);
  }
}
