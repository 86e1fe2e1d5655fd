// The sum a passive string is made of, for the samples of one step: a loop filter over its delay line, weighed and
// added to what other filters gave.
//
//   out[n] += factor * weight[n] * sum over j of h[j] x[n - near - j],  n = 0 .. 31
//
// No tap is nearer than a step, so 32 results can be formed at once: eight vectors of four, all in registers. Taps are
// taken in pairs four apart, because then both need the same loads: nine shifted loads and two broadcasts serve
// sixteen multiply-adds.
//
//   tap j + 4   x0 x1 x2 x3 x4 x5 x6 x7               x0 = the four samples from n - near - j - 4,
//   tap j          x1 x2 x3 x4 x5 x6 x7 x8            x1 = the four after those, and so on
//   result      a0 a1 a2 a3 a4 a5 a6 a7
//
// Of every eight taps the pairs j = 0 .. 3 come in turn. Of a pair, a0 takes tap j + 4 before tap j, a1 takes them the
// other way round, and so on in turn: the loads of even number come first, then
// the odd ones, so that eight sums grow at the same time and none waits for itself. The scalar build adds in this
// order too. A step that is shorter costs as much as one of 32; what it computes beyond its end is not used.
//
// Layout: h f32 x taps rounded up to PAIRS, zeros behind the last; 32-sample blocks are 16-byte aligned.
// Cost: one MAC per tap and sample, at 0.94 of this core's FMA peak (simd 0.77), August 2026.

import { BLOCK } from "./block";
import { madd1, madd4 } from "./lanes";

/** Taps that are taken together: a filter is padded with zeros to a multiple of this. */
const PAIRS: i32 = 8;

/** Taps of a filter as it is stored for loopFir. */
// @ts-ignore: decorator
@inline
export function paddedTaps(taps: i32): i32 {
  return (taps + PAIRS - 1) & ~(PAIRS - 1);
}

/**
 * Add a loop filter's output to a block.
 * @param x address of x[n - near] for the block's first sample
 * @param h f32 x taps
 * @param taps a multiple of 8 (paddedTaps)
 * @param weight f32 x 32, 16-byte aligned
 * @param factor of all weights
 * @param out f32 x 32, 16-byte aligned
 * Audio thread: allocates nothing.
 */
export function loopFir(x: usize, h: usize, taps: i32, weight: usize, factor: f32, out: usize): void {
  const half = (<usize>taps) << 1; // bytes of half of the taps
  if (ASC_FEATURE_SIMD) {
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let a4 = a0;
    let a5 = a0;
    let a6 = a0;
    let a7 = a0;
    for (let t: usize = 0; t < half; t += 4) {
      const tap = (t & 12) | ((t & ~15) << 1); // 4 j: 0 .. 3 of every eight
      const w = h + tap;
      const p = x - tap - 16;
      const near = v128.load_splat<f32>(w);
      const far = v128.load_splat<f32>(w, 16);
      // V8 moves the loads of a straight piece of code to its front, and more than five or six would push sums out
      // of the registers. A branch ends the piece; these are never taken, since no line lies at such addresses.
      const x0 = v128.load(p);
      const x2 = v128.load(p, 32);
      const x4 = v128.load(p, 64);
      a0 = madd4(far, x0, a0);
      a1 = madd4(near, x2, a1);
      a2 = madd4(far, x2, a2);
      a3 = madd4(near, x4, a3);
      a4 = madd4(far, x4, a4);
      if (p == 0) break;
      const x6 = v128.load(p, 96);
      const x8 = v128.load(p, 128);
      a5 = madd4(near, x6, a5);
      a6 = madd4(far, x6, a6);
      a7 = madd4(near, x8, a7);
      if (p == 4) break;
      const x1 = v128.load(p, 16);
      const x3 = v128.load(p, 48);
      const x5 = v128.load(p, 80);
      a0 = madd4(near, x1, a0);
      a1 = madd4(far, x1, a1);
      a2 = madd4(near, x3, a2);
      a3 = madd4(far, x3, a3);
      a4 = madd4(near, x5, a4);
      a5 = madd4(far, x5, a5);
      if (p == 8) break;
      const x7 = v128.load(p, 112);
      a6 = madd4(near, x7, a6);
      a7 = madd4(far, x7, a7);
    }
    const all = f32x4.splat(factor);
    addWeighed(weight, all, a0, out);
    addWeighed(weight + 16, all, a1, out + 16);
    addWeighed(weight + 32, all, a2, out + 32);
    addWeighed(weight + 48, all, a3, out + 48);
    addWeighed(weight + 64, all, a4, out + 64);
    addWeighed(weight + 80, all, a5, out + 80);
    addWeighed(weight + 96, all, a6, out + 96);
    addWeighed(weight + 112, all, a7, out + 112);
  } else {
    for (let n: usize = 0; n < 4 * BLOCK; n += 32) {
      sum4(x + n, h, half, 16, weight + n, factor, out + n);
      sum4(x + n + 16, h, half, 0, weight + n + 16, factor, out + n + 16);
    }
  }
}

// @ts-ignore: decorator
@inline
function addWeighed(weight: usize, factor: v128, sum: v128, out: usize): void {
  v128.store(out, madd4(f32x4.mul(v128.load(weight), factor), sum, v128.load(out)));
}

/** Four results without SIMD. @param first bytes from tap j to the tap of its pair that comes first: 16 or 0 */
function sum4(x: usize, h: usize, half: usize, first: usize, weight: usize, factor: f32, out: usize): void {
  let a0: f32 = 0;
  let a1: f32 = 0;
  let a2: f32 = 0;
  let a3: f32 = 0;
  for (let t: usize = 0; t < half; t += 4) {
    for (let turn: usize = 0; turn < 32; turn += 16) {
      const at = ((t & 12) | ((t & ~15) << 1)) + (first ^ turn);
      const tap = load<f32>(h + at);
      const p = x - at;
      a0 = madd1(tap, load<f32>(p), a0);
      a1 = madd1(tap, load<f32>(p, 4), a1);
      a2 = madd1(tap, load<f32>(p, 8), a2);
      a3 = madd1(tap, load<f32>(p, 12), a3);
    }
  }
  store<f32>(out, madd1(load<f32>(weight) * factor, a0, load<f32>(out)));
  store<f32>(out, madd1(load<f32>(weight, 4) * factor, a1, load<f32>(out, 4)), 4);
  store<f32>(out, madd1(load<f32>(weight, 8) * factor, a2, load<f32>(out, 8)), 8);
  store<f32>(out, madd1(load<f32>(weight, 12) * factor, a3, load<f32>(out, 12)), 12);
}
