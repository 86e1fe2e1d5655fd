/**
 * The node-free door of the trainer: what a page or a worker can train with. It brings no backend of tfjs: import
 * @tensorflow/tfjs beside it, which brings the gradients of plain operations too; for passive strings alone
 * plain-backend.ts is enough.
 */
export { type RolloutExample, RolloutLoss, type RolloutOptions } from "./classic-rollout.ts";
export { controlMeanings, controlValues, type NoteFacts, startLevelDb } from "./controls.ts";
export { Examples } from "./examples.ts";
export { featureTraces, withMeans } from "./features.ts";
export { holdOut, isTrainable, type Stretch } from "./held-out.ts";
export { type Heard, Listener } from "./listen.ts";
export { LoopGain } from "./loop-gain.ts";
export { type Loss, lossFunction, type Predictions } from "./loss.ts";
export { isOdd, TrainableMlp } from "./mlp.ts";
export { createOptimizer, type TrainingOptimizer } from "./optimizer.ts";
export { playableLayers } from "./playable-layers.ts";
export { seededRandom, shuffle } from "./random.ts";
export { scheduleFactor } from "./schedule.ts";
export {
  ClassicTraining,
  type TrainingCallbacks,
  type TrainingOptions,
  type TrainingState,
} from "./train.ts";
