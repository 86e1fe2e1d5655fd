// Re-tunes a loop filter from the taps that the model plays, not from the N / 2 + 1 frequencies they were learned at:
// low partials lie between those, and there a gain that is wrong by 3e-4 is a T60 wrong by 10 %. The taps' own
// spectrum, looked at some ten times as densely, says what the string loses and how far it disperses at any frequency:
//
//   damping(f) = -ln |H(f)|,   phase(f) = arg H(f), of its turns the one nearest to the learned, unwrapped phase
//
// The formulas of passive-synthesis.ts make a wanted spectrum of them, and weighted least squares the N' taps that come
// nearest to it. Fewer taps than would be needed everywhere do, because a string sounds at its partials only: there,
// and where it rings long, the weights are high. Where the result rises above the claim, between partials mostly, it is
// wanted lower and with more weight, a few times over. tests/reference/passive-tuning.ts says the same in plain terms.
//
// Memory: two transforms, f64 x size; the wanted spectrum and its weights, f64 x (size / 2 + 1); four rows of N' for
// the solver. Cost: 6 % of what tuning a string costs (passive-retune.ts).

import { allocate } from "./arena";
import { FftTables, createFftTables, fftDouble } from "./fft-double";
import { LoopFilters } from "./loop-filters";
import { LoopSpectra } from "./passive-synthesis";
import { sine } from "./sine";
import { solveToeplitz } from "./toeplitz";

// Points around the circle per tap, at least, then up to a power of two: of the taps as they are, for interpolation
// by cubics (errors of 1e-6), and of the new ones.
const OLD_POINTS_PER_TAP: i32 = 16;
const NEW_POINTS_PER_TAP: i32 = 7;

// What is lost beyond this per round trip (nepers) is silence, and its depth noise.
const MOST_DAMPING: f64 = 6;

// A trip's damping of so much, at the learned pitch (a T60 of some 8 s), has a quarter of the weight of none.
const LONG_RINGING: f64 = 0.01;

// Weight of what lies between two partials, and the least anywhere; 1 is the most.
const BETWEEN: f64 = 1e-4;
const LEAST_WEIGHT: f64 = 1e-6;

// The last tenth of the spectrum fades out: a filter cannot end a fraction of a sample's delay neatly at half the
// sample rate.
const FADES_FROM: f64 = 0.9;

// How often the filter is wanted lower where it rises above the claim; what share of the claim's damping may be
// missing in the end, and how much more than it is asked for; how much weight is added there each time.
const ROUNDS: i32 = 12;
const FORGIVEN: f64 = 0.01;
const LOWER: f64 = 1.02;
const HEAVIER: f64 = 5;

/** Room for one filter at a time. */
@unmanaged
export class DenseForm {
  tables: FftTables;
  re: usize; // f64 x the longest transform
  im: usize;
  wantedRe: usize; // f64 x half of that + 1
  wantedIm: usize;
  weight: usize;
  lags: usize; // f64 x mostTaps, this and the next three
  sides: usize;
  predictor: usize;
  taps: usize;
}

function transformSize(points: i32): i32 {
  let size = 2;
  while (size < points) size *= 2;
  return size;
}

/** Make room. @param taps N @param mostTaps of any tuning */
export function createDenseForm(taps: i32, mostTaps: i32): DenseForm {
  const form = changetype<DenseForm>(allocate(offsetof<DenseForm>()));
  const size = transformSize(max(OLD_POINTS_PER_TAP * taps, NEW_POINTS_PER_TAP * mostTaps));
  const bytes = (<usize>size) << 3;
  form.tables = createFftTables(size);
  form.re = allocate(bytes);
  form.im = allocate(bytes);
  form.wantedRe = allocate(bytes / 2 + 8);
  form.wantedIm = allocate(bytes / 2 + 8);
  form.weight = allocate(bytes / 2 + 8);
  const doubles = (<usize>mostTaps) << 3;
  form.lags = allocate(doubles);
  form.sides = allocate(doubles);
  form.predictor = allocate(doubles);
  form.taps = allocate(doubles);
  return form;
}

/**
 * Make one row's filter for a tuning.
 * @param h f32 x taps, the result, which may exceed the claim by a hair, or where that cannot be by more
 */
