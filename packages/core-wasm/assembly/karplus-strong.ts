// The plucked string of Karplus and Strong (1983), tuned as by Jaffe and Smith (1983): a burst of noise one period
// long circles in a delay line and a two-point average, which takes the high partials away first.
//
//   y[n] = g ((1 - S) y[n - D] + S y[n - D - 1]),   D + S = period      (S: damping of the high partials, 0 .. 0.5)
//
// D is fractional (third-order Lagrange), so any pitch is in tune. A block as long as the delay is computed at once.

import { allocate, arenaMark, arenaRelease } from "./arena";
import { createHistory, historyEnd, historyReserve } from "./history";
import { readBetweenSamples } from "./multi-tap";
import { nextRandom, seedRandom } from "./random";

/**
 * Generate a Karplus-Strong pluck.
 * @param outPtr f32 x frames
 * @param period samples, >= 8
 * @param gain loop gain g per period, 0 < g <= 1
 * @param damping S, 0 (no low-pass) .. 0.5 (the classic average)
 * @param pluckPosition fraction of the string's length, 0 (no comb) .. 0.5
 * @param level peak of the excitation, linear
 */
export function karplusStrong(
  outPtr: usize,
  frames: i32,
  period: f64,
  gain: f64,
  damping: f64,
  pluckPosition: f64,
  level: f64,
  seed: u32,
): void {
  const mark = arenaMark();
  const length = <i32>Math.round(period);
  const burst = allocate((<usize>length) << 3);
  noiseBurst(burst, length, pluckPosition, level, seed);

  const delay = period - damping;
  const history = createHistory(<i32>ceil(delay) + 8);
  const block = <i32>floor(delay) - 2; // the cubic reaches one sample ahead, and one more for the second tap
  const first = allocate((<usize>(block + 1)) << 2);
  let n = 0;
  while (n < frames) {
    const count = min(block, min(frames - n, 2048));
    historyReserve(history, count);
    const at = historyEnd(history);
    // one read serves both taps: y[n - D - 1] is the sample before y[n - D]
    readBetweenSamples(at - 4, count + 1, delay, first);
    for (let i = 0; i < count; ++i) {
      const p = first + ((<usize>i) << 2);
      const average = (1 - damping) * <f64>load<f32>(p, 4) + damping * <f64>load<f32>(p);
      const e: f64 = n + i < length ? load<f64>(burst + ((<usize>(n + i)) << 3)) : 0;
      const y = <f32>(gain * average + e);
      store<f32>(at + ((<usize>i) << 2), abs<f32>(y) < 1e-15 ? 0 : y);
    }
    memory.copy(outPtr + ((<usize>n) << 2), at, (<usize>count) << 2);
    history.end += count;
    n += count;
  }
  arenaRelease(mark);
}

/** Noise of zero mean, combed by the pluck position, its peak at `level`: f64 x length. */
function noiseBurst(burst: usize, length: i32, pluckPosition: f64, level: f64, seed: u32): void {
  seedRandom(seed);
  const noise = allocate((<usize>length) << 3);
  let mean: f64 = 0;
  for (let i = 0; i < length; ++i) {
    const x = 2 * nextRandom() - 1;
    store<f64>(noise + ((<usize>i) << 3), x);
    mean += x / length;
  }
  // plucked at a fraction p, the wave meets its own reflection after p periods: a comb with notches at n / p
  const shift = <i32>Math.round(pluckPosition * length);
  let peak: f64 = 0;
  for (let i = 0; i < length; ++i) {
    let x = load<f64>(noise + ((<usize>i) << 3)) - mean;
    if (shift > 0) x -= load<f64>(noise + ((<usize>((i + length - shift) % length)) << 3)) - mean;
    store<f64>(burst + ((<usize>i) << 3), x);
    peak = max(peak, abs(x));
  }
  const scale = peak > 0 ? level / peak : 0;
  for (let i = 0; i < length; ++i) {
    const p = burst + ((<usize>i) << 3);
    store<f64>(p, load<f64>(p) * scale);
  }
}
