/** Energy and decay of a whole recording, sample by sample, as the training's features and reports read them. */
import type { Core } from "./core.ts";
import { type DecayFeature, FEATURE_KINDS } from "./model-file.ts";

/** Put samples into the core's memory, those that are not finite as silence: a sum would keep them for good. */
function putFinite(core: Core, samples: Float32Array, address: number): void {
  const copy = core.f32(address, samples.length);
  copy.set(samples);
  for (let n = 0; n < copy.length; n++) if (!Number.isFinite(copy[n])) copy[n] = 0;
}

/**
 * Mean square of the last `window` samples, at every sample (silence before the start).
 * @param samples those that are not finite count as silence
 * @returns f32 x samples.length; entry n covers samples n - window + 1 .. n
 */
export function slidingEnergy(core: Core, samples: Float32Array, window: number): Float32Array {
  return core.temporarily(() => {
    const from = core.allocate(4 * samples.length);
    putFinite(core, samples, from);
    const out = core.allocate(4 * samples.length);
    core.exports.slidingEnergy(from, samples.length, window, out);
    return core.f32(out, samples.length).slice();
  });
}

export interface DecayMeterOptions {
  /** Default: decay. */
  kind?: DecayFeature["kind"];
  /** Samples of each of the two windows compared. */
  window: number;
  /** Subtracted from the measure; see assembly/decay-meter.ts. */
  mean: number;
  scale: number;
  /** Half-life of the smoothing (samples). */
  halfLife: number;
}

/**
 * A feature at every sample: -1 .. 1 (of decay: -1 faster than the mean, 1 slower).
 * @param samples those that are not finite count as silence
 * @param start first sample of the note: entries before it are 0, and what lies before it is heard as its past
 * @returns f32 x samples.length; entry n looks at samples before n only (silence before the first)
 */
export function decayFeature(
  core: Core,
  samples: Float32Array,
  options: DecayMeterOptions,
  start = 0,
): Float32Array {
  return core.temporarily(() => {
    const from = core.allocate(4 * (2 * options.window + samples.length)) + 8 * options.window;
    putFinite(core, samples, from);
    const out = core.allocate(4 * samples.length);
    const { kind = "decay", window, mean, scale, halfLife } = options;
    core.exports.decayFeature(
      from + 4 * start,
      samples.length - start,
      window,
      mean,
      scale,
      halfLife,
      out + 4 * start,
      FEATURE_KINDS.indexOf(kind),
    );
    return core.f32(out, samples.length).slice();
  });
}
