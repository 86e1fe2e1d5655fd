/**
 * Brings planes below the cap before they are solved for. A second plane is damped less than the filter it was made of,
 * and between bins whose phases differ its gain can exceed 1; a training that ended early leaves such gain in the others
 * too. Its price would be all that the solver hears.
 */
import type { Tensor } from "@neural-string/shared";
import FFT from "fft.js";
import { SpectralForm } from "../spectral-form.ts";
import type { Tuning } from "../tuning.ts";
import { type Parameters, SPECTRA } from "../variables.ts";

/** Points of the gain's grid, per tap. */
const GRID = 8;
/** Gain above the cap that is left to the solver, and rounds at most. */
const CLOSE = 1e-4;
const ROUNDS = 100;

/** The same planes, damped more where a filter's gain is above the cap, on either side of it. @param cap below 1 */
export function withinCap(parameters: Parameters, { taps, ahead, fade }: Tuning, cap: number): Parameters {
  const form = new SpectralForm(taps, ahead, fade);
  const [damping, phase] = SPECTRA.map((name) => parameters.get(name) as Tensor);
  const dampings = damping.data.slice();
  for (let first = 0; first < dampings.length; first += form.bins) {
    const row = Float64Array.from(dampings.subarray(first, first + form.bins));
    const phases = Float64Array.from(phase.data.subarray(first, first + form.bins));
    for (let round = 0; round < ROUNDS; round++) {
      const excess = excessOf(form.tapsOf({ logDamping: row, phase: phases }), cap, form.bins);
      if (excess.every((nepers) => nepers < CLOSE)) break;
      for (let k = 0; k < row.length; k++) row[k] = Math.log(Math.exp(row[k]) + excess[k]);
    }
    dampings.set(row, first);
  }
  return new Map(parameters).set(SPECTRA[0], { shape: damping.shape, data: dampings });
}

/** By how much (nepers) the gain exceeds the cap within one bin of each bin. */
function excessOf(played: Float64Array, cap: number, bins: number): Float64Array {
  const fft = new FFT(2 ** Math.ceil(Math.log2(GRID * played.length)));
  const padded = new Float64Array(fft.size);
  padded.set(played);
  const spectrum = new Float64Array(2 * fft.size);
  fft.realTransform(spectrum, padded);
  const excess = new Float64Array(bins);
  for (let i = 0; i <= fft.size / 2; i++) {
    const nepers = Math.log(Math.hypot(spectrum[2 * i], spectrum[2 * i + 1]) / cap);
    if (nepers <= 0) continue;
    const bin = (i * played.length) / fft.size;
    for (const k of [Math.floor(bin), Math.ceil(bin)]) excess[k] = Math.max(excess[k], nepers);
  }
  return excess;
}
