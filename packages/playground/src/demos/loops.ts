/**
 * The loops that the docs' demos play, in as few lines as they need: how a delay line becomes a string, and how a string
 * blows up. Free of the DOM, so that tests can hold them to what the docs say of them.
 */

/** Hz, of everything that demos make. */
export const RATE = 44100;

/**
 * A delay line fed back: y[n] = e[n] + gain y[n - delay].
 * @param excitation what starts it @param delay samples, from 1 @param length samples of sound
 */
export function comb(excitation: Float32Array, delay: number, gain: number, length: number): Float32Array {
  const y = new Float32Array(length);
  y.set(excitation.subarray(0, length));
  for (let n = delay; n < length; n++) y[n] += gain * y[n - delay];
  return y;
}

/**
 * A loop with a filter in it: y[n] = e[n] + sum over j of taps[j] y[n - near - j].
 * @param near the shortest delay, from 1
 */
export function filteredLoop(
  excitation: Float32Array,
  taps: Float32Array,
  near: number,
  length: number,
): Float32Array {
  const y = new Float32Array(length);
  y.set(excitation.subarray(0, length));
  for (let n = near; n < length; n++) {
    let sum = 0;
    for (let j = 0; j < taps.length && n - near - j >= 0; j++) sum += taps[j] * y[n - near - j];
    y[n] += sum;
  }
  return y;
}

/**
 * Design a loop filter from how long each frequency is to ring: windowed, with its middle tap at one period.
 * @param t60Of seconds at a frequency (Hz)
 * @param period samples, whole
 * @param count taps, odd
 * @returns the taps; tap (count - 1) / 2 lies one period back
 */
export function loopFilter(
  t60Of: (frequency: number) => number,
  period: number,
  sampleRate: number,
  count = 63,
): Float32Array {
  const bins = 256;
  const middle = (count - 1) / 2;
  const gains = Float64Array.from({ length: bins + 1 }, (_, k) => {
    const frequency = (k * sampleRate) / (2 * bins);
    return 10 ** ((-3 * period) / (sampleRate * t60Of(Math.max(20, frequency))));
  });
  return Float32Array.from({ length: count }, (_, j) => {
    let sum = 0;
    for (let k = 0; k <= bins; k++) {
      const weight = k === 0 || k === bins ? 0.5 : 1;
      sum += weight * gains[k] * Math.cos((Math.PI * k * (j - middle)) / bins);
    }
    const window = 0.5 + 0.5 * Math.cos((Math.PI * (j - middle)) / (middle + 1));
    return (sum / bins) * window;
  });
}

/** How a loop with two filters goes from one to the other. */
export type Switching = "first" | "switched" | "both sides";

/** Taps at three, four and five times SWITCH_DELAY samples; both filters have a gain of 0.99 at most, at any frequency. */
export const SWITCHED_FILTERS = [
  [0.396, 0.594, -0.396],
  [-0.396, 0.594, 0.396],
];
/** Samples between taps, and between switches: 3 ms. */
export const SWITCH_DELAY = 134;

/**
 * Two passive filters in one loop. Switched plainly they blow up; weighed on both sides, when written and when read, they
 * cannot. The example and its proof are in docs/how-the-passive-string-works.md, 3.5.
 * @param gain multiplies both filters
 * @param length samples; what exceeds 1e6 ends there, at the last finite value
 */
export function switchedLoop(
  excitation: Float32Array,
  how: Switching,
  gain: number,
  length: number,
): Float32Array {
  const y = new Float32Array(length);
  y.set(excitation.subarray(0, length));
  const active = (n: number) => (how === "first" ? 0 : Math.floor(n / SWITCH_DELAY) % 2);
  for (let n = 5 * SWITCH_DELAY; n < length; n++) {
    const taps = SWITCHED_FILTERS[active(n)];
    for (let j = 0; j < 3; j++) {
      const from = n - (3 + j) * SWITCH_DELAY;
      if (how === "both sides" && active(from) !== active(n)) continue;
      y[n] += gain * taps[j] * y[from];
    }
    y[n] = Math.max(-1e6, Math.min(1e6, y[n]));
  }
  return y;
}

/** Losses of one predicted sample, by name: target t, prediction p, level of what was heard before e. */
export const SAMPLE_LOSSES = {
  absolute: (p: number, t: number) => Math.abs(p - t),
  relative: (p: number, t: number) => Math.abs(p - t) / (Math.abs(t) + 1e-4),
  energy: (p: number, t: number, e: number) => Math.abs(p - t) / (e + 1e-2),
};

/** Noise, from a seed, so that a slider's effect is not chance's. */
export function noise(length: number, seed = 1): Float32Array {
  let state = seed >>> 0;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return state / 2147483648 - 1;
  });
}

/** Level of successive stretches of a sound, dB relative to the first. */
export function levels(x: Float32Array, count: number): Float64Array {
  const size = Math.floor(x.length / count);
  const powers = Float64Array.from({ length: count }, (_, i) => {
    let sum = 0;
    for (let n = i * size; n < (i + 1) * size; n++) sum += x[n] * x[n];
    return sum / size;
  });
  return powers.map((power) => 10 * Math.log10((power + 1e-20) / (powers[0] + 1e-20)));
}
