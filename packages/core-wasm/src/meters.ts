/** Energy and decay of a whole recording, sample by sample, as the training's features and reports read them. */
import type { Core } from "./core.ts";
import { isKnown } from "./known-numbers.ts";
import { type DecayFeature, FEATURE_KINDS } from "./model-file.ts";

/** The smallest scale of a model file's features. */
const LEAST_SCALE = 1e-9;

/** Samples. Seconds of sound at any rate; what is longer is a mistake. */
const MOST_WINDOW = 2 ** 24;

/** Put samples into the core's memory, those that are not finite, or beyond 1e15, as silence: a sum would keep them. */
function putKnown(core: Core, samples: Float32Array, address: number): void {
  const copy = core.f32(address, samples.length);
  copy.set(samples);
  for (let n = 0; n < copy.length; n++) if (!isKnown(copy[n])) copy[n] = 0;
}

function checkWindow(window: number): void {
  if (Number.isInteger(window) && window >= 1 && window <= MOST_WINDOW) return;
  throw new RangeError(`window: expected 1 to ${MOST_WINDOW} samples, a whole number, got ${window}`);
}

/**
 * Mean square of the last `window` samples, at every sample (silence before the start).
 * @param samples those that are not finite, or beyond 1e15, count as silence
 * @returns f32 x samples.length; entry n covers samples n - window + 1 .. n
 * @throws RangeError for a window that is no number of samples
 */
export function slidingEnergy(core: Core, samples: Float32Array, window: number): Float32Array {
  checkWindow(window);
  return core.temporarily(() => {
    const from = core.allocate(4 * samples.length);
    putKnown(core, samples, from);
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
 * @param samples those that are not finite, or beyond 1e15, count as silence
 * @param start first sample of the note: entries before it are 0, and what lies before it is heard as its past
 * @returns f32 x samples.length; entry n looks at samples before n only (silence before the first)
 * @throws RangeError for options that measure nothing, or a start outside the samples
 */
export function decayFeature(
  core: Core,
  samples: Float32Array,
  options: DecayMeterOptions,
  start = 0,
): Float32Array {
  checkOptions(options);
  if (!(Number.isInteger(start) && start >= 0 && start <= samples.length)) {
    throw new RangeError(`start: expected 0 to ${samples.length}, a whole number, got ${start}`);
  }
  return core.temporarily(() => {
    const from = core.allocate(4 * (2 * options.window + samples.length)) + 8 * options.window;
    putKnown(core, samples, from);
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

function checkOptions({ kind = "decay", window, mean, scale, halfLife }: DecayMeterOptions): void {
  checkWindow(window);
  if (!FEATURE_KINDS.includes(kind)) {
    throw new RangeError(`kind: expected one of ${FEATURE_KINDS.join(", ")}, got ${kind}`);
  }
  if (!isKnown(mean)) throw new RangeError(`mean: expected a number within 1e15, got ${mean}`);
  for (const [name, value] of Object.entries({ scale, halfLife })) {
    if (!(value >= LEAST_SCALE && isKnown(value))) {
      throw new RangeError(`${name}: expected a number from ${LEAST_SCALE} to 1e15, got ${value}`);
    }
  }
}
