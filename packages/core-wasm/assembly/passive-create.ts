// Makes a passive string: everything that it will ever need is allocated here.
//
//   string | filters x 2 (plays, is next) | banks x 2: a line per filter | y, u | mixture | guard | bend | plucks | blocks
//
// Memory: all of that, 16-byte aligned, one piece after the other in the arena. Cost: zeros over it; a note's voice,
// which takes its tunings ready made, 0.17 ms in Chromium (three filters).

import { allocate } from "./arena";
import { BLOCK, BLOCK_BYTES } from "./block";
import { createEnergyGuard } from "./energy-guard";
import { createHistory } from "./history";
import { createLoopFilters } from "./loop-filters";
import { Fade, createBank } from "./passive-banks";
import { createBend } from "./passive-bend";
import { createDenseForm } from "./passive-dense";
import { createMixture } from "./passive-mixture";
import { createPlucks } from "./passive-pluck";
import { PassiveString } from "./passive-string";
import { createLoopSpectra } from "./passive-synthesis";

/**
 * Make a string at rest; it needs passiveSource and passiveRetune before it plays, or passiveTake. Pointers must stay
 * where they are.
 * @param rows 1 + K filters
 * @param taps N
 * @param mostTaps of any tuning
 * @param mostDelay F of any tuning (samples)
 * @param mostPeriod of any tuning (samples)
 * @param logDampingPtr f32 [rows, N / 2 + 1]
 * @param phasePtr f32 [rows, N / 2 + 1]
 * @param loopTapsPtr f32 [rows, N]; 0 = the string only takes tunings that others have made, and needs no room for that
 * @param hidden units of the mixture's network; 0 = none, and one filter
 * @param parametersPtr f32, see passive-mixture.ts
 * @param parallel 1 = the loops are parallel planes, 0 = the second drives the first
 * @returns a handle
 */
export function passiveCreate(
  rows: i32,
  taps: i32,
  mostTaps: i32,
  mostDelay: i32,
  mostPeriod: i32,
  logDampingPtr: usize,
  phasePtr: usize,
  loopTapsPtr: usize,
  hidden: i32,
  controls: i32,
  parametersPtr: usize,
  parallel: i32,
): usize {
  const string = changetype<PassiveString>(allocate(offsetof<PassiveString>()));
  string.rows = rows;
  string.parallel = parallel;
  if (loopTapsPtr != 0) {
    string.spectra = createLoopSpectra(rows, taps, mostTaps, logDampingPtr, phasePtr, loopTapsPtr);
    string.dense = createDenseForm(taps, mostTaps);
  }
  string.mixture = createMixture(rows - 1, hidden, controls, parametersPtr);
  string.y = createHistory(2 * max(mostDelay, mostPeriod) + BLOCK);
  string.u = createHistory(mostDelay + BLOCK);
  string.fade = changetype<Fade>(allocate(offsetof<Fade>()));
  string.fade.current = createBank(rows, mostTaps, mostDelay);
  string.fade.target = createBank(rows, mostTaps, mostDelay);
  string.fade.spare = createLoopFilters(rows, mostTaps);
  string.bend = createBend(mostPeriod);
  string.softSeconds = Infinity;
  string.guard = createEnergyGuard(mostPeriod);
  string.plucks = createPlucks();
  string.uBlock = allocate(BLOCK_BYTES);
  string.yBlock = allocate(BLOCK_BYTES);
  string.weight = allocate(BLOCK_BYTES);
  string.silence = string.y.keep;
  string.dampRamp = allocate(BLOCK_BYTES);
  return changetype<usize>(string);
}

/**
 * Tunings to come are stiffer than what was learned, or less stiff; their gains are bounded as ever.
 * @param stiffness factor on the dispersion, and about that on B; 1 = as learned
 */
export function passiveStiffen(handle: usize, stiffness: f64): void {
  changetype<PassiveString>(handle).spectra.stiffness = stiffness;
}

/**
 * Say what the filters were learned for.
 * @param gain what no row's gain exceeds
 * @param asTrained 1 = other pitches were trained too, through the learned form; 0 = they follow from the taps
 */
export function passiveSource(
  handle: usize,
  sampleRate: f64,
  f0: f64,
  period: i32,
  ahead: i32,
  gain: f64,
  asTrained: i32,
): void {
  const spectra = changetype<PassiveString>(handle).spectra;
  spectra.sampleRate = sampleRate;
  spectra.f0 = f0;
  spectra.period = period;
  spectra.ahead = ahead;
  spectra.gain = gain;
  spectra.asTrained = asTrained;
}
