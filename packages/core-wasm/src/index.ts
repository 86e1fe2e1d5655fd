/** The door of core-wasm: re-exports only. */
export { BUILDS, type Build, bestBuild, supportedBuilds } from "./builds.ts";
export { certifiedGain } from "./certificate.ts";
export { Core, type CoreExports } from "./core.ts";
export { DelayLine } from "./delay-line.ts";
export {
  generateKarplusStrong,
  generateStiffString,
  type KarplusStrongOptions,
  karplusStrongGain,
  type StiffStringOptions,
} from "./generators.ts";
export { type DecayMeterOptions, decayFeature, slidingEnergy } from "./meters.ts";
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
export { type ExciteOptions, GUARD_HEADROOM, Resonator } from "./resonator.ts";
export { ModelFileError } from "./safetensors.ts";
export { WindowReader } from "./windows.ts";
