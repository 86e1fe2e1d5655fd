// The exported functions of core-wasm: numbers and pointers only, so that they can be called from an audio worklet
// with no generated glue. What each does is said in its own file.

export { allocate, arenaMark, arenaRelease } from "./arena";
export { activateBlock } from "./activation";
export {
  classicBroken,
  classicCreate,
  classicCreateGuard,
  classicExcite,
  classicExtras,
  classicGuardInterventions,
  classicGuardSmallestGain,
  classicRender,
  classicSetDecayLive,
  classicSetExtra,
  classicSetLayer,
} from "./classic-string";
export { decayFeature } from "./decay-meter";
export { slidingEnergy } from "./energy-meter";
export { karplusStrong } from "./karplus-strong";
export { delayLineClear, delayLineCreate, delayLineRead, delayLineWrite } from "./multi-tap";
export { passiveCreate, passiveSource, passiveStiffen } from "./passive-create";
export { passiveBend, passiveDamp, passiveSetControl, passiveSoften } from "./passive-hand";
export {
  passiveBroken,
  passiveControls,
  passiveEnergy,
  passiveGain,
  passiveGuardInterventions,
  passiveGuardSmallestGain,
  passiveHeard,
  passivePlucksLeft,
  passiveSecondLoop,
  passiveTaps,
  passiveWeights,
} from "./passive-report";
export { passiveRetune, passiveTake } from "./passive-retune";
export { passiveExcite, passiveLoad, passivePluck, passiveReset } from "./passive-start";
export { passiveRender } from "./passive-string";
export { shapePluck } from "./pluck-shape";
export { removeSwell, resample } from "./resample";
export { stiffString } from "./stiff-string";
export { gatherWindows } from "./windows";
