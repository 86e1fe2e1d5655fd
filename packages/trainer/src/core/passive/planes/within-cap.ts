/**
 * Brings planes below the cap before they are solved for. A second plane is damped less than the filter it was made of,
 * and between bins whose phases differ its gain can exceed 1; a training that ended early leaves such gain in the others
 * too. Its price would be all that the solver hears.
 */
import type { Tensor } from "@neural-string/shared";
import { SpectralForm } from "../spectral-form.ts";
import type { Tuning } from "../tuning.ts";
import { type Parameters, SPECTRA } from "../variables.ts";
import { GainGrid } from "./gain-grid.ts";

/** Gain above the cap that is left to the solver, and rounds at most. */
const CLOSE = 1e-4;
const ROUNDS = 100;

/** The same planes, damped more where a filter's gain is above the cap, on either side of it. @param cap below 1 */
export function withinCap(parameters: Parameters, { taps, ahead, fade }: Tuning, cap: number): Parameters {
  const form = new SpectralForm(taps, ahead, fade);
  const grid = new GainGrid(taps);
  const [damping, phase] = SPECTRA.map((name) => parameters.get(name) as Tensor);
  const dampings = damping.data.slice();
  for (let first = 0; first < dampings.length; first += form.bins) {
    const row = Float64Array.from(dampings.subarray(first, first + form.bins));
    const phases = Float64Array.from(phase.data.subarray(first, first + form.bins));
    for (let round = 0; round < ROUNDS; round++) {
      const excess = excessOf(grid.gainsOf(form.tapsOf({ logDamping: row, phase: phases })), cap, form.bins);
      if (excess.every((nepers) => nepers < CLOSE)) break;
      for (let k = 0; k < row.length; k++) row[k] = Math.log(Math.exp(row[k]) + excess[k]);
    }
    dampings.set(row, first);
  }
  return new Map(parameters).set(SPECTRA[0], { shape: damping.shape, data: dampings });
}

/** By how much (nepers) gains, over a grid up to half the sample rate, exceed the cap within one bin of each bin. */
function excessOf(gains: Float64Array, cap: number, bins: number): Float64Array {
  const excess = new Float64Array(bins);
  gains.forEach((gain, i) => {
    const nepers = Math.log(gain / cap);
    if (nepers <= 0) return;
    const bin = (i * (bins - 1)) / (gains.length - 1);
    for (const k of [Math.floor(bin), Math.ceil(bin)]) excess[k] = Math.max(excess[k], nepers);
  });
  return excess;
}
