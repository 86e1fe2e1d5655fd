// The plucked string of Karplus and Strong (1983), tuned as by Jaffe and Smith (1983): a burst of noise one period
// long circles in a delay line and a two-point average, which takes the high partials away first.
//
//   y[n] = e[n] + g ((1 - S) y[n - D] + S y[n - D - 1]),   D + S = period   (S: damping of the high partials, 0 .. 0.5)
//
// D = i + f is fractional (the cubic h of multi-tap.ts), so any pitch is in tune. Cubic and average together are five
// taps, and the sound is its own delay line: what is written is read again one period later.
//
//   y[n] = e[n] + sum over k = 0 .. 4 of  c[k] y[n - i - 3 + k],   c[k] = g ((1 - S) h[3 - k] + S h[2 - k])
//
//   n - i - 3  [. . . .]                         n  [. . . .]   four samples at once, from five shifted loads;
//   n - i - 2    [. . . .]                                      the fifth is the next four's first
//       ...              [. . . .]
//
// Memory: the sound itself; noise and burst in f64 until its peak is known.
// Cost: 5 MACs per sample, formed from five loads per four samples, 0.2 ns; the burst 2.9 ns for each of its samples
// (AMD EPYC at 3.1 GHz, relaxed build, November 2026).

import { allocate, arenaMark, arenaRelease } from "./arena";
import { madd1, madd4 } from "./lanes";
import { cubicWeight } from "./multi-tap";
import { nextRandoms, seedRandom } from "./random";

const TAPS: i32 = 5;

// What has decayed below this is silence, long before numbers become subnormal.
const SMALLEST: f32 = 1e-15;

// A stretch of samples (bytes) whose largest is above this has next to none that are not 0 and smaller than that.
const QUIET: f32 = 1e-6;
const STRETCH: usize = 1 << 14;

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
  const delay = period - damping;
  const whole = <i32>floor(delay);
  const c = allocate(4 * TAPS);
  loopTaps(c, delay - <f64>whole, gain, damping);

  // while the burst lasts, and until there is a past for every tap
  const reach = whole + 3;
  const first = min(frames, max(length, reach));
  noiseBurst(outPtr, first, length, pluckPosition, level, seed);
  for (let n = reach - TAPS + 1; n < first; ++n) {
    let y: f32 = 0;
    for (let k = max(0, reach - n); k < TAPS; ++k) {
      const x = load<f32>(outPtr + ((<usize>(n - reach + k)) << 2));
      y = madd1(load<f32>(c + ((<usize>k) << 2)), x, y);
    }
    y += load<f32>(outPtr + ((<usize>n) << 2));
    store<f32>(outPtr + ((<usize>n) << 2), abs<f32>(y) >= SMALLEST ? y : 0);
  }
  circle(outPtr + ((<usize>first) << 2), outPtr + ((<usize>frames) << 2), (<usize>reach) << 2, c);
  arenaRelease(mark);
}

/** The five taps, f32. Their sum is the loop's gain, so it is as exact as float32 allows. */
function loopTaps(c: usize, f: f64, gain: f64, damping: f64): void {
  let largest = c;
  let missing = gain;
  for (let k = 0; k < TAPS; ++k) {
    const weight = <f32>(gain * ((1 - damping) * cubicWeight(f, 3 - k) + damping * cubicWeight(f, 2 - k)));
    const at = c + ((<usize>k) << 2);
    store<f32>(at, weight);
    missing -= <f64>weight;
    if (weight > load<f32>(largest)) largest = at;
  }
  store<f32>(largest, <f32>(<f64>load<f32>(largest) + missing));
}

/**
 * Fill the sound from `at` to `end` out of what lies `reach` bytes and less before. As long as it is loud nothing is
 * flushed, which is a third faster; once all is silence, nothing is computed. c: f32 x 5.
 */
function circle(at: usize, end: usize, reach: usize, c: usize): void {
  let loud = true;
  for (let p = at; p < end; p += STRETCH) {
    const most = stretch(p, min(end, p + STRETCH), reach, c, loud ? 0 : SMALLEST);
    // nothing was kept for a whole trip: silence from here on
    if (!loud && most < SMALLEST && reach <= STRETCH) {
      memory.fill(p, 0, end - p);
      return;
    }
    loud = loud && most > QUIET;
  }
}

/**
 * Some samples of it, those below `least` as silence.
 * @returns the largest; if least is not 0 the largest in size, 0 or anything below least if all of them are silence
 */
