// The exported functions of the train build: rollouts and their losses, forward and backward. Players do not load it.

export { allocate, arenaMark, arenaRelease } from "./arena";
export { classicRolloutBackward } from "./train/classic-gradient";
export {
  classicRolloutCreate,
  classicRolloutErrors,
  classicRolloutForward,
  classicRolloutLine,
  classicRolloutSetExtra,
  classicRolloutSetWeights,
} from "./train/classic-rollout";
export { decayLossApply, decayLossCreate } from "./train/decay-loss";
export { rolloutBackward } from "./train/rollout-backward";
export { rolloutCreate, rolloutForward } from "./train/rollout";
export { spectralLossApply, spectralLossCreate } from "./train/spectral-loss";
export { waveLossApply } from "./train/wave-loss";
