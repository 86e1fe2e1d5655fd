// The exported functions of the train build: rollouts and their losses, forward and backward. Players do not load it.

export { allocate, arenaMark, arenaRelease } from "./arena";
export { rolloutBackward, rolloutForward } from "./train/rollout";
export { spectralLossApply, spectralLossCreate } from "./train/spectral-loss";
export { waveLossApply } from "./train/wave-loss";
