// The dense work of every passive string, in playing and in training: 32 neighbouring sums over a signal, each with
// the same weights.
//
//   out[n] = init[n] + sum over j < terms of  w[j] x[n + j s],  n = 0 .. 31,   s = -1 (a filter, which looks back) or 1
//
// Eight vectors of four sums stay in registers. Terms are taken in pairs four apart, because then both need the same
// loads: nine shifted loads and two broadcasts serve sixteen multiply-adds, where one term at a time needs nine for
// eight. With s = -1:
//
//   term j + 4   x0 x1 x2 x3 x4 x5 x6 x7               x0 = the four samples from n - j - 4,
//   term j          x1 x2 x3 x4 x5 x6 x7 x8            x1 = the four after those, and so on
//   sum          a0 a1 a2 a3 a4 a5 a6 a7               (with s = 1 term j is above, term j + 4 below)
//
// Of every eight terms the pairs j = 0 .. 3 come in turn; what is left in the end comes one by one. Of a pair, a0 takes
// the upper term first, a1 the lower, and so on in turn: so the loads of even number can come before the odd ones, all
// eight sums grow at the same time, and none waits for itself. The scalar twin adds in the same order: equal bits.
//
// Memory: 32 zeros to start from; the sums are in registers.
// Cost: one MAC per term and sum; at 256 terms 0.9 of this core's FMA peak on an AMD EPYC, 0.8 on an Intel (simd 0.7),
// where eight sums are just as many as two FMA units of four cycles need, and whatever else runs takes turns from them.
// Sums that are weighed as they leave the registers instead of in a pass of their own: 2 % of a passive string.

import { madd1, madd4 } from "./lanes";

/** Sums formed at once. */
export const SUMS: i32 = 32;

/** Nothing to start from: f32 x 32, never written. */
export const ZEROS: usize = memory.data(128, 16);

/**
 * Form 32 sums whose terms lie further and further back (s = -1). Reads the samples that the sums need and no others.
 * @param init f32 x 32 to start from; may be out
 * @param x address of x[0]
 * @param w f32 x terms
 * @param out f32 x 32
 * Audio thread: allocates nothing.
 */
export function sumsBackwards(init: usize, x: usize, w: usize, terms: i32, out: usize): void {
  shiftedSums(false, init, x, -4, w, terms, 0, 0, out);
}

/** The same with terms further and further ahead (s = 1). */
export function sumsForwards(init: usize, x: usize, w: usize, terms: i32, out: usize): void {
  shiftedSums(false, init, x, 4, w, terms, 0, 0, out);
}

/**
 * Add 32 sums whose terms lie further and further back, weighed: out[n] += factor weight[n] sum[n]. A loop filter over
 * its delay line: no tap is nearer than a step, so all 32 can be formed at once. Of a shorter step the rest is not used.
 * @param x, w, terms as above
 * @param weight f32 x 32
 * @param out f32 x 32
 * Audio thread: allocates nothing.
 */
export function addSumsBackwards(x: usize, w: usize, terms: i32, weight: usize, factor: f32, out: usize): void {
  shiftedSums(true, ZEROS, x, -4, w, terms, weight, factor, out);
}

/**
 * @param weighed whether the sums are weighed and added to out, or written to it; known when this is compiled
 * @param step bytes from a term's samples to the next term's, -4 or 4; known when this is compiled
 */
