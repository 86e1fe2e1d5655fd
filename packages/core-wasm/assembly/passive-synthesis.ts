// Makes the taps of a passive string's loop filters from the form they were learned in: damping and phase per round
// trip at N / 2 + 1 frequencies (f = k sampleRate / N), for any pitch and sample rate. A string that is shortened loses
// as much per second, so per round trip less, and disperses less per round trip too:
//
//   damping'(f) = damping(f) f0 / f0'
//   disp(f)     = phase(f) - w (P - sampleRate / f0)                     the phase beyond the exact period's
//   phase'(f)   = stiffness disp(f) f0 / f0' + w' (P' - sampleRate' / f0')    1 = as learned; B goes with it
//   h'[j]       = window[j] irfft(exp(-damping' + i phase' - i w' C'))[j]
//
// This is how a string was trained that learned from notes of several pitches, and so how it is played. Any other one
// is re-tuned from its taps (passive-dense.ts), by the same formulas between these frequencies too.
//
// Memory: one row's spectrum, f64 x (N' / 2 + 1) twice, tables of N'. Cost: in that of passive-filters.ts.

import { allocate } from "./arena";
import { gainScratchBytes } from "./gain-bound";
import { LoopFilters } from "./loop-filters";
import { sine } from "./sine";

/** Taps that fade in and out at the ends of a filter as long as it was learned; see spectral-form.ts in the trainer. */
const FADE: f64 = 16;

// A filter that runs backwards in time may amplify this much per round trip (nepers): what the loop damps more
// strongly than this is mostly noise one period earlier.
const MOST_GROWTH: f64 = 0.25;

/** The form the filters were learned in, and what synthesis needs. */
@unmanaged
export class LoopSpectra {
  rows: i32; // 1 + K
  taps: i32; // N
  ahead: i32; // C
  period: i32; // P, samples
  sampleRate: f64; // Hz
  f0: f64; // Hz
  gain: f64; // what no row's gain exceeds
  asTrained: i32; // 1 = other pitches were trained through the learned form, and are played through it
  stiffness: f64; // factor on the dispersion; 1 = as learned
  logDamping: usize; // f32 [rows, N / 2 + 1]
  phase: usize; // f32 [rows, N / 2 + 1]
  loopTaps: usize; // f32 [rows, N], as the model plays them where nothing is re-tuned
  mostTaps: i32;
  re: usize; // f64 x (mostTaps / 2 + 1), one row's spectrum at the new frequencies
  im: usize;
  cos: usize; // f64 x mostTaps, of 2 pi i / N'
  sin: usize;
  window: usize; // f64 x mostTaps
  scratch: usize; // for boundGain
}

/** Make room for synthesis. The pointers must stay where they are. */
export function createLoopSpectra(
  rows: i32,
  taps: i32,
  mostTaps: i32,
  logDamping: usize,
  phase: usize,
  loopTaps: usize,
): LoopSpectra {
  const spectra = changetype<LoopSpectra>(allocate(offsetof<LoopSpectra>()));
  spectra.rows = rows;
  spectra.taps = taps;
  spectra.logDamping = logDamping;
  spectra.phase = phase;
  spectra.loopTaps = loopTaps;
  spectra.mostTaps = mostTaps;
  spectra.stiffness = 1;
  const doubles = (<usize>mostTaps) << 3;
  spectra.re = allocate(doubles / 2 + 8);
  spectra.im = allocate(doubles / 2 + 8);
  spectra.cos = allocate(doubles);
  spectra.sin = allocate(doubles);
  spectra.window = allocate(doubles);
  spectra.scratch = allocate(gainScratchBytes(mostTaps));
  return spectra;
}

/**
 * One row's filter backwards in time: applied to the samples near .. near + N - 1 *later*, it estimates what a loop
 * that runs free must have held. Its taps are written last first, so that addSumsBackwards can apply it.
 * @param outPtr f32 x taps
 */
export function synthesiseBackwards(
  spectra: LoopSpectra,
  filters: LoopFilters,
  row: i32,
  outPtr: usize,
): void {
  prepareTables(spectra, filters);
  tuneSpectrum(spectra, filters, row, true);
  synthesise(spectra, filters, outPtr + ((<usize>(filters.taps - 1)) << 2), -4);
}

/** Cosines, sines and the window for the tuning's length; the window's fades scale with the period. */
export function prepareTables(spectra: LoopSpectra, filters: LoopFilters): void {
  const taps = filters.taps;
  const ratio = filters.sampleRate / filters.f0 / (spectra.sampleRate / spectra.f0);
  // never so long that they reach the tap at the period itself
  const most = min(filters.ahead, taps - 1 - filters.ahead);
  const fade = max(1, min(<i32>Math.round(FADE * ratio), most));
  for (let i = 0; i < taps; ++i) {
    const at = (<usize>i) << 3;
    const angle = (2 * Math.PI * <f64>i) / <f64>taps;
    store<f64>(spectra.cos + at, Math.cos(angle));
    store<f64>(spectra.sin + at, sine(angle));
    const edge = min(i, taps - 1 - i);
    const rising = i < fade ? i : edge;
    const w: f64 = rising < fade ? 0.5 - 0.5 * Math.cos((Math.PI * <f64>rising) / <f64>fade) : 1;
    store<f64>(spectra.window + at, w);
  }
}

