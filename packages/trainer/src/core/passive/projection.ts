/**
 * The hard step from training to file: taps whose certified gain lies below the cap, as near as may be to those that
 * were learned. A price alone ends at 1.003 (docs/how-the-passive-string-works.md); this ends below the cap or not at all.
 *
 * Filters under the cap form a convex set, and so do FIRs of N taps: going back and forth between the two (clip the
 * gain on a dense grid, drop what lies beyond the taps) approaches both at once. What is left above after some rounds
 * goes by one broadband factor just below 1.
 */
import { certifiedGain } from "@neural-string/core-wasm";
import FFT from "fft.js";

/** Rounds at most: an export takes its time; who only listens is content with fewer. */
export const EXPORT_ROUNDS = 200;
export const LISTENING_ROUNDS = 8;
/** Rounds end when the certified gain exceeds the cap by less than this part of its distance from 1. */
const CLOSE = 1e-3;
/** The certificate bounds gain from slightly above: what is clipped on the grid leaves it this much room, relative. */
const SLACK = 4e-5;

/**
 * Project taps below a cap.
 * @param taps [N], as learned
 * @param cap below 1
 * @param rounds at most
 * @returns float32 taps, [N], with certifiedGain(taps) <= cap
 */
export function projectBelow(
  taps: ArrayLike<number>,
  cap: number,
  rounds: number = EXPORT_ROUNDS,
): Float32Array {
  const kept = Float64Array.from(taps);
  const grid = 2 ** Math.ceil(Math.log2(64 * kept.length));
  const fft = new FFT(grid);
  const padded = new Float64Array(grid);
  const spectrum = new Float64Array(2 * grid);
  const back = new Float64Array(2 * grid);
  const limit = cap * (1 - SLACK);
  for (let round = 0; round < rounds; round++) {
    padded.fill(0);
    padded.set(kept);
    fft.realTransform(spectrum, padded);
    let largest = 0;
    for (let k = 0; k <= grid / 2; k++) {
      const gain = Math.hypot(spectrum[2 * k], spectrum[2 * k + 1]);
      largest = Math.max(largest, gain);
      if (gain <= limit) continue;
      spectrum[2 * k] *= limit / gain;
      spectrum[2 * k + 1] *= limit / gain;
    }
    if (largest <= limit + CLOSE * (1 - cap)) break;
    fft.completeSpectrum(spectrum);
    fft.inverseTransform(back, spectrum);
    for (let j = 0; j < kept.length; j++) kept[j] = back[2 * j];
  }
  return scaledBelow(kept, cap);
}

/** Scale taps, as float32 numbers, until the certificate holds. */
function scaledBelow(taps: Float64Array, cap: number): Float32Array {
  let factor = 1;
  for (;;) {
    const played = Float32Array.from(taps, (tap) => factor * tap);
    const gain = certifiedGain(played);
    if (gain <= cap) return played;
    factor *= (cap / gain) * (1 - 1e-9);
  }
}
