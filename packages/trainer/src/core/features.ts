/**
 * The features of a classic string as training reads them: their means over the recordings, which the model keeps, and
 * their values at every sample. The measures themselves are the core's (assembly/decay-meter.ts), so that what a
 * network is trained on is what it hears when a feature runs live.
 */
import { type Core, decayFeature, slidingEnergy } from "@neural-string/core-wasm";
import type { DecayFeature } from "@neural-string/shared";

// what the meter adds on both sides of a ratio
const SILENCE = 1e-18;

/**
 * Measure the features' means.
 * @param recordings [samples] each
 * @returns the features with their means; they stay as they are where no recording is as long as two windows
 */
export function withMeans(
  core: Core,
  recordings: readonly Float32Array[],
  features: readonly DecayFeature[],
): DecayFeature[] {
  return features.map((feature) => {
    const { kind, window } = feature;
    let sum = 0;
    let count = 0;
    for (const samples of recordings) {
      const energy = slidingEnergy(core, samples, window);
      for (let n = 2 * window - 1; n < samples.length; n++) {
        const now = energy[n] * window + SILENCE;
        sum += Math.log10(now / (kind === "energy" ? window : energy[n - window] * window + SILENCE));
        count++;
      }
    }
    return { ...feature, mean: count === 0 ? null : sum / count };
  });
}

/**
 * The features at every sample of a recording.
 * @param halfLife of their smoothing (samples): one period
 * @returns one [samples] for each; 0 before two windows have passed
 * @throws RangeError for a feature whose mean is not known
 */
export function featureTraces(
  core: Core,
  samples: Float32Array,
  features: readonly DecayFeature[],
  halfLife: number,
): Float32Array[] {
  return features.map(({ mean, ...feature }) => {
    if (mean === null) throw new RangeError(`feature ${feature.kind}: expected its mean, got none`);
    const start = Math.min(2 * feature.window, samples.length);
    return decayFeature(core, samples, { ...feature, mean, halfLife }, start);
  });
}
