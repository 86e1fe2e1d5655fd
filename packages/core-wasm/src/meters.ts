/** Energy and decay of a whole recording, sample by sample, as the training's features and reports read them. */
import type { Core } from "./core.ts";

/**
 * Mean square of the last `window` samples, at every sample (silence before the start).
 * @returns f32 x samples.length; entry n covers samples n - window + 1 .. n
 */
export function slidingEnergy(core: Core, samples: Float32Array, window: number): Float32Array {
  return core.temporarily(() => {
    const from = core.put(samples);
    const out = core.allocate(4 * samples.length);
    core.exports.slidingEnergy(from, samples.length, window, out);
    return core.f32(out, samples.length).slice();
  });
}

export interface DecayMeterOptions {
  /** Samples of each of the two windows compared. */
  window: number;
  /** Subtracted from log10(energy of the last window / energy of the one before). */
  mean: number;
  scale: number;
  /** Half-life of the smoothing (samples). */
  halfLife: number;
}

/**
 * The decay feature at every sample: -1 (faster than the mean) .. 1 (slower).
 * @returns f32 x samples.length; entry n looks at samples before n only (silence before the start)
 */
export function decayFeature(core: Core, samples: Float32Array, options: DecayMeterOptions): Float32Array {
  return core.temporarily(() => {
    const from = core.allocate(4 * (2 * options.window + samples.length)) + 8 * options.window;
    core.f32(from, samples.length).set(samples);
    const out = core.allocate(4 * samples.length);
    const { window, mean, scale, halfLife } = options;
    core.exports.decayFeature(from, samples.length, window, mean, scale, halfLife, out);
    return core.f32(out, samples.length).slice();
  });
}
