/** The training of a classic string as `pnpm train` runs it. */
import { type ClassicTrainConfig, longestDelay, tapDelays } from "@neural-string/shared";
import { ClassicTraining } from "../core/train.ts";
import { loadTrainModule } from "../core-build.ts";
import { makeCheck } from "../string-check.ts";
import { classicWarmStart, headerFromConfig } from "../string-model.ts";
import { cropToConfig, type PreparedTraining, type TrainingRequest } from "./prepared.ts";

/** Prepare. @throws UserError for what cannot be trained */
export function prepareClassic(request: TrainingRequest<ClassicTrainConfig>): PreparedTraining {
  const { config, name, f0, core, trainedOn, resume, from } = request;
  const header = headerFromConfig(config, name, trainedOn[0].sampleRate, f0);
  const training = new ClassicTraining({
    config,
    header,
    core,
    recordings: trainedOn.map((recording) => cropToConfig(recording, config)),
    trainModule: config.training.rollout === null ? undefined : loadTrainModule(),
    resume,
    warmStart: from === undefined ? undefined : classicWarmStart(from, header, config.model.bias),
  });
  const longest = longestDelay(tapDelays(header.tapPattern, header.sampleRate, header.f0));
  return {
    wantedHistory: longest,
    leastHistory: longest,
    summary: (steps) =>
      `${training.examples.count} examples, ${steps} steps of ${training.examples.batchSize}`,
    stepsFor: async (minutes) => {
      const { stepMs, evaluationMs } = training.measureSpeed(() => performance.now());
      const { evaluations } = config.selection;
      const budget = 60_000 * minutes - evaluationMs * (evaluations + 1);
      return Math.max(evaluations, Math.floor(budget / stepMs));
    },
    run: (steps, callbacks) => training.run(steps, callbacks),
    exported: (tensors) => ({
      header: { ...header, check: makeCheck(core, header, tensors) },
      tensors,
    }),
    dispose: () => training.dispose(),
  };
}