function stretch(at: usize, end: usize, reach: usize, c: usize, least: f32): f32 {
  const whole = end - ((end - at) & 15);
  let p = at;
  let most: f32 = 0;
  if (ASC_FEATURE_SIMD) {
    // no tap is nearer than five samples
    const c0 = v128.load_splat<f32>(c);
    const c1 = v128.load_splat<f32>(c, 4);
    const c2 = v128.load_splat<f32>(c, 8);
    const c3 = v128.load_splat<f32>(c, 12);
    const c4 = v128.load_splat<f32>(c, 16);
    let x0 = v128.load(p - reach);
    let largest = f32x4.splat(0);
    if (least == 0) {
      for (; p + 16 < whole; p += 32) {
        const x4 = v128.load(p - reach, 16);
        let y = fiveTaps(p - reach, x0, x4, c0, c1, c2, c3, c4);
        v128.store(p, y);
        largest = f32x4.pmax(largest, y);
        x0 = v128.load(p - reach, 32);
        y = fiveTaps(p - reach + 16, x4, x0, c0, c1, c2, c3, c4);
        v128.store(p, y, 16);
        largest = f32x4.pmax(largest, y);
      }
    }
    // what is quiet; of what is loud the last four, if they are single: there nothing is less than 0
    const smallest = f32x4.splat(least);
    for (; p < whole; p += 16) {
      const x4 = v128.load(p - reach, 16);
      const y = fiveTaps(p - reach, x0, x4, c0, c1, c2, c3, c4);
      const size = f32x4.abs(y);
      v128.store(p, v128.and(y, f32x4.ge(size, smallest)));
      largest = f32x4.pmax(largest, size);
      x0 = x4;
    }
    const two = f32x4.pmax(largest, v128.shuffle<f32>(largest, largest, 2, 3, 2, 3));
    most = max(f32x4.extract_lane(two, 0), f32x4.extract_lane(two, 1));
  }
  for (; p < end; p += 4) {
    const from = p - reach;
    let y = load<f32>(c) * load<f32>(from);
    y = madd1(load<f32>(c, 4), load<f32>(from, 4), y);
    y = madd1(load<f32>(c, 8), load<f32>(from, 8), y);
    y = madd1(load<f32>(c, 12), load<f32>(from, 12), y);
    y = madd1(load<f32>(c, 16), load<f32>(from, 16), y);
    y = abs<f32>(y) >= least ? y : 0;
    store<f32>(p, y);
    most = max(most, least == 0 ? y : abs(y));
  }
  return most;
}

// @ts-ignore: decorator
@inline
function fiveTaps(from: usize, x0: v128, x4: v128, c0: v128, c1: v128, c2: v128, c3: v128, c4: v128): v128 {
  let y = f32x4.mul(c0, x0);
  y = madd4(c1, v128.load(from, 4), y);
  y = madd4(c2, v128.load(from, 8), y);
  y = madd4(c3, v128.load(from, 12), y);
  return madd4(c4, x4, y);
}

/**
 * Noise of zero mean, combed by the pluck position, its peak at `level`; silence behind it.
 * @param out f32 x frames
 * @param length samples of noise
 */
function noiseBurst(out: usize, frames: i32, length: i32, pluckPosition: f64, level: f64, seed: u32): void {
  seedRandom(seed);
  const noise = allocate((<usize>length) << 3);
  const mean = nextRandoms(noise, length) / <f64>length;
  // plucked at a fraction p, the wave meets its own reflection after p periods: a comb with notches at n / p; in the
  // difference of the two their means cancel
  const burst = allocate((<usize>length) << 3);
  const shift = (<usize>Math.round(pluckPosition * length)) << 3;
  const end = noise + ((<usize>length) << 3);
  let peak: f64 = 0;
  if (shift > 0) {
    peak = differences(burst, noise, end - shift, shift);
    peak = max(peak, differences(burst + shift, noise + shift, noise, end - noise - shift));
  } else {
    for (let at: usize = 0; at < end - noise; at += 8) {
      const x = load<f64>(noise + at) - mean;
      store<f64>(burst + at, x);
      peak = max(peak, abs(x));
    }
  }
  const scale = peak > 0 ? level / peak : 0;
  const count = (<usize>min(frames, length)) << 2;
  let at: usize = 0;
  if (ASC_FEATURE_SIMD) {
    const scales = f64x2.splat(scale);
    for (; at + 16 <= count; at += 16) {
      const low = f32x4.demote_f64x2_zero(f64x2.mul(scales, v128.load(burst + 2 * at)));
      const high = f32x4.demote_f64x2_zero(f64x2.mul(scales, v128.load(burst + 2 * at, 16)));
      const y = v128.shuffle<f32>(low, high, 0, 1, 4, 5);
      v128.store(out + at, v128.and(y, f32x4.ge(f32x4.abs(y), f32x4.splat(SMALLEST))));
    }
  }
  for (; at < count; at += 4) {
    const y = <f32>(load<f64>(burst + 2 * at) * scale);
    store<f32>(out + at, abs<f32>(y) >= SMALLEST ? y : 0);
  }
  memory.fill(out + count, 0, ((<usize>frames) << 2) - count);
}

/** to = from - less, f64, so many bytes. @returns the largest |difference| */
function differences(to: usize, from: usize, less: usize, bytes: usize): f64 {
  let peak: f64 = 0;
  let at: usize = 0;
  if (ASC_FEATURE_SIMD) {
    let peaks = f64x2.splat(0);
    for (; at + 16 <= bytes; at += 16) {
      const x = f64x2.sub(v128.load(from + at), v128.load(less + at));
      v128.store(to + at, x);
      peaks = f64x2.pmax(peaks, f64x2.abs(x));
    }
    peak = max(f64x2.extract_lane(peaks, 0), f64x2.extract_lane(peaks, 1));
  }
  for (; at < bytes; at += 8) {
    const x = load<f64>(from + at) - load<f64>(less + at);
    store<f64>(to + at, x);
    peak = max(peak, abs(x));
  }
  return peak;
}