export function tuneDense(
  form: DenseForm,
  spectra: LoopSpectra,
  filters: LoopFilters,
  row: i32,
  h: usize,
): void {
  const old = transformSize(OLD_POINTS_PER_TAP * spectra.taps);
  readPlayed(form, spectra, row, old);
  const size = transformSize(NEW_POINTS_PER_TAP * filters.taps);
  want(form, spectra, old, filters, size);
  for (let round = 0; ; ++round) {
    fit(form, filters, size);
    if (round == ROUNDS || !lowerPeaks(form, filters, size)) break;
  }
  for (let j = 0; j < filters.taps; ++j) {
    store<f32>(h + ((<usize>j) << 2), <f32>load<f64>(form.taps + ((<usize>j) << 3)));
  }
}

/** Make all zero that is to be transformed. */
function clear(form: DenseForm, size: i32): void {
  memory.fill(form.re, 0, (<usize>size) << 3);
  memory.fill(form.im, 0, (<usize>size) << 3);
}

/** Damping into re and dispersion into im, at size / 2 + 1 frequencies of the taps as they are played. */
function readPlayed(form: DenseForm, spectra: LoopSpectra, row: i32, size: i32): void {
  const taps = spectra.taps;
  const played = spectra.loopTaps + ((<usize>(row * taps)) << 2);
  const unwrapped = spectra.phase + ((<usize>(row * (taps / 2 + 1))) << 2);
  clear(form, size);
  for (let j = 0; j < taps; ++j) {
    const x = <f64>load<f32>(played + ((<usize>j) << 2));
    store<f64>(form.re + ((<usize>((j - spectra.ahead) & (size - 1))) << 3), x);
  }
  fftDouble(form.tables, size, form.re, form.im, -1);
  // what the whole-numbered period is longer than the exact one
  const lead = <f64>spectra.period - spectra.sampleRate / spectra.f0;
  for (let i = 0; i <= size / 2; ++i) {
    const at = (<usize>i) << 3;
    const re = load<f64>(form.re + at);
    const im = load<f64>(form.im + at);
    const bin = (<f64>i * <f64>taps) / <f64>size;
    const k = min(<i32>bin, taps / 2 - 1);
    const p = unwrapped + ((<usize>k) << 2);
    const learned = <f64>load<f32>(p) + (bin - <f64>k) * (<f64>load<f32>(p, 4) - <f64>load<f32>(p));
    const beyond = Math.atan2(im, re) - learned;
    const phase = learned + beyond - 2 * Math.PI * Math.round(beyond / (2 * Math.PI));
    const power = max<f64>(re * re + im * im, 1e-30);
    store<f64>(form.re + at, min(MOST_DAMPING, -0.5 * Math.log(power)));
    store<f64>(form.im + at, phase - ((2 * Math.PI * <f64>i) / <f64>size) * lead);
  }
}

/** The wanted spectrum and its weights at size / 2 + 1 frequencies of the tuning. */
function want(form: DenseForm, spectra: LoopSpectra, old: i32, filters: LoopFilters, size: i32): void {
  const stretch = spectra.f0 / filters.f0;
  const stiffened = stretch * spectra.stiffness;
  const least = -Math.log(filters.gain);
  const long = LONG_RINGING * stretch;
  const lead = <f64>filters.period - filters.sampleRate / filters.f0;
  const pointsPerPoint = (filters.sampleRate / <f64>size) * (<f64>old / spectra.sampleRate);
  const half = size / 2;
  for (let i = 0; i <= half; ++i) {
    const w = (2 * Math.PI * <f64>i) / <f64>size;
    const position = min<f64>(<f64>i * pointsPerPoint, <f64>(old / 2));
    const damping = max(least, stretch * cubic(form.re, old / 2, position));
    const phase = stiffened * cubic(form.im, old / 2, position) + w * lead;
    const x = (<f64>i / <f64>half - FADES_FROM) / (1 - FADES_FROM);
    const fade: f64 = x > 0 ? 0.5 + 0.5 * Math.cos(Math.PI * x) : 1;
    const gain = fade * Math.exp(-damping);
    const at = (<usize>i) << 3;
    store<f64>(form.wantedRe + at, gain * Math.cos(phase));
    store<f64>(form.wantedIm + at, gain * sine(phase));
    // a partial is where a round trip is whole turns
    const trip = power16(0.5 + 0.5 * Math.cos(phase - w * <f64>filters.period));
    const rings = long / (long + damping - Math.log(max<f64>(fade, 1e-3)));
    const weight = (BETWEEN + (1 - BETWEEN) * trip) * rings * rings;
    store<f64>(form.weight + at, max(LEAST_WEIGHT, weight));
  }
}

