// Tunes the loop filters of a passive string. What has been re-synthesised is certified again. The model's claim bounds
// the gain per round trip of the longest note; at another pitch the same note makes f0' / f0 as many trips a second,
// so the claim becomes its f0 / f0'-th power, still below 1.
//
// A filter made from the learned form may rise above the claim between its N / 2 + 1 frequencies, most of all where its
// phase was never learned because nothing sounded there, and everywhere a little where much is left of the highest
// frequencies (a short filter cannot end a fraction of a sample's delay neatly there). So first the top third is faded
// out, then the frequencies around a rise are damped more, a few times over. passive-dense.ts has its own such rounds.
// What is left then (a hair, or more) is taken from all alike: a broadband factor is always safe.
//
//   |H|
//   claim  ----------^-------^v^v      as synthesised: it rises between its frequencies, most of all at the top
//          __________^____.-`-.__      round 1: the top third faded out
//          ______________________      rounds 2 to 8: frequencies beside a rise damped; then all of it scaled below
//          0             rate / 2
//
// Memory: none of its own. Cost: that of what it calls; under 1 % of what tuning a string costs is its own (profile of 400
// tunings, November 2026).

import { boundGain } from "./gain-bound";
import { LoopFilters, rowTaps } from "./loop-filters";
import { DenseForm, tuneDense } from "./passive-dense";
import { LoopSpectra, prepareTables, synthesise, tuneSpectrum } from "./passive-synthesis";

// Scaling by claim / bound lands on the claim; this little below it, float32 rounding of the taps stays below too.
const HAIR: f64 = 1 - 1e-6;

// How often a filter is damped where it rises, and the part of its damping that a broadband factor may add instead.
const ROUNDS: i32 = 8;
const FORGIVEN: f64 = 0.02;

// Points of the gain's grid per frequency of the spectrum; see gain-bound.ts.
const POINTS_PER_BIN: i32 = 8;

/** Fill a tuning's rows; its sizes, pitch and sample rate are set. Not on the audio thread's hot path. */
export function tuneFilters(spectra: LoopSpectra, dense: DenseForm, filters: LoopFilters): void {
  if (isAsLearned(spectra, filters)) {
    memory.copy(filters.rows, spectra.loopTaps, (<usize>(spectra.rows * spectra.taps)) << 2);
    filters.gain = spectra.gain;
    return;
  }
  filters.gain = Math.exp(Math.log(spectra.gain) * (spectra.f0 / filters.f0));
  if (spectra.asTrained) prepareTables(spectra, filters);
  for (let row = 0; row < spectra.rows; ++row) {
    const h = rowTaps(filters, row);
    if (spectra.asTrained) tuneAsTrained(spectra, filters, row, h);
    else tuneDense(dense, spectra, filters, row, h);
    const bound = boundGain(h, filters.taps, filters.gain, spectra.scratch);
    if (bound > filters.gain) scaleTaps(h, filters.taps, HAIR * (filters.gain / bound));
  }
}

/** One row from the learned form, damped where it rises. */
function tuneAsTrained(spectra: LoopSpectra, filters: LoopFilters, row: i32, h: usize): void {
  tuneSpectrum(spectra, filters, row, false);
  synthesise(spectra, filters, h, 4);
  const forgiven = filters.gain + FORGIVEN * (1 - filters.gain);
  for (let round = 0; round < ROUNDS; ++round) {
    if (boundGain(h, filters.taps, filters.gain, spectra.scratch) <= forgiven) return;
    if (round == 0) dampTop(spectra, filters);
    else dampPeaks(spectra, filters);
    synthesise(spectra, filters, h, 4);
  }
}

function isAsLearned(spectra: LoopSpectra, filters: LoopFilters): bool {
  return (
    spectra.sampleRate == filters.sampleRate &&
    spectra.f0 == filters.f0 &&
    spectra.taps == filters.taps &&
    spectra.ahead == filters.ahead &&
    spectra.period == filters.period &&
    spectra.stiffness == 1
  );
}

/** Fade out what lies between two thirds of half the sample rate and its end. */
function dampTop(spectra: LoopSpectra, filters: LoopFilters): void {
  const last = filters.taps / 2;
  for (let k = (2 * last) / 3; k <= last; ++k) {
    const x = max<f64>(0, (3 * <f64>k) / <f64>last - 2);
    const factor = 0.5 + 0.5 * Math.cos(Math.PI * x);
    const at = (<usize>k) << 3;
    store<f64>(spectra.re + at, factor * load<f64>(spectra.re + at));
    store<f64>(spectra.im + at, factor * load<f64>(spectra.im + at));
  }
}

/** Damp every frequency next to which the gain, as it lies on the grid in scratch, exceeds the claim. */
function dampPeaks(spectra: LoopSpectra, filters: LoopFilters): void {
  const last = (filters.taps / 2) * POINTS_PER_BIN;
  const limit = filters.gain * filters.gain;
  for (let k = 0; k <= filters.taps / 2; ++k) {
    const to = min(last, (k + 1) * POINTS_PER_BIN);
    let most: f64 = 0;
    for (let i = max(0, (k - 1) * POINTS_PER_BIN); i <= to; ++i) {
      most = max(most, load<f64>(spectra.scratch + ((<usize>i) << 3)));
    }
    if (most <= limit) continue;
    const factor = sqrt(limit / most);
    const at = (<usize>k) << 3;
    store<f64>(spectra.re + at, factor * load<f64>(spectra.re + at));
    store<f64>(spectra.im + at, factor * load<f64>(spectra.im + at));
  }
}

function scaleTaps(h: usize, taps: i32, factor: f64): void {
  for (let j = 0; j < taps; ++j) {
    const at = h + ((<usize>j) << 2);
    store<f32>(at, <f32>(factor * <f64>load<f32>(at)));
  }
}
