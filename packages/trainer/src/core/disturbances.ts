/**
 * What training adds to the taps of an example, and not to its target, so that the network learns to let go of what is
 * not the string's own: noise in all taps, or a burst of a sine as a loop picks one up before it starts to howl.
 */
import type { Random } from "./random.ts";

/** Frequencies in cycles per sample. */
export interface SineBursts {
  /** Share of the examples that carry one. */
  share: number;
  /** RMS at its height, relative to that of the taps. */
  level: number;
  lowest: number;
  highest: number;
}

/**
 * Add noise of even distribution.
 * @param taps of one example; changed
 * @param rms of the noise (linear amplitude)
 */
export function addNoise(taps: Float32Array, rms: number, random: Random): void {
  // uniform noise: its RMS is its limit over the square root of 3
  const limit = Math.sqrt(3) * rms;
  for (let t = 0; t < taps.length; t++) taps[t] += limit * (2 * random() - 1);
}

/**
 * Add a burst, if this example is to carry one: a sine under a Hann window somewhere in the taps' reach.
 * @param taps of one example; changed
 * @param delays of the taps (samples) @param longest of them
 * @param rms of the taps (linear amplitude)
 */
export function addBurst(
  taps: Float32Array,
  delays: Int32Array,
  longest: number,
  rms: number,
  { share, level, lowest, highest }: SineBursts,
  random: Random,
): void {
  if (random() >= share) return;
  const frequency = lowest * (highest / lowest) ** random();
  const phase = 2 * Math.PI * random();
  const centre = longest * random();
  const reach = longest * (0.5 + random());
  const height = Math.SQRT2 * level * rms;
  for (let t = 0; t < taps.length; t++) {
    const distance = (delays[t] - centre) / reach;
    if (Math.abs(distance) >= 1) continue;
    const window = Math.cos(0.5 * Math.PI * distance) ** 2;
    taps[t] += height * window * Math.sin(phase - 2 * Math.PI * frequency * delays[t]);
  }
}
