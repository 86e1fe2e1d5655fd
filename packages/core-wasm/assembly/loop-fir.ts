// The sum a passive string is made of, for the few samples of one step: a loop filter over its delay line, weighed
// and added to what other filters gave. 32 results (8 vectors) at a time, one broadcast and eight shifted loads a
// tap. Every result is one sum in the order of the taps, however many are formed at once: the builds round alike,
// and what a step's length leaves of the last vector is computed and not used.
//
//   out[n] += weight[n] * sum over j of h[j] x[n - near - j]

import { audible4, isAudible1, madd1, madd4 } from "./lanes";

/** Most samples of one step. */
export const BLOCK: i32 = 32;

/** Samples a delay line must be able to hold past its end, because whole blocks are read. */
export const BLOCK_ROOM: i32 = 2 * BLOCK;

/**
 * Add a loop filter's output to a block.
 * @param x address of x[n - near] for the block's first sample
 * @param h f32 x taps
 * @param weight f32 x 32, 16-byte aligned
 * @param out f32 x 32, 16-byte aligned
 * @param count samples wanted, 1 .. 32; those behind them may hold anything afterwards
 * Audio thread: allocates nothing.
 */
export function loopFir(x: usize, h: usize, taps: i32, weight: usize, out: usize, count: i32): void {
  if (ASC_FEATURE_SIMD) {
    if (count > 16) {
      sum32(x, h, taps, weight, out);
    } else {
      for (let n = 0; n < count; n += 8) {
        const at = (<usize>n) << 2;
        sum8(x + at, h, taps, weight + at, out + at);
      }
    }
  } else {
    for (let n = 0; n < count; n += 4) {
      const at = (<usize>n) << 2;
      sum4(x + at, h, taps, weight + at, out + at);
    }
  }
}

/** Weigh samples into a delay line, what has decayed as silence. weight, from: f32 x 32, 16-byte aligned. */
export function weighInto(to: usize, weight: usize, from: usize, count: i32): void {
  if (ASC_FEATURE_SIMD) {
    for (let n = 0; n < count; n += 4) {
      const at = (<usize>n) << 2;
      v128.store(to + at, audible4(f32x4.mul(v128.load(weight + at), v128.load(from + at))));
    }
  } else {
    for (let n = 0; n < count; ++n) {
      const at = (<usize>n) << 2;
      const x = load<f32>(weight + at) * load<f32>(from + at);
      store<f32>(to + at, isAudible1(x) ? x : 0);
    }
  }
}

/** to[n] = share * from[n] * factor, f32 x 32, 16-byte aligned. Audio thread: allocates nothing. */
export function scaleInto(to: usize, share: f32, from: usize, factor: f32): void {
  if (ASC_FEATURE_SIMD) {
    const a = f32x4.splat(share);
    const b = f32x4.splat(factor);
    for (let at: usize = 0; at < 4 * BLOCK; at += 16) {
      v128.store(to + at, f32x4.mul(f32x4.mul(a, v128.load(from + at)), b));
    }
  } else {
    for (let at: usize = 0; at < 4 * BLOCK; at += 4) {
      store<f32>(to + at, share * load<f32>(from + at) * factor);
    }
  }
}

function sum32(x: usize, h: usize, taps: i32, weight: usize, out: usize): void {
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let a4 = a0;
  let a5 = a0;
  let a6 = a0;
  let a7 = a0;
  let p = x;
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
    p -= 4;
    w += 4;
  }
  addWeighed(weight, a0, out);
  addWeighed(weight + 16, a1, out + 16);
  addWeighed(weight + 32, a2, out + 32);
  addWeighed(weight + 48, a3, out + 48);
  addWeighed(weight + 64, a4, out + 64);
  addWeighed(weight + 80, a5, out + 80);
  addWeighed(weight + 96, a6, out + 96);
  addWeighed(weight + 112, a7, out + 112);
}

function sum8(x: usize, h: usize, taps: i32, weight: usize, out: usize): void {
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let p = x;
  let w = h;
  const end = h + ((<usize>taps) << 2);
  while (w < end) {
    const tap = v128.load_splat<f32>(w);
    a0 = madd4(tap, v128.load(p), a0);
    a1 = madd4(tap, v128.load(p, 16), a1);
    p -= 4;
    w += 4;
  }
  addWeighed(weight, a0, out);
  addWeighed(weight + 16, a1, out + 16);
}

// @ts-ignore: decorator
@inline
function addWeighed(weight: usize, sum: v128, out: usize): void {
  v128.store(out, madd4(v128.load(weight), sum, v128.load(out)));
}

/** The scalar twin: four results, four chains. */
function sum4(x: usize, h: usize, taps: i32, weight: usize, out: usize): void {
  let a0: f32 = 0;
  let a1: f32 = 0;
  let a2: f32 = 0;
  let a3: f32 = 0;
  let p = x;
  let w = h;
  const end = h + ((<usize>taps) << 2);
  while (w < end) {
    const tap = load<f32>(w);
    a0 = madd1(tap, load<f32>(p), a0);
    a1 = madd1(tap, load<f32>(p, 4), a1);
    a2 = madd1(tap, load<f32>(p, 8), a2);
    a3 = madd1(tap, load<f32>(p, 12), a3);
    p -= 4;
    w += 4;
  }
  store<f32>(out, madd1(load<f32>(weight), a0, load<f32>(out)));
  store<f32>(out, madd1(load<f32>(weight, 4), a1, load<f32>(out, 4)), 4);
  store<f32>(out, madd1(load<f32>(weight, 8), a2, load<f32>(out, 8)), 8);
  store<f32>(out, madd1(load<f32>(weight, 12), a3, load<f32>(out, 12)), 12);
}
