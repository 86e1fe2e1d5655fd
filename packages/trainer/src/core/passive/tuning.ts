/**
 * One spectrum, many pitches: how a loop filter's damping and phase, learned at one tuning, read at another, and how
 * gradients find their way back. A string stopped shorter keeps its material: damping and dispersion per round trip
 * shrink with the period, at the same frequencies in Hz (docs/how-the-passive-string-works.md).
 *
 *   damping'(f) = damping(f) f0 / f0'
 *   phase'(f)   = dispersion(f) f0 / f0' + w' (P' - sampleRate' / f0'),   dispersion(f) = phase(f) - w (P - sampleRate / f0)
 */
import { tunedShape } from "@neural-string/core-wasm";
import { FADE, type LoopSpectrum } from "./spectral-form.ts";

/** Where a loop filter is played. */
export interface Tuning {
  /** Hz */
  sampleRate: number;
  /** Hz */
  f0: number;
  /** N, even. */
  taps: number;
  /** C, below the period. */
  ahead: number;
  /** Taps that fade at either end of a filter; default 16. */
  fade?: number;
}

/** The period (samples) that a tuning's filters are laid around. */
export function wholePeriodOf({ sampleRate, f0 }: Tuning): number {
  return Math.round(sampleRate / f0);
}

/** Delay of the first tap (samples). */
export function nearestDelay(tuning: Tuning): number {
  return wholePeriodOf(tuning) - tuning.ahead;
}

/** Delay of the last tap (samples), F. */
export function furthestDelay(tuning: Tuning): number {
  return nearestDelay(tuning) + tuning.taps - 1;
}

/**
 * The tuning of the same string at another pitch or sample rate, of the sizes that the player gives it where its notes
 * were trained through the learned form (pitchControl).
 * @throws RangeError where the pitch is above an eighth of the sample rate
 */
export function retuned(tuning: Tuning, f0: number, sampleRate: number = tuning.sampleRate): Tuning {
  if (f0 === tuning.f0 && sampleRate === tuning.sampleRate) return tuning;
  const { taps, ahead } = tunedShape({ ...tuning, mixture: null, pitchControl: true }, { sampleRate, f0 });
  // fades are as much shorter as the period is, and never reach its tap (assembly/passive-synthesis.ts)
  const ratio = sampleRate / f0 / (tuning.sampleRate / tuning.f0);
  const fade = Math.max(1, Math.min(Math.round(FADE * ratio), ahead, taps - 1 - ahead));
  return { sampleRate, f0, taps, ahead, fade };
}

/** Reads spectra of one tuning at another; identical tunings pass them through. */
export class Retuning {
  readonly to: Tuning;
  readonly #identity: boolean;
  readonly #ratio: number;
  readonly #oldBins: number;
  /** For each new bin: the old bin below it, and how far it lies towards the next (0 .. 1). */
  readonly #below: Int32Array;
  readonly #share: Float64Array;
  /** Phase that each new bin has beyond the dispersion it inherits. */
  readonly #offset: Float64Array;

  constructor(from: Tuning, to: Tuning) {
    this.to = to;
    this.#identity =
      from.sampleRate === to.sampleRate &&
      from.f0 === to.f0 &&
      from.taps === to.taps &&
      from.ahead === to.ahead;
    this.#ratio = from.f0 / to.f0;
    this.#oldBins = from.taps / 2 + 1;
    const bins = to.taps / 2 + 1;
    this.#below = new Int32Array(bins);
    this.#share = new Float64Array(bins);
    this.#offset = new Float64Array(bins);
    const excess = (t: Tuning) => wholePeriodOf(t) - t.sampleRate / t.f0;
    for (let k = 0; k < bins; k++) {
      const hz = (k * to.sampleRate) / to.taps;
      const position = Math.min((hz * from.taps) / from.sampleRate, this.#oldBins - 1);
      const below = Math.min(Math.floor(position), this.#oldBins - 2);
      this.#below[k] = below;
      this.#share[k] = position - below;
      // beyond the last old bin the dispersion is held, so its linear part is read there too
      const oldAngle = (2 * Math.PI * position) / from.taps;
      this.#offset[k] = ((2 * Math.PI * k) / to.taps) * excess(to) - oldAngle * excess(from) * this.#ratio;
    }
  }

  /** Read a spectrum. @param phase unwrapped */
  apply(spectrum: LoopSpectrum): LoopSpectrum {
    if (this.#identity) return spectrum;
    const logDamping = this.#interpolate(spectrum.logDamping);
    const phase = this.#interpolate(spectrum.phase);
    const shift = Math.log(this.#ratio);
    for (let k = 0; k < phase.length; k++) {
      logDamping[k] += shift;
      phase[k] = phase[k] * this.#ratio + this.#offset[k];
    }
    return { logDamping, phase };
  }

  /** Carry a gradient back to the spectrum it was read from. */
  gradientOf(gradient: LoopSpectrum): LoopSpectrum {
    if (this.#identity) return gradient;
    return {
      logDamping: this.#spread(gradient.logDamping, 1),
      phase: this.#spread(gradient.phase, this.#ratio),
    };
  }

  #interpolate(old: Float64Array): Float64Array {
    return Float64Array.from(this.#below, (below, k) => {
      const share = this.#share[k];
      return (1 - share) * old[below] + share * old[below + 1];
    });
  }

  #spread(gradient: Float64Array, scale: number): Float64Array {
    const old = new Float64Array(this.#oldBins);
    this.#below.forEach((below, k) => {
      old[below] += scale * (1 - this.#share[k]) * gradient[k];
      old[below + 1] += scale * this.#share[k] * gradient[k];
    });
    return old;
  }
}
