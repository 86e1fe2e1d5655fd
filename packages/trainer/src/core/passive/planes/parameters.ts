/**
 * A passive string's parameters once its loops are parallel planes, and the few of them that the last touch moves: the
 * low bins of every loop filter and of the coupling filter, which says what of a pluck reaches the second plane.
 *
 * A second plane begins as the filter that plays most of the time, flatter and longer-lived where two planes can be
 * told apart, and it begins silent: with no coupling the string is what it was without its second loop.
 */
import { mixtureWeightsAlong, type PassiveModel } from "@neural-string/core-wasm";
import type { Tensor } from "@neural-string/shared";
import { type Tuning, wholePeriodOf } from "../tuning.ts";
import { NETWORK, type Parameters, SPECTRA } from "../variables.ts";

/** The coupling filter's spectrum, real parts and imaginary parts: [2, N / 2 + 1]. */
export const COUPLING = "filters.coupling";

/** The second loop's filter as it was while it drove the first, for a training that goes on: [2, N / 2 + 1]. */
const BEFORE = "filters.before";

/** How far the second plane begins from the first (cents, and the ratio of the dampings), and up to where (Hz). */
const FLATTER_CENTS = 2;
const DAMPED_LESS = 0.4;
const APART_BELOW_HZ = 1500;
const ALIKE_ABOVE_HZ = 3000;

/**
 * Partials whose bins are moved. Higher ones are too short to beat; with 30 the error on recordings that were learned
 * from falls further, that of unseen ones does not, and their spectra come out worse (docs/LOG.md, 2026-11-25).
 */
const PARTIALS = 16;

/** What the solver takes for one: ln damping, phase (radians), and the coupling's parts. */
const STEP_DAMPING = 0.2;
const STEP_PHASE = 0.004;
const STEP_COUPLING = 0.1;

/** Whether parameters are those of parallel planes. */
export function hasPlanes(parameters: Parameters): boolean {
  return parameters.has(COUPLING);
}

/**
 * Make the loops parallel planes.
 * @param row of the filter that the second plane begins as, 1 .. K
 */
export function withPlanes(parameters: Parameters, tuning: Tuning, row: number): Parameters {
  const [damping, phase] = SPECTRA.map((name) => parameters.get(name) as Tensor);
  const [, bins] = damping.shape;
  const [logDamping, phases] = [damping.data.slice(), phase.data.slice()];
  const delay = wholePeriodOf(tuning) * (2 ** (FLATTER_CENTS / 1200) - 1);
  for (let k = 0; k < bins; k++) {
    const hz = (k * tuning.sampleRate) / tuning.taps;
    const apart = Math.min(1, Math.max(0, (ALIKE_ABOVE_HZ - hz) / (ALIKE_ABOVE_HZ - APART_BELOW_HZ)));
    const w = (2 * Math.PI * k) / tuning.taps;
    logDamping[k] = damping.data[row * bins + k] + Math.log(1 - (1 - DAMPED_LESS) * apart);
    phases[k] = phase.data[row * bins + k] - w * delay * apart;
  }
  return new Map(parameters)
    .set(SPECTRA[0], { shape: damping.shape, data: logDamping })
    .set(SPECTRA[1], { shape: phase.shape, data: phases })
    .set(COUPLING, { shape: [2, bins], data: new Float32Array(2 * bins) })
    .set(BEFORE, {
      shape: [2, bins],
      data: Float32Array.of(...damping.data.subarray(0, bins), ...phase.data.subarray(0, bins)),
    });
}

/** The cascade again, its first loop as the planes have it; parameters of a cascade stay as they are. */
export function withoutPlanes(parameters: Parameters): Parameters {
  const before = parameters.get(BEFORE);
  if (before === undefined) return parameters;
  const [, bins] = before.shape;
  const restored = new Map(parameters);
  SPECTRA.forEach((name, part) => {
    const { shape, data } = parameters.get(name) as Tensor;
    const copy = data.slice();
    copy.set(before.data.subarray(part * bins, (part + 1) * bins));
    restored.set(name, { shape, data: copy });
  });
  restored.delete(COUPLING);
  restored.delete(BEFORE);
  return restored;
}

/** The filter of the first loop that plays most over the first seconds of some recordings: its row, 1 .. K. */
export function busiestRow(
  model: PassiveModel,
  recordings: readonly { samples: Float32Array; controls: readonly number[] }[],
  seconds: number,
): number {
  const shares = new Float64Array(model.filters);
  for (const { samples, controls } of recordings) {
    const young = samples.subarray(0, seconds * model.sampleRate);
    mixtureWeightsAlong(model, young, controls).forEach((weights, k) => {
      for (const s of weights) shares[k] += s * s;
    });
  }
  return 1 + shares.indexOf(Math.max(...shares));
}

/** Where the moved numbers lie in the parameters, and what a step of each comes to. */
export class MovedParameters {
  readonly #places: { name: string; index: number; step: number }[] = [];

  /** @param parameters of planes */
  constructor(parameters: Parameters, { sampleRate, taps, f0 }: Tuning) {
    const [rows, bins] = (parameters.get(SPECTRA[0]) as Tensor).shape;
    const moved = Math.min(bins - 1, Math.ceil((PARTIALS * f0 * taps) / sampleRate));
    for (let row = 0; row < rows; row++) {
      for (let k = 0; k < moved; k++) {
        this.#places.push({ name: SPECTRA[0], index: row * bins + k, step: STEP_DAMPING });
        // a real filter's phase at 0 Hz is not free
        if (k > 0) this.#places.push({ name: SPECTRA[1], index: row * bins + k, step: STEP_PHASE });
      }
    }
    // nothing at 0 Hz is coupled: an offset that the second plane took up would last as long as the string
    for (let part = 0; part < 2; part++) {
      for (let k = 1; k < moved; k++) {
        this.#places.push({ name: COUPLING, index: part * bins + k, step: STEP_COUPLING });
      }
    }
  }

  get count(): number {
    return this.#places.length;
  }

  /** Parameters, moved. @param steps [count] @returns float64, so that small steps are not rounded away */
  moved(parameters: Parameters, steps: ArrayLike<number>): Map<string, Float64Array> {
    const all = new Map([...parameters].map(([name, { data }]) => [name, Float64Array.from(data)]));
    this.#places.forEach(({ name, index, step }, i) => {
      (all.get(name) as Float64Array)[index] += step * steps[i];
    });
    return all;
  }

  /** The same, as parameters. */
  kept(parameters: Parameters, steps: ArrayLike<number>): Parameters {
    const moved = this.moved(parameters, steps);
    return new Map(
      [...parameters].map(([name, { shape }]) => [
        name,
        { shape, data: Float32Array.from(moved.get(name) as Float64Array) },
      ]),
    );
  }
}

/** What of the parameters is sent to other threads, in this order. */
export const SENT = [...SPECTRA, "filters.turns", COUPLING, ...NETWORK];
