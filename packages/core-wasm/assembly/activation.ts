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
// Between two layers of tiles (mlp.ts) nobody sees a sum or a value, so there each has the unit that makes the ratio
// cheapest, which the weights before and behind are multiplied by: v = TANH_IN x, and the values are tanh / TANH_OUT.
//
//   w = v^2,  q = (w + A) w + B,   value = v (q (w + K) + (C - w)) / (q w + D),  |x| <= 6.86
//
// Eleven operations with FMA, clamping included, and its time goes by their number. TANH_IN and TANH_OUT make the slope
// 1: their product is D over B K + C, which rounds to the same float32 with FMA and without. Error 1e-6 in exact
// arithmetic (beyond the limit 1.2e-6), 1.6e-6 in float32: the origin's network strays from its golden render by -93 dB,
// where the contract allows -80. (Of thirteen operations it was 1.9e-7 and -119 dB: docs/LOG.md, 2026-11-27.)
//
// Memory: in place, and in units (with SIMD) 16 bytes behind are read; the constants in tables. Cost: four tanhs take the
// time of 11 vector multiply-adds (simd 16), in units of their own of 9 or 10 (Intel: 5 cycles, 0.43 for each operation;
// AMD EPYC 4.6), November 2026. Four things keep it so low: the pass does nothing else, so all it needs stays in
// registers; the constants come from a table, because V8 would form a vector constant anew wherever it is used; pmin and
// pmax are one instruction each, where min and max, which order NaN and -0, are several; and in units the next vector is
// clamped and squared while this one is divided, so that what is begun waits less for its turn (1.3 % of 22-100-1).

import { madd1, madd4 } from "./lanes";

export const LINEAR: i32 = 0;
export const TANH: i32 = 1;
export const RELU: i32 = 2;
/** tanh of sums times TANH_IN, divided by TANH_OUT. */
export const TANH_IN_UNITS: i32 = 3;

export const TANH_IN: f64 = 0.07352630953101556;
export const TANH_OUT: f64 = 0.3800418354291437;

const LIMIT: f32 = 8.0;
const P0: f32 = 4194304;
const P1: f32 = 541289.8125;
const P2: f32 = 12285.9580078125;
const P3: f32 = 46.94723892211914;
const Q1: f32 = 1939385.875;
const Q2: f32 = 99515.1875;
const Q3: f32 = 988.1220092773438;

const UNIT_LIMIT: f32 = <f32>(6.86 * TANH_IN);
const A: f32 = 0.7875869870185852;
const B: f32 = 0.09163042902946472;
const K: f32 = 2.2782158851623535;
const C: f32 = -0.16993850469589233;
const D: f32 = 0.0010846214136108756;

// for the blocks below: -LIMIT, LIMIT, P0 .. P3, Q1 .. Q3
const TABLE: usize = memory.data<f32>([-LIMIT, LIMIT, P0, P1, P2, P3, Q1, Q2, Q3]);
// -UNIT_LIMIT, UNIT_LIMIT, A, B, K, C, D
const UNIT_TABLE: usize = memory.data<f32>([-UNIT_LIMIT, UNIT_LIMIT, A, B, K, C, D]);

/**
 * Apply an activation to count numbers in place.
 * @param valuesPtr f32 x count, any alignment; with TANH_IN_UNITS count is a multiple of four, and SIMD reads four more
 * Audio thread: allocates nothing.
 */
export function activateBlock(kind: i32, valuesPtr: usize, count: i32): void {
  if (kind == TANH) tanhBlock(valuesPtr, count);
  else if (kind == RELU) reluBlock(valuesPtr, count);
  else if (kind == TANH_IN_UNITS) unitTanhBlock(valuesPtr, count);
}

function tanhBlock(valuesPtr: usize, count: i32): void {
  let p = valuesPtr;
  const end = p + ((<usize>count) << 2);
  if (ASC_FEATURE_SIMD) {
    const low = v128.load_splat<f32>(TABLE);
    const high = v128.load_splat<f32>(TABLE, 4);
    const p0 = v128.load_splat<f32>(TABLE, 8);
    const p1 = v128.load_splat<f32>(TABLE, 12);
    const p2 = v128.load_splat<f32>(TABLE, 16);
    const p3 = v128.load_splat<f32>(TABLE, 20);
    const q1 = v128.load_splat<f32>(TABLE, 24);
    const q2 = v128.load_splat<f32>(TABLE, 28);
    const q3 = v128.load_splat<f32>(TABLE, 32);
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
  const x = within1(y, LIMIT);
  const z = x * x;
  const above = madd1(madd1(madd1(P3, z, P2), z, P1), z, P0);
  const below = madd1(madd1(madd1(z + Q3, z, Q2), z, Q1), z, P0);
  return (x * above) / below;
}

/** x from -limit to limit, as pmin and pmax have it: NaN stays NaN. */
// @ts-ignore: decorator
@inline
function within1(x: f32, limit: f32): f32 {
  const atLeast = x < -limit ? -limit : x;
  return limit < atLeast ? limit : atLeast;
}

function unitTanhBlock(valuesPtr: usize, count: i32): void {
  let p = valuesPtr;
  const end = p + ((<usize>count) << 2);
  if (ASC_FEATURE_SIMD) {
    const low = v128.load_splat<f32>(UNIT_TABLE);
    const high = v128.load_splat<f32>(UNIT_TABLE, 4);
    const a = v128.load_splat<f32>(UNIT_TABLE, 8);
    const b = v128.load_splat<f32>(UNIT_TABLE, 12);
    const k = v128.load_splat<f32>(UNIT_TABLE, 16);
    const c = v128.load_splat<f32>(UNIT_TABLE, 20);
    const d = v128.load_splat<f32>(UNIT_TABLE, 24);
    let v = f32x4.pmin(f32x4.pmax(v128.load(p), low), high);
    let w = f32x4.mul(v, v);
    for (; p < end; p += 16) {
      const q = madd4(f32x4.add(w, a), w, b);
      const above = f32x4.mul(v, madd4(q, f32x4.add(w, k), f32x4.sub(c, w)));
      v = f32x4.pmin(f32x4.pmax(v128.load(p, 16), low), high);
      const below = madd4(q, w, d);
      w = f32x4.mul(v, v);
      v128.store(p, f32x4.div(above, below));
    }
  } else {
    for (; p < end; p += 4) store<f32>(p, unitTanh1(load<f32>(p)));
  }
}

/** The same of one number. */
function unitTanh1(x: f32): f32 {
  const v = within1(x, UNIT_LIMIT);
  const w = v * v;
  const q = madd1(w + A, w, B);
  return (v * madd1(q, w + K, C - w)) / madd1(q, w, D);
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
