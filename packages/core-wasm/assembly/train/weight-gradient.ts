// How a dense layer's weights matter: dL/dW[j][i] = sum over samples of delta[j][n] x[i][n]. Rows lie as the tiles of
// `dense.ts` leave them, [tile][row][8], so a row is walked in steps of a tile; taps are rows of the delay line.
// Two neurons by four inputs at a time; a stretch is at most 64 samples, summed in float32 and carried on in float64.
//
// Memory: none of its own; sums in registers, gradients f64 in the caller's.
// Cost: 24 % of a classic string's rollouts and gradients (21-100-1, November 2026); the layers' own
// sums (dense.ts) take 43 %, tanh 13 %.

import { madd4 } from "../lanes";

/**
 * Add a stretch's gradient of a layer's weights.
 * @param deltas f32, row j at deltas + 32 j, `deltaStep` bytes from tile to tile; rows up to an even number are there
 * @param x address that offsets are relative to, `xStep` bytes from tile to tile
 * @param offsets i32 x inputs rounded up to 4, byte offsets of the inputs' rows; what fills up is read, not used
 * @param out f64 x units (rounded up to 2) x stride, added to; stride a multiple of 4, >= inputs
 */
export function addWeightGradient(
  deltas: usize,
  deltaStep: usize,
  units: i32,
  x: usize,
  offsets: usize,
  xStep: usize,
  inputs: i32,
  tiles: i32,
  out: usize,
  stride: i32,
): void {
  const rowBytes = (<usize>stride) << 3;
  for (let j = 0; j < units; j += 2) {
    const outRow = out + <usize>j * rowBytes;
    for (let i = 0; i < inputs; i += 4) {
      const table = offsets + ((<usize>i) << 2);
      let p0 = x + load<i32>(table);
      let p1 = x + load<i32>(table, 4);
      let p2 = x + load<i32>(table, 8);
      let p3 = x + load<i32>(table, 12);
      let d = deltas + ((<usize>j) << 5);
      let a0 = f32x4.splat(0);
      let a1 = a0;
      let a2 = a0;
      let a3 = a0;
      let b0 = a0;
      let b1 = a0;
      let b2 = a0;
      let b3 = a0;
      for (let tile = 0; tile < tiles; ++tile) {
        for (let half: usize = 0; half < 32; half += 16) {
          const a = v128.load(d + half);
          const b = v128.load(d + half, 32);
          let row = v128.load(p0 + half);
          a0 = madd4(a, row, a0);
          b0 = madd4(b, row, b0);
          row = v128.load(p1 + half);
          a1 = madd4(a, row, a1);
          b1 = madd4(b, row, b1);
          row = v128.load(p2 + half);
          a2 = madd4(a, row, a2);
          b2 = madd4(b, row, b2);
          row = v128.load(p3 + half);
          a3 = madd4(a, row, a3);
          b3 = madd4(b, row, b3);
        }
        d += deltaStep;
        p0 += xStep;
        p1 += xStep;
        p2 += xStep;
        p3 += xStep;
      }
      const at = outRow + ((<usize>i) << 3);
      addSums(at, a0, a1, a2, a3);
      addSums(at + rowBytes, b0, b1, b2, b3);
    }
  }
}

/** Add a stretch's gradient of a layer's biases: the sum of each neuron's delta. @param out f64 x units */
export function addBiasGradient(deltas: usize, deltaStep: usize, units: i32, tiles: i32, out: usize): void {
  for (let j = 0; j < units; ++j) {
    let d = deltas + ((<usize>j) << 5);
    let sum = f32x4.splat(0);
    for (let tile = 0; tile < tiles; ++tile) {
      sum = f32x4.add(sum, f32x4.add(v128.load(d), v128.load(d, 16)));
      d += deltaStep;
    }
    const at = out + ((<usize>j) << 3);
    const low = f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1);
    const high = f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3);
    store<f64>(at, load<f64>(at) + <f64>(low + high));
  }
}

/** Add the sum of each vector's lanes to four float64 numbers. */
// @ts-ignore: decorator
@inline
function addSums(out: usize, a: v128, b: v128, c: v128, d: v128): void {
  // transpose and add: lane i of the result is the sum over vector i
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  const low = v128.shuffle<f32>(ab, cd, 0, 1, 4, 5);
  const high = v128.shuffle<f32>(ab, cd, 2, 3, 6, 7);
  const sums = f32x4.add(low, high);
  const last = v128.shuffle<f32>(sums, sums, 2, 3, 2, 3);
  v128.store(out, f64x2.add(v128.load(out), f64x2.promote_low_f32x4(sums)));
  v128.store(out, f64x2.add(v128.load(out, 16), f64x2.promote_low_f32x4(last)), 16);
}