/** One row's spectrum at the tuning's frequencies, without the factor e^(-i w' C'), into re and im. */
export function tuneSpectrum(spectra: LoopSpectra, filters: LoopFilters, row: i32, backwards: bool): void {
  const bins = spectra.taps / 2 + 1;
  const logDamping = spectra.logDamping + ((<usize>(row * bins)) << 2);
  const phase = spectra.phase + ((<usize>(row * bins)) << 2);
  const stretch = spectra.f0 / filters.f0;
  // radians per bin: what the whole-numbered period is longer than the exact one, old and new
  const oldLead =
    ((2 * Math.PI) / <f64>spectra.taps) * (<f64>spectra.period - spectra.sampleRate / spectra.f0);
  const newLead =
    ((2 * Math.PI) / <f64>filters.taps) * (<f64>filters.period - filters.sampleRate / filters.f0);
  const binsPerBin =
    (filters.sampleRate / <f64>filters.taps) * (<f64>spectra.taps / spectra.sampleRate);
  for (let k = 0; k <= filters.taps / 2; ++k) {
    const position = min<f64>(<f64>k * binsPerBin, <f64>(bins - 1));
    const i = min(<i32>position, bins - 2);
    const t = position - <f64>i;
    const at = (<usize>i) << 2;
    const d0 = <f64>load<f32>(logDamping + at);
    const d1 = <f64>load<f32>(logDamping + at, 4);
    const p0 = <f64>load<f32>(phase + at) - oldLead * <f64>i;
    const p1 = <f64>load<f32>(phase + at, 4) - oldLead * <f64>(i + 1);
    const damping = Math.exp(d0 + t * (d1 - d0)) * stretch;
    const angle = (p0 + t * (p1 - p0)) * stretch * spectra.stiffness + newLead * <f64>k;
    const share: f64 = (k == 0 || k == filters.taps / 2 ? 1.0 : 2.0) / <f64>filters.taps;
    const gain = share * Math.exp(backwards ? min(damping, MOST_GROWTH) : -damping);
    const out = (<usize>k) << 3;
    store<f64>(spectra.re + out, gain * Math.cos(angle));
    store<f64>(spectra.im + out, gain * sine(angle));
  }
}

/**
 * The windowed inverse transform of re and im. Cosines are even and sines odd in time, and the even and odd
 * frequencies differ half a turn later by their sign only: four taps from one pass over the spectrum.
 * @param out address of tap 0
 * @param stride bytes from tap to tap
 */
export function synthesise(spectra: LoopSpectra, filters: LoopFilters, out: usize, stride: i32): void {
  const taps = filters.taps;
  const half = taps / 2;
  for (let m = 0; m <= taps / 4; ++m) {
    let evenRe: f64 = 0;
    let evenIm: f64 = 0;
    let oddRe: f64 = 0;
    let oddIm: f64 = 0;
    let turn = 0;
    for (let k = 0; k <= half; ++k) {
      const at = (<usize>k) << 3;
      const re = load<f64>(spectra.re + at) * load<f64>(spectra.cos + ((<usize>turn) << 3));
      const im = load<f64>(spectra.im + at) * load<f64>(spectra.sin + ((<usize>turn) << 3));
      if (k & 1) {
        oddRe += re;
        oddIm += im;
      } else {
        evenRe += re;
        evenIm += im;
      }
      turn += m;
      if (turn >= taps) turn -= taps;
    }
    // a tap m after the period, and one m before it; the same half a turn on
    const a = evenRe + oddRe;
    const b = evenIm + oddIm;
    const c = evenRe - oddRe;
    const d = oddIm - evenIm;
    storeTap(spectra, filters, out, stride, m, a - b);
    storeTap(spectra, filters, out, stride, taps - m, a + b);
    storeTap(spectra, filters, out, stride, half - m, c - d);
    storeTap(spectra, filters, out, stride, half + m, c + d);
  }
}

/** Store the tap that lies `after` the period, around the circle of the transform. */
// @ts-ignore: decorator
@inline
function storeTap(spectra: LoopSpectra, filters: LoopFilters, out: usize, stride: i32, after: i32, x: f64): void {
  const j = (after + filters.ahead) % filters.taps;
  const w = load<f64>(spectra.window + ((<usize>j) << 3));
  store<f32>(out + <usize>(j * stride), <f32>(w * x));
}
