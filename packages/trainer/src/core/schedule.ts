/** The learning-rate schedules, by name: by how much the learning rate is multiplied at a step. */
import type { ScheduleConfig } from "@neural-string/shared";

/**
 * Factor of the learning rate.
 * @param step steps done before this one, 0 .. steps - 1
 * @param steps steps of the whole run
 * @returns 0 .. 1
 */
export function scheduleFactor(config: ScheduleConfig, step: number, steps: number): number {
  switch (config.name) {
    case "constant":
      return 1;
    case "cosine": {
      const done = steps <= 1 ? 0 : step / (steps - 1);
      return config.final + (1 - config.final) * 0.5 * (1 + Math.cos(Math.PI * done));
    }
    case "step":
      return config.factor ** Math.floor(step / config.steps);
  }
}
