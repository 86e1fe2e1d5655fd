/** The door of core-wasm: re-exports only. */
export { BUILDS, type Build, bestBuild, supportedBuilds } from "./builds.ts";
export {
  CERTIFICATE_TOLERANCE,
  certifiedGain,
  growthBound,
  longestT60,
  MOST_COUPLING_GAIN,
  parallelTailBound,
  tailBound,
  verifyCertificate,
} from "./certificate.ts";
export { Core, type CoreExports } from "./core.ts";
export { DelayLine } from "./delay-line.ts";
export { detunedModel, MOST_DETUNE_CENTS } from "./detune.ts";
export {
  generateKarplusStrong,
  generateStiffString,
  type KarplusStrongOptions,
  karplusStrongGain,
  type StiffStringOptions,
} from "./generators.ts";
export { Instrument } from "./instrument.ts";
export { type DecayMeterOptions, decayFeature, slidingEnergy } from "./meters.ts";
export { mixtureWeightsAlong } from "./mixture-weights.ts";
export {
  type Activation,
  type ClassicModel,
  type DecayFeature,
  type ModelLayer,
  readModelFile,
  type StringModel,
  type TapPatternEntry,
  tapDelays,
} from "./model-file.ts";
export type { Excitation, PassiveModel } from "./passive-model.ts";
export { type StringTuning, type TunedShape, type Tuning, tunedShape } from "./passive-tuning.ts";
export { MOST_BEND_CENTS, MOST_STIFFNESS, type PluckShape } from "./playing-limits.ts";
export { pluckLevels } from "./pluck-levels.ts";
export { type BlockPlayer, registerPlayer } from "./register-player.ts";
export { Resonator } from "./resonator.ts";
export {
  type ExciteOptions,
  GUARD_HEADROOM,
  type PluckOptions,
  type ResonatorOptions,
  type ResumeOptions,
} from "./resonator-options.ts";
export { ModelFileError } from "./safetensors.ts";
export { estimateState, type ListenOptions, type StringState } from "./state-estimate.ts";
export {
  createStringNode,
  type LoadOptions,
  StringNode,
  type StringNodeOptions,
  type WorkletContext,
  type WorkletNode,
} from "./string-node.ts";
export { keyboardOf, StringTuner, type TunerOptions } from "./string-tuner.ts";
export { estimatePitch, type PitchCalibration, type PitchEstimate, type PitchOptions } from "./tune.ts";
export { tunedTaps } from "./tuned-taps.ts";
export { Voices, type VoicesOptions } from "./voices.ts";
export { WindowReader } from "./windows.ts";
export type { FromWorklet, PlayMessage, ProcessorOptions, ToWorklet } from "./worklet-messages.ts";
