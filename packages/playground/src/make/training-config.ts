/** From what a page asks for to the config that `pnpm train` would have resolved, with the same defaults. */
import { type PassiveTrainConfig, parseOrExplain, TrainConfigSchema } from "@neural-string/shared";
import { DEFAULT_STEPS, type TrainingOptions, type TrainingRecording } from "./training-messages.ts";

/**
 * The config of a training.
 * @throws UserError naming the field that makes no sense
 */
export function trainingConfig(
  recordings: readonly Pick<TrainingRecording, "name">[],
  { name, steps, minutes, seed, threads, config = {} }: TrainingOptions,
): PassiveTrainConfig {
  const { sequence, ...training } = { sequence: {}, ...config.training };
  return parseOrExplain(
    TrainConfigSchema,
    {
      ...(name !== undefined && { name }),
      recordings: recordings.map((recording) => recording.name),
      model: { kind: "passive", ...config.model },
      training: {
        ...training,
        steps: steps ?? (minutes === undefined ? DEFAULT_STEPS : null),
        ...(minutes !== undefined && { minutes }),
        ...(seed !== undefined && { seed }),
        backend: "cpu",
        sequence: { ...sequence, ...(threads !== undefined && { threads }) },
      },
      // losses of single examples are the report's, which a page has none of
      selection: { lossExamples: 0, ...config.selection },
    },
    "options",
  ) as PassiveTrainConfig;
}