// @ts-ignore: decorator
@inline
function shiftedSums(
  weighed: bool,
  init: usize,
  x: usize,
  step: i32,
  w: usize,
  terms: i32,
  weight: usize,
  factor: f32,
  out: usize,
): void {
  // where a pair's upper and lower terms lie, and the upper term's samples
  const upper: usize = step < 0 ? 16 : 0;
  const lower = upper ^ 16;
  const start = x - upper;
  const pairs = (<usize>(terms & ~7)) << 1; // bytes of half of the terms
  if (ASC_FEATURE_SIMD) {
    let a0 = weighed ? f32x4.splat(0) : v128.load(init);
    let a1 = weighed ? a0 : v128.load(init, 16);
    let a2 = weighed ? a0 : v128.load(init, 32);
    let a3 = weighed ? a0 : v128.load(init, 48);
    let a4 = weighed ? a0 : v128.load(init, 64);
    let a5 = weighed ? a0 : v128.load(init, 80);
    let a6 = weighed ? a0 : v128.load(init, 96);
    let a7 = weighed ? a0 : v128.load(init, 112);
    for (let t: usize = 0; t < pairs; t += 4) {
      const j = pairTerm(t);
      const p = start + (step < 0 ? -j : j);
      const u = v128.load_splat<f32>(w + j + upper);
      const l = v128.load_splat<f32>(w + j + lower);
      // V8 moves the loads of a straight piece of code to its front, and more than five or six would push sums out of
      // the registers: four times as slow. A branch ends the piece; these are never taken, no signal lies there.
      const x0 = v128.load(p);
      const x2 = v128.load(p, 32);
      const x4 = v128.load(p, 64);
      a0 = madd4(u, x0, a0);
      a1 = madd4(l, x2, a1);
      a2 = madd4(u, x2, a2);
      a3 = madd4(l, x4, a3);
      a4 = madd4(u, x4, a4);
      if (p == 0) break;
      const x6 = v128.load(p, 96);
      const x8 = v128.load(p, 128);
      a5 = madd4(l, x6, a5);
      a6 = madd4(u, x6, a6);
      a7 = madd4(l, x8, a7);
      if (p == 4) break;
      const x1 = v128.load(p, 16);
      const x3 = v128.load(p, 48);
      const x5 = v128.load(p, 80);
      a0 = madd4(l, x1, a0);
      a1 = madd4(u, x1, a1);
      a2 = madd4(l, x3, a2);
      a3 = madd4(u, x3, a3);
      a4 = madd4(l, x5, a4);
      if (p == 8) break;
      const x7 = v128.load(p, 112);
      // V8 turns a piece's order around: here, as in the first two pieces, a sum's next turn is the eighth from its last
      a5 = madd4(u, x5, a5);
      a6 = madd4(l, x7, a6);
      a7 = madd4(u, x7, a7);
    }
    for (let j = pairs << 1; j < (<usize>terms) << 2; j += 4) {
      const p = x + (step < 0 ? -j : j);
      const u = v128.load_splat<f32>(w + j);
      a0 = madd4(u, v128.load(p), a0);
      a1 = madd4(u, v128.load(p, 16), a1);
      a2 = madd4(u, v128.load(p, 32), a2);
      a3 = madd4(u, v128.load(p, 48), a3);
      if (p == 0) break;
      a4 = madd4(u, v128.load(p, 64), a4);
      a5 = madd4(u, v128.load(p, 80), a5);
      a6 = madd4(u, v128.load(p, 96), a6);
      a7 = madd4(u, v128.load(p, 112), a7);
    }
    if (weighed) {
      const f = f32x4.splat(factor);
      addWeighed(out, weight, f, a0);
      addWeighed(out + 16, weight + 16, f, a1);
      addWeighed(out + 32, weight + 32, f, a2);
      addWeighed(out + 48, weight + 48, f, a3);
      addWeighed(out + 64, weight + 64, f, a4);
      addWeighed(out + 80, weight + 80, f, a5);
      addWeighed(out + 96, weight + 96, f, a6);
      addWeighed(out + 112, weight + 112, f, a7);
    } else {
      v128.store(out, a0);
      v128.store(out, a1, 16);
      v128.store(out, a2, 32);
      v128.store(out, a3, 48);
      v128.store(out, a4, 64);
      v128.store(out, a5, 80);
      v128.store(out, a6, 96);
      v128.store(out, a7, 112);
    }
  } else {
    for (let n: usize = 0; n < 4 * SUMS; n += 16) {
      // sums a0, a2 .. take the upper term of a pair first
      const first = n & 16 ? lower : upper;
      let s0 = load<f32>(init + n);
      let s1 = load<f32>(init + n, 4);
      let s2 = load<f32>(init + n, 8);
      let s3 = load<f32>(init + n, 12);
      for (let t: usize = 0; t < pairs; t += 4) {
        const j = pairTerm(t);
        let weight = load<f32>(w + j + first);
        let p = x + n + (step < 0 ? -j - first : j + first);
        s0 = madd1(weight, load<f32>(p), s0);
        s1 = madd1(weight, load<f32>(p, 4), s1);
        s2 = madd1(weight, load<f32>(p, 8), s2);
        s3 = madd1(weight, load<f32>(p, 12), s3);
        weight = load<f32>(w + j + (first ^ 16));
        p = x + n + (step < 0 ? -j - (first ^ 16) : j + (first ^ 16));
        s0 = madd1(weight, load<f32>(p), s0);
        s1 = madd1(weight, load<f32>(p, 4), s1);
        s2 = madd1(weight, load<f32>(p, 8), s2);
        s3 = madd1(weight, load<f32>(p, 12), s3);
      }
      for (let j = pairs << 1; j < (<usize>terms) << 2; j += 4) {
        const weight = load<f32>(w + j);
        const p = x + n + (step < 0 ? -j : j);
        s0 = madd1(weight, load<f32>(p), s0);
        s1 = madd1(weight, load<f32>(p, 4), s1);
        s2 = madd1(weight, load<f32>(p, 8), s2);
        s3 = madd1(weight, load<f32>(p, 12), s3);
      }
      if (weighed) {
        addWeighed1(out + n, weight + n, factor, s0);
        addWeighed1(out + n + 4, weight + n + 4, factor, s1);
        addWeighed1(out + n + 8, weight + n + 8, factor, s2);
        addWeighed1(out + n + 12, weight + n + 12, factor, s3);
      } else {
        store<f32>(out + n, s0);
        store<f32>(out + n, s1, 4);
        store<f32>(out + n, s2, 8);
        store<f32>(out + n, s3, 12);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function addWeighed(out: usize, weight: usize, factor: v128, sum: v128): void {
  v128.store(out, madd4(f32x4.mul(v128.load(weight), factor), sum, v128.load(out)));
}

// @ts-ignore: decorator
@inline
function addWeighed1(out: usize, weight: usize, factor: f32, sum: f32): void {
  store<f32>(out, madd1(load<f32>(weight) * factor, sum, load<f32>(out)));
}

/** Bytes to the first term of pair t / 4: 0 .. 3 of every eight terms. */
// @ts-ignore: decorator
@inline
function pairTerm(t: usize): usize {
  return (t & 12) | ((t & ~15) << 1);
}
