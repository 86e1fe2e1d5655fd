// What a neuron does with its sum: tanh, nothing, or relu. tanh is a ratio of two polynomials in x^2 with slope
// exactly 1 at 0, because an error of slope would change the loop gain of a small signal, and so its decay.
//
//                    1 + P1 z + P2 z^2 + P3 z^3
//   tanh(x) ~ x ----------------------------------- ,  z = x^2, |x| <= 8 (beyond, the value at 8)
//                1 + Q1 z + Q2 z^2 + Q3 z^3 + Q4 z^4
//
// Minimax fit (iteratively reweighted least squares, docs/LOG.md): error 1.5e-7 in exact arithmetic, under 6e-7 in
// float32; tested against Math.tanh on every build.

import { madd1, madd4 } from "./lanes";

export const LINEAR: i32 = 0;
export const TANH: i32 = 1;
export const RELU: i32 = 2;

const LIMIT: f32 = 8.0;
const P1: f32 = 0.12924960500330315;
const P2: f32 = 0.0029502646100326444;
const P3: f32 = 1.1420556983893441e-5;
const Q1: f32 = 0.46258189897622654;
const Q2: f32 = 0.02381243985685822;
const Q3: f32 = 0.00023856348691268504;
const Q4: f32 = 2.456785707275788e-7;

/** tanh in four lanes, |error| < 6e-7. */
// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  // pmin and pmax compile to one instruction; min and max, which order NaN and -0, do not
  const y = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-LIMIT)), f32x4.splat(LIMIT));
  const z = f32x4.mul(y, y);
  const p = madd4(madd4(madd4(f32x4.splat(P3), z, f32x4.splat(P2)), z, f32x4.splat(P1)), z, f32x4.splat(1));
  const q = madd4(
    madd4(madd4(madd4(f32x4.splat(Q4), z, f32x4.splat(Q3)), z, f32x4.splat(Q2)), z, f32x4.splat(Q1)),
    z,
    f32x4.splat(1),
  );
  return f32x4.div(f32x4.mul(y, p), q);
}

/** tanh of one number, the same operations as tanh4. */
// @ts-ignore: decorator
@inline
export function tanh1(x: f32): f32 {
  const low = x < -LIMIT ? -LIMIT : x;
  const y = LIMIT < low ? LIMIT : low;
  const z = y * y;
  const p = madd1(madd1(madd1(P3, z, P2), z, P1), z, 1);
  const q = madd1(madd1(madd1(madd1(Q4, z, Q3), z, Q2), z, Q1), z, 1);
  return (y * p) / q;
}

// @ts-ignore: decorator
@inline
export function activate4(kind: i32, x: v128): v128 {
  if (kind == TANH) return tanh4(x);
  if (kind == RELU) return f32x4.pmax(f32x4.splat(0), x);
  return x;
}

// @ts-ignore: decorator
@inline
export function activate1(kind: i32, x: f32): f32 {
  if (kind == TANH) return tanh1(x);
  if (kind == RELU) return (0 as f32) < x ? x : (0 as f32);
  return x;
}

/**
 * Apply an activation to count numbers in place.
 * @param valuesPtr f32 x count, any alignment
 */
export function activateBlock(kind: i32, valuesPtr: usize, count: i32): void {
  let i = 0;
  if (ASC_FEATURE_SIMD) {
    for (; i + 4 <= count; i += 4) {
      const p = valuesPtr + ((<usize>i) << 2);
      v128.store(p, activate4(kind, v128.load(p)));
    }
  }
  for (; i < count; ++i) {
    const p = valuesPtr + ((<usize>i) << 2);
    store<f32>(p, activate1(kind, load<f32>(p)));
  }
}
