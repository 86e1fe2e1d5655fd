/**
 * A start that does not ring where no partial is. Where a recording is silent (above the band a codec kept, say) and between
 * partials that beat, linear prediction answers with a gain of 1 or more and any phase. Training mends that, but the
 * price of such gain drowns all else for hundreds of steps; read between its bins, at another pitch, the spectrum rings at
 * 15 kHz (docs/LOG.md, 2026-11-27). So the bins above the last that sounds go on as it does, no bin rings much longer than
 * its neighbours, and the gain between bins is brought down to nearly the cap.
 */
import { certifiedGain } from "@neural-string/core-wasm";
import { median } from "../../measure/decay-time.ts";
import { magnitudes } from "../../measure/stft.ts";
import { projectBelow } from "./projection.ts";
import { type LoopSpectrum, type SpectralForm, wrapped } from "./spectral-form.ts";
import type { Tuning } from "./tuning.ts";

/** A bin this far below the loudest is silent (magnitude, 80 dB: the judge hears no more), in a recording's beginning (s). */
const FAINTEST = 1e-4;
const SECONDS = 1;
/** Bins on either side that are asked, and how much less than their median a bin may be damped: at 4 times notes still rang. */
const NEIGHBOURS = 4;
const MOST_RATIO = 1.5;
/** A phase this far from where the neighbours have it is no partial's (radians). */
const STRAY = 0.5;
/** How often a start is projected below the cap, and rounds of each projection. */
const ROUNDS = 6;
const PROJECTION_ROUNDS = 30;

/** The last bin of a filter that any of its recordings sounds in; where nothing can be told, the last there is. */
export function lastSoundingBin(recordings: readonly Float32Array[], { taps, sampleRate }: Tuning): number {
  const bins = taps / 2 + 1;
  const size = 2 ** Math.ceil(Math.log2(4 * taps));
  const magnitude = new Float64Array(bins);
  for (const samples of recordings) {
    const heard = magnitudes(samples.subarray(0, SECONDS * sampleRate), size, size / 4);
    for (let i = 0; i < heard.values.length; i++) {
      const bin = Math.round(((i % heard.bins) * taps) / size);
      magnitude[bin] = Math.max(magnitude[bin], heard.values[i]);
    }
  }
  // too short to tell: nothing is known to be silent
  const loudest = Math.max(...magnitude);
  return magnitude.findLastIndex((x) => x > FAINTEST * loudest || loudest === 0);
}

/**
 * Calm a spectrum down, in place.
 * @param expected unwrapped phases of the string by its stiffness, [bins]
 * @param suggested those that tell the turns of the spectrum's own, [bins]; changed where nothing sounds
 * @param last bin that sounds, as `lastSoundingBin`
 * @param lowest bin that may hold a partial
 * @param form of the spectrum
 * @param cap gain per round trip that no frequency exceeds by much
 */
export function calm(
  spectrum: LoopSpectrum,
  expected: Float64Array,
  suggested: Float64Array,
  last: number,
  lowest: number,
  form: SpectralForm,
  cap: number,
): void {
  const { logDamping, phase } = spectrum;
  const bins = phase.length;
  const beside = suggested[last] - expected[last];
  const dampings = logDamping.slice();
  for (let k = lowest; k < bins; k++) {
    if (k > last) {
      // silence between partials is not this: there the neighbours on either side know better
      logDamping[k] = logDamping[k - 1];
      suggested[k] = expected[k] + beside;
      phase[k] = suggested[k];
      continue;
    }
    const around = dampings.subarray(Math.max(lowest, k - NEIGHBOURS), Math.min(last, k + NEIGHBOURS) + 1);
    logDamping[k] = Math.max(logDamping[k], median(around) - Math.log(MOST_RATIO));
    if (Math.abs(wrapped(phase[k] - suggested[k])) > STRAY) phase[k] = wrapped(suggested[k]);
  }
  for (let round = 0; round < ROUNDS; round++) {
    const taps = form.tapsOf(spectrum);
    if (certifiedGain(Float32Array.from(taps)) <= cap) break;
    // the fades of what comes below the cap lift it again, less each time
    const below = form.spectrumOf(projectBelow(taps, cap, PROJECTION_ROUNDS));
    logDamping.set(below.logDamping);
    phase.set(below.phase);
  }
}
