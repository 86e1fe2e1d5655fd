// What a neuron does with its sum: tanh, nothing, or relu. tanh is a ratio of two polynomials in x^2 with slope
// exactly 1 at 0, because an error of slope would change the loop gain of a small signal, and so its decay.
//
//              P0 + P1 z + P2 z^2 + P3 z^3
//   tanh(x) ~ x -------------------------------- ,  z = x^2, |x| <= 8 (beyond, the value at 8)
//              P0 + Q1 z + Q2 z^2 + Q3 z^3 + z^4
//
// Both begin with the same power of two, so that nothing is rounded where x is small. Minimax fit (iteratively
// reweighted least squares, then a search among neighbouring float32 numbers): error 1.8e-7 in exact arithmetic, under
// 6e-7 in float32; tested against Math.tanh on every build.
//
// Memory: in place; the constants in a table. Cost: four tanhs take the time of 11 vector multiply-adds (simd 16),
// November 2026; one more multiplication cost a seventh of that. Three things keep it so low: the pass does nothing
// else, so all it needs stays in registers; the constants come from a table, because V8 would form a vector constant
// anew wherever it is used; and pmin and pmax are one instruction each, where min and max, which order NaN and -0, are
// several.

import { madd1, madd4 } from "./lanes";

export const LINEAR: i32 = 0;
export const TANH: i32 = 1;
export const RELU: i32 = 2;

const LIMIT: f32 = 8.0;
const P0: f32 = 4194304;
const P1: f32 = 541289.8125;
const P2: f32 = 12285.9580078125;
const P3: f32 = 46.94723892211914;
const Q1: f32 = 1939385.875;
const Q2: f32 = 99515.1875;
const Q3: f32 = 988.1220092773438;

// f32x4 each: -LIMIT, LIMIT, P0 .. P3, Q1 .. Q3
const TABLE: usize = memory.data<f32>([
  -LIMIT, -LIMIT, -LIMIT, -LIMIT, LIMIT, LIMIT, LIMIT, LIMIT, P0, P0, P0, P0, P1, P1, P1, P1, P2, P2, P2, P2, P3, P3, P3, P3,
  Q1, Q1, Q1, Q1, Q2, Q2, Q2, Q2, Q3, Q3, Q3, Q3,
], 16);

/**
 * Apply an activation to count numbers in place.
 * @param valuesPtr f32 x count, any alignment
 * Audio thread: allocates nothing.
 */
export function activateBlock(kind: i32, valuesPtr: usize, count: i32): void {
  if (kind == TANH) tanhBlock(valuesPtr, count);
  else if (kind == RELU) reluBlock(valuesPtr, count);
}

function tanhBlock(valuesPtr: usize, count: i32): void {
  let p = valuesPtr;
  const end = p + ((<usize>count) << 2);
  if (ASC_FEATURE_SIMD) {
    const low = v128.load(TABLE);
    const high = v128.load(TABLE, 16);
    const p0 = v128.load(TABLE, 32);
    const p1 = v128.load(TABLE, 48);
    const p2 = v128.load(TABLE, 64);
    const p3 = v128.load(TABLE, 80);
    const q1 = v128.load(TABLE, 96);
    const q2 = v128.load(TABLE, 112);
    const q3 = v128.load(TABLE, 128);
    for (; p + 16 <= end; p += 16) {
      const x = f32x4.pmin(f32x4.pmax(v128.load(p), low), high);
      const z = f32x4.mul(x, x);
      const above = madd4(madd4(madd4(p3, z, p2), z, p1), z, p0);
      const below = madd4(madd4(madd4(f32x4.add(z, q3), z, q2), z, q1), z, p0);
      v128.store(p, f32x4.div(f32x4.mul(x, above), below));
    }
  }
  for (; p < end; p += 4) store<f32>(p, tanh1(load<f32>(p)));
}

/** tanh of one number, the same operations as in four lanes. */
function tanh1(y: f32): f32 {
  const atLeast = y < -LIMIT ? -LIMIT : y;
  const x = LIMIT < atLeast ? LIMIT : atLeast;
  const z = x * x;
  const above = madd1(madd1(madd1(P3, z, P2), z, P1), z, P0);
  const below = madd1(madd1(madd1(z + Q3, z, Q2), z, Q1), z, P0);
  return (x * above) / below;
}

/**
 * tanh in float64, for what runs sample by sample or once per hop: relative error below 1e-13, a third of the time of
 * the standard library's, which is exact to the last bit.
 */
export function tanhDouble(x: f64): f64 {
  // near 0 the difference below would lose digits
  if (abs(x) < 0.01) {
    const z = x * x;
    return x * (1 - z * (1.0 / 3.0 - z * (2.0 / 15.0)));
  }
  return 1 - 2 / (Math.exp(2 * x) + 1);
}

function reluBlock(valuesPtr: usize, count: i32): void {
  let p = valuesPtr;
  const end = p + ((<usize>count) << 2);
  if (ASC_FEATURE_SIMD) {
    for (; p + 16 <= end; p += 16) v128.store(p, f32x4.pmax(f32x4.splat(0), v128.load(p)));
  }
  for (; p < end; p += 4) {
    const x = load<f32>(p);
    store<f32>(p, (0 as f32) < x ? x : (0 as f32));
  }
}
