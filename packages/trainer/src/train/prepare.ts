/** Chooses who prepares a training, by the kind of string that its config asks for. */
import type { ClassicTrainConfig, PassiveTrainConfig } from "@neural-string/shared";
import { prepareClassic } from "./prepare-classic.ts";
import { preparePassive } from "./prepare-passive.ts";
import type { PreparedTraining, TrainingRequest } from "./prepared.ts";

/** Prepare what the config asks for. @throws UserError for what cannot be trained */
export function prepareTraining(request: TrainingRequest): PreparedTraining {
  return request.config.model.kind === "passive"
    ? preparePassive(request as TrainingRequest<PassiveTrainConfig>)
    : prepareClassic(request as TrainingRequest<ClassicTrainConfig>);
}