/** Lagrange's cubic through the four points around a position, 0 .. last. */
function cubic(x: usize, last: i32, position: f64): f64 {
  const i = max(1, min(last - 2, <i32>position));
  const t = position - <f64>i;
  const at = x + ((<usize>(i - 1)) << 3);
  const a = (-t * (t - 1) * (t - 2)) / 6;
  const b = ((t + 1) * (t - 1) * (t - 2)) / 2;
  const c = (-t * (t + 1) * (t - 2)) / 2;
  const d = (t * (t + 1) * (t - 1)) / 6;
  return a * load<f64>(at) + b * load<f64>(at, 8) + c * load<f64>(at, 16) + d * load<f64>(at, 24);
}

function power16(x: f64): f64 {
  const x2 = x * x;
  const x4 = x2 * x2;
  const x8 = x4 * x4;
  return x8 * x8;
}

/** The taps nearest to what is wanted. */
function fit(form: DenseForm, filters: LoopFilters, size: i32): void {
  // both right and left sides of the normal equations are real in time, so one transform does for both: one real, the
  // other imaginary
  for (let i = 0; i <= size / 2; ++i) {
    const at = (<usize>i) << 3;
    const mirrored = (<usize>((size - i) & (size - 1))) << 3;
    const weight = load<f64>(form.weight + at);
    const re = weight * load<f64>(form.wantedRe + at);
    const im: f64 = i == 0 || 2 * i == size ? 0 : weight * load<f64>(form.wantedIm + at);
    store<f64>(form.re + at, re);
    store<f64>(form.im + at, weight + im);
    store<f64>(form.re + mirrored, re);
    store<f64>(form.im + mirrored, weight - im);
  }
  fftDouble(form.tables, size, form.re, form.im, 1);
  for (let j = 0; j < filters.taps; ++j) {
    const at = (<usize>j) << 3;
    store<f64>(form.lags + at, load<f64>(form.im + at));
    const after = (<usize>((j - filters.ahead) & (size - 1))) << 3;
    store<f64>(form.sides + at, load<f64>(form.re + after));
  }
  solveToeplitz(form.lags, form.sides, filters.taps, form.taps, form.predictor);
}

/** Want less, and with more weight, where the gain exceeds the claim. @returns whether it does anywhere */
function lowerPeaks(form: DenseForm, filters: LoopFilters, size: i32): bool {
  clear(form, size);
  memory.copy(form.re, form.taps, (<usize>filters.taps) << 3);
  fftDouble(form.tables, size, form.re, form.im, -1);
  const limit = Math.log(filters.gain);
  let exceeds = false;
  let before = powerAt(form, 1);
  let here = powerAt(form, 0);
  for (let i = 0; i <= size / 2; ++i) {
    const after = powerAt(form, (i + 1) & (size - 1));
    let peak = here;
    const bend = 2 * here - before - after;
    // between points: the parabola through three of them
    if (here >= before && here >= after && bend > 0) {
      peak += ((after - before) * (after - before)) / (8 * bend);
    }
    const level = 0.5 * Math.log(max<f64>(peak, 1e-30));
    if (level > (1 - FORGIVEN) * limit) {
      exceeds = true;
      const at = (<usize>i) << 3;
      const factor = Math.exp(LOWER * limit - level);
      store<f64>(form.wantedRe + at, factor * load<f64>(form.wantedRe + at));
      store<f64>(form.wantedIm + at, factor * load<f64>(form.wantedIm + at));
      store<f64>(form.weight + at, min<f64>(1, HEAVIER * load<f64>(form.weight + at)));
    }
    before = here;
    here = after;
  }
  return exceeds;
}

// @ts-ignore: decorator
@inline
function powerAt(form: DenseForm, i: i32): f64 {
  const re = load<f64>(form.re + ((<usize>i) << 3));
  const im = load<f64>(form.im + ((<usize>i) << 3));
  return re * re + im * im;
}
