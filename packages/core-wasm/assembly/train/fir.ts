// The three sums a rollout and its gradient are made of, over a string loop's FIR h of N taps at the delays
// near .. near + N - 1. All are dense and long, so all are written alike: 32 results (8 vectors) at a time, one
// broadcast and eight shifted loads a term.
//
//   forward    out[n] += sum over j of h[j] x[n - near - j]       the loop's next samples from its past
//   adjoint    out[n] += sum over j of h[j] g[n + near + j]       how a sample matters through those that follow
//   correlate  out[j] += sum over n of g[n] x[n - near - j]       how a tap matters
//
// Sums over time are formed in float32 over stretches of 512 and carried on in float64: a rollout is 10^4 to 10^5
// samples long, and float32 alone would lose three digits of a gradient.

import { madd1, madd4 } from "../lanes";

const STRETCH: i32 = 512;

/** Add one FIR's output to a block. @param x address of x[n - near] for the block's first n; @param h f32 x taps */
export function firForward(x: usize, h: usize, taps: i32, out: usize, count: i32): void {
  shiftedSum(x, -4, h, taps, out, count);
}

/** Add the adjoint's output to a block. @param g address of g[n + near] for the block's first n */
export function firAdjoint(g: usize, h: usize, taps: i32, out: usize, count: i32): void {
  shiftedSum(g, 4, h, taps, out, count);
}

/** out[n] += sum over j of h[j] x[n + j * step / 4]; step in bytes. */
function shiftedSum(x: usize, step: i32, h: usize, taps: i32, out: usize, count: i32): void {
  let n = 0;
  for (; n + 32 <= count; n += 32) {
    const o = out + ((<usize>n) << 2);
    let a0 = v128.load(o);
    let a1 = v128.load(o, 16);
    let a2 = v128.load(o, 32);
    let a3 = v128.load(o, 48);
    let a4 = v128.load(o, 64);
    let a5 = v128.load(o, 80);
    let a6 = v128.load(o, 96);
    let a7 = v128.load(o, 112);
    let p = x + ((<usize>n) << 2);
    let w = h;
    const end = h + ((<usize>taps) << 2);
    while (w < end) {
      const tap = v128.load_splat<f32>(w);
      a0 = madd4(tap, v128.load(p), a0);
      a1 = madd4(tap, v128.load(p, 16), a1);
      a2 = madd4(tap, v128.load(p, 32), a2);
      a3 = madd4(tap, v128.load(p, 48), a3);
      a4 = madd4(tap, v128.load(p, 64), a4);
      a5 = madd4(tap, v128.load(p, 80), a5);
      a6 = madd4(tap, v128.load(p, 96), a6);
      a7 = madd4(tap, v128.load(p, 112), a7);
      p += step;
      w += 4;
    }
    v128.store(o, a0);
    v128.store(o, a1, 16);
    v128.store(o, a2, 32);
    v128.store(o, a3, 48);
    v128.store(o, a4, 64);
    v128.store(o, a5, 80);
    v128.store(o, a6, 96);
    v128.store(o, a7, 112);
  }
  for (; n < count; ++n) {
    const o = out + ((<usize>n) << 2);
    let sum = load<f32>(o);
    let p = x + ((<usize>n) << 2);
    for (let j = 0; j < taps; ++j) {
      sum = madd1(load<f32>(h + ((<usize>j) << 2)), load<f32>(p), sum);
      p += step;
    }
    store<f32>(o, sum);
  }
}

/**
 * Add a FIR's gradient.
 * @param g f32 x count
 * @param x address of x[n - near] for n = 0
 * @param out f64 x taps, sign * sum is added
 */
export function firCorrelate(g: usize, x: usize, count: i32, out: usize, taps: i32, sign: f64): void {
  for (let start = 0; start < count; start += STRETCH) {
    const length = min(STRETCH, count - start);
    const offset = (<usize>start) << 2;
    correlateStretch(g + offset, x + offset, length, out, taps, sign);
  }
}

function correlateStretch(g: usize, x: usize, count: i32, out: usize, taps: i32, sign: f64): void {
  let j = 0;
  for (; j + 32 <= taps; j += 32) {
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let a4 = a0;
    let a5 = a0;
    let a6 = a0;
    let a7 = a0;
    // the lags j .. j + 31 lie backwards: the vector at p holds lags j + 31 .. j + 28
    let p = x - ((<usize>(j + 31)) << 2);
    let q = g;
    const end = g + ((<usize>count) << 2);
    while (q < end) {
      const y = v128.load_splat<f32>(q);
      a0 = madd4(y, v128.load(p), a0);
      a1 = madd4(y, v128.load(p, 16), a1);
      a2 = madd4(y, v128.load(p, 32), a2);
      a3 = madd4(y, v128.load(p, 48), a3);
      a4 = madd4(y, v128.load(p, 64), a4);
      a5 = madd4(y, v128.load(p, 80), a5);
      a6 = madd4(y, v128.load(p, 96), a6);
      a7 = madd4(y, v128.load(p, 112), a7);
      p += 4;
      q += 4;
    }
    const o = out + ((<usize>j) << 3);
    addBackwards(o + 224, a0, sign);
    addBackwards(o + 192, a1, sign);
    addBackwards(o + 160, a2, sign);
    addBackwards(o + 128, a3, sign);
    addBackwards(o + 96, a4, sign);
    addBackwards(o + 64, a5, sign);
    addBackwards(o + 32, a6, sign);
    addBackwards(o, a7, sign);
  }
  for (; j < taps; ++j) {
    let sum: f32 = 0;
    for (let n = 0; n < count; ++n) {
      sum = madd1(load<f32>(g + ((<usize>n) << 2)), load<f32>(x + ((<usize>n) << 2) - ((<usize>j) << 2)), sum);
    }
    const o = out + ((<usize>j) << 3);
    store<f64>(o, load<f64>(o) + sign * <f64>sum);
  }
}

/** Add four lanes to four float64 numbers, last lane first. */
// @ts-ignore: decorator
@inline
function addBackwards(o: usize, a: v128, sign: f64): void {
  store<f64>(o, load<f64>(o) + sign * <f64>f32x4.extract_lane(a, 3));
  store<f64>(o, load<f64>(o, 8) + sign * <f64>f32x4.extract_lane(a, 2), 8);
  store<f64>(o, load<f64>(o, 16) + sign * <f64>f32x4.extract_lane(a, 1), 16);
  store<f64>(o, load<f64>(o, 24) + sign * <f64>f32x4.extract_lane(a, 0), 24);
}
