// Reading a delay line at many taps for a block of samples. At a whole delay the block is a shifted copy of the
// past; between samples it is interpolated by the cubic through the four nearest (third-order Lagrange).
//
//   past:   ... x[n-i-2] x[n-i-1] x[n-i]  x[n-i+1] ...        delay d = i + f, 0 <= f < 1
//                  h[2]     h[1]    h[0]     h[-1]
//
// For 1 <= d < 2 the four samples stay where they are for d = 2 and the cubic is read beside its middle (f < 0), so
// that no sample is needed before it exists. Source: J. O. Smith, Physical Audio Signal Processing, "Lagrange
// Interpolation".
//
// Memory: one history; taps come out as rows, f32 [taps, frames]. What is written and is not finite becomes silence.
// Cost per tap and sample: a whole delay is a load and a store, a fractional one 4 MACs: docs/benchmarks.md,
// multitap-84.

import { allocate } from "./arena";
import { History, createHistory, historyClear, historyEnd, historyReserve } from "./history";
import { copySamples, keepAudible, madd1, madd4 } from "./lanes";

/** Weight of x[n - i - j] in the cubic, j = -1 .. 2; 0 beside these. @param f -1 .. 1 */
export function cubicWeight(f: f64, j: i32): f64 {
  if (j == -1) return (-f * (f - 1) * (f - 2)) / 6;
  if (j == 0) return ((f + 1) * (f - 1) * (f - 2)) / 2;
  if (j == 1) return (-(f + 1) * f * (f - 2)) / 2;
  return j == 2 ? ((f + 1) * f * (f - 1)) / 6 : 0;
}

/**
 * Read taps of a delay line for a block of samples.
 * @param at address of sample n; the past lies before it
 * @param delaysPtr f64 x taps, samples; whole delays >= 0, others >= 1
 * @param outPtr f32 x taps x frames, [tap][sample]
 * Audio thread: allocates nothing.
 */
function readTaps(at: usize, frames: i32, delaysPtr: usize, taps: i32, outPtr: usize): void {
  let out = outPtr;
  for (let tap = 0; tap < taps; ++tap) {
    const delay = load<f64>(delaysPtr + ((<usize>tap) << 3));
    const whole = floor(delay);
    if (whole == delay) {
      copySamples(at - ((<usize>(<i32>whole)) << 2), out, frames);
    } else {
      readBetweenSamples(at, frames, delay, out);
    }
    out += (<usize>frames) << 2;
  }
}

/** A fractional tap: see the picture above. */
function readBetweenSamples(at: usize, frames: i32, delay: f64, out: usize): void {
  const i = max<f64>(2, floor(delay));
  const f = delay - i;
  const ahead = <f32>cubicWeight(f, -1);
  const here = <f32>cubicWeight(f, 0);
  const back = <f32>cubicWeight(f, 1);
  const last = <f32>cubicWeight(f, 2);
  const start = at - ((<usize>(<i32>i + 2)) << 2); // x[n-i-2]
  let n = 0;
  if (ASC_FEATURE_SIMD) {
    for (; n + 4 <= frames; n += 4) {
      const p = start + ((<usize>n) << 2);
      let y = f32x4.mul(v128.load(p), f32x4.splat(last));
      y = madd4(v128.load(p, 4), f32x4.splat(back), y);
      y = madd4(v128.load(p, 8), f32x4.splat(here), y);
      y = madd4(v128.load(p, 12), f32x4.splat(ahead), y);
      v128.store(out + ((<usize>n) << 2), y);
    }
  }
  for (; n < frames; ++n) {
    const p = start + ((<usize>n) << 2);
    let y = load<f32>(p) * last;
    y = madd1(load<f32>(p, 4), back, y);
    y = madd1(load<f32>(p, 8), here, y);
    y = madd1(load<f32>(p, 12), ahead, y);
    store<f32>(out + ((<usize>n) << 2), y);
  }
}

/** Make a delay line for delays up to `longest` samples. */
export function delayLineCreate(longest: i32): usize {
  return changetype<usize>(createHistory(longest + 4));
}

/**
 * Read taps for the next `frames` samples before these are written: for loops that feed their output back.
 * @param frames at most the shortest delay (minus 1 if any delay is fractional)
 * @param delaysPtr f64 x taps
 * @param outPtr f32 x taps x frames
 * Audio thread: allocates nothing.
 */
export function delayLineRead(line: usize, frames: i32, delaysPtr: usize, taps: i32, outPtr: usize): void {
  readTaps(historyEnd(changetype<History>(line)), frames, delaysPtr, taps, outPtr);
}

/**
 * Append samples, what has decayed or broken (lanes.ts) as silence: in a loop it would stay for good.
 * @param inPtr f32 x frames, frames at most 4096
 * @returns how many had broken
 * Audio thread: allocates nothing.
 */
export function delayLineWrite(line: usize, inPtr: usize, frames: i32): i32 {
  const history = changetype<History>(line);
  historyReserve(history, frames);
  const broken = keepAudible(inPtr, historyEnd(history), frames);
  history.end += frames;
  return broken;
}

/** Silence the line. */
export function delayLineClear(line: usize): void {
  historyClear(changetype<History>(line));
}
