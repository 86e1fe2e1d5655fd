// A dense layer, y = W x + b, for eight consecutive samples at once. An accumulator holds four samples of one neuron,
// so an input is two unaligned loads however its taps lie, and a weight is one broadcast.
//
//              samples n .. n+7
//   input i   [ . . . . | . . . . ]   at  base + offsets[i]  (bytes)
//   neuron j  [ . . . . | . . . . ] += weight[j][i] * input i        8 accumulators: 4 neurons x 2 vectors
//
// The taps of a delay line are such inputs as they lie there, so nothing is gathered. Controls and features are the
// same for all eight samples: they are added to the biases first, all neurons' at once. A neuron's sum starts there and
// takes its inputs in order.
//
// Memory: packed weights, written by packDense: rows of f32 x units (rounded up to four), the biases and the weights
// of each constant; then groups of four neurons, each [inputs][4] f32. Neurons missing in the last group are 0.
//
// Cost: one MAC per weight and sample; at 64 inputs 0.98 of this core's FMA peak (simd 0.74), at 22 inputs 0.93 (0.7),
// every group costs the time of some 14 multiply-adds besides (AMD EPYC, November 2026). V8 unrolls the loop over
// inputs twice; by hand it is 1 to 4 % slower. Constants added group by group cost a network without any 1.6 %.

import { GROUP, TILE, madd1, madd4, roundUpToGroup } from "./lanes";

/** Bytes of a layer's packed weights; inputs: constants included. */
export function packedBytes(units: i32, inputs: i32): usize {
  return (<usize>(roundUpToGroup(units) * (1 + inputs))) << 2;
}

/**
 * Rearrange a layer's weights: rows of biases and constants' weights, then groups of four neurons.
 * @param weightsPtr f32 x units x inputs, [out, in] as in the model file, constants last
 * @param biasPtr f32 x units, or 0 for a layer without biases
 * @param constants how many of the inputs do not move with time
 * @param packedPtr packedBytes(units, inputs), 16-byte aligned
 * @param scale factor on the weights @param biasScale factor on the biases
 */
export function packDense(
  weightsPtr: usize,
  biasPtr: usize,
  units: i32,
  inputs: i32,
  constants: i32,
  packedPtr: usize,
  scale: f64 = 1,
  biasScale: f64 = 1,
): void {
  const row = rowBytes(units);
  const moving = inputs - constants;
  for (let unit = 0; unit < roundUpToGroup(units); ++unit) {
    const head = packedPtr + ((<usize>unit) << 2);
    const column = packedPtr + packedColumn(units, moving, constants, unit);
    for (let i = -1; i < inputs; ++i) {
      const from = i < 0 ? biasPtr : weightsPtr + ((<usize>(unit * inputs)) << 2);
      let weight: f64 = 0;
      if (unit < units && from != 0) weight = <f64>load<f32>(from + ((<usize>(i < 0 ? unit : i)) << 2));
      const isHead = i < 0 || i >= moving;
      const at = isHead ? head + <usize>(i < 0 ? 0 : 1 + i - moving) * row : column + ((<usize>i) << 4);
      store<f32>(at, <f32>(weight * (i < 0 ? biasScale : scale)));
    }
  }
}

/** Bytes of a row of packed weights: one number a neuron. */
// @ts-ignore: decorator
@inline
export function rowBytes(units: i32): usize {
  return (<usize>roundUpToGroup(units)) << 2;
}

/** Bytes from packed weights to a neuron's first input's; its next lies 16 bytes further. */
// @ts-ignore: decorator
@inline
export function packedColumn(units: i32, moving: i32, constants: i32, unit: i32): usize {
  const group = (<usize>((unit / GROUP) * moving * GROUP + (unit % GROUP))) << 2;
  return <usize>(1 + constants) * rowBytes(units) + group;
}

/**
 * Compute a layer for eight consecutive samples.
 * @param base byte address that the offsets are relative to
 * @param offsets i32 x count, byte offsets of the inputs' rows; a row is f32 x 8
 * @param constantsPtr f32 x constants, inputs that are the same for all samples
 * @param outPtr f32 x roundUpToGroup(units) x 8, [unit][sample], 16-byte aligned
 * Audio thread: allocates nothing.
 */
export function denseTile(
  base: usize,
  offsets: usize,
  count: i32,
  constantsPtr: usize,
  constants: i32,
  packedPtr: usize,
  units: i32,
  outPtr: usize,
): void {
  const end = offsets + ((<usize>count) << 2);
  const row = rowBytes(units);
  const last = outPtr + TILE * row;
  let weights = packedPtr + <usize>(1 + constants) * row;
  let biases = packedPtr;
  if (constants > 0) {
    // to the end of the results' room: no group's results reach the biases of those behind it
    biases = last - row;
    addConstants(packedPtr, row, constantsPtr, constants, biases);
  }
  for (let out = outPtr; out < last; out += 4 * TILE * GROUP) {
    if (ASC_FEATURE_SIMD) {
      const bias = v128.load(biases);
      let a0 = v128.shuffle<f32>(bias, bias, 0, 0, 0, 0);
      let b0 = a0;
      let a1 = v128.shuffle<f32>(bias, bias, 1, 1, 1, 1);
      let b1 = a1;
      let a2 = v128.shuffle<f32>(bias, bias, 2, 2, 2, 2);
      let b2 = a2;
      let a3 = v128.shuffle<f32>(bias, bias, 3, 3, 3, 3);
      let b3 = a3;
      for (let offset = offsets; offset < end; offset += 4) {
        const row = base + load<i32>(offset);
        const x = v128.load(row);
        const y = v128.load(row, 16);
        let w = v128.load_splat<f32>(weights);
        a0 = madd4(w, x, a0);
        b0 = madd4(w, y, b0);
        w = v128.load_splat<f32>(weights, 4);
        a1 = madd4(w, x, a1);
        b1 = madd4(w, y, b1);
        // never taken, as in shifted-sums.ts, it keeps sums in registers where products need some too
        if (!ASC_FEATURE_RELAXED_SIMD && weights == 0) break;
        w = v128.load_splat<f32>(weights, 8);
        a2 = madd4(w, x, a2);
        b2 = madd4(w, y, b2);
        w = v128.load_splat<f32>(weights, 12);
        a3 = madd4(w, x, a3);
        b3 = madd4(w, y, b3);
        weights += 16;
      }
      v128.store(out, a0);
      v128.store(out, b0, 16);
      v128.store(out, a1, 32);
      v128.store(out, b1, 48);
      v128.store(out, a2, 64);
      v128.store(out, b2, 80);
      v128.store(out, a3, 96);
      v128.store(out, b3, 112);
    } else {
      for (let lane: usize = 0; lane < 16; lane += 4) {
        scalarNeuron(base, offsets, end, load<f32>(biases + lane), weights + lane, out + 8 * lane);
      }
      weights += (<usize>count) << 4;
    }
    biases += 4 * GROUP;
  }
}

/** Add to the biases what the constants say, a row (of so many bytes) of each. */
function addConstants(packedPtr: usize, row: usize, constantsPtr: usize, constants: i32, outPtr: usize): void {
  memory.copy(outPtr, packedPtr, row);
  for (let i = 1; i <= constants; ++i) {
    const weights = packedPtr + <usize>i * row;
    const value = load<f32>(constantsPtr + ((<usize>(i - 1)) << 2));
    for (let at: usize = 0; at < row; at += 16) {
      if (ASC_FEATURE_SIMD) {
        const sum = madd4(v128.load(weights + at), f32x4.splat(value), v128.load(outPtr + at));
        v128.store(outPtr + at, sum);
      } else {
        for (let p = at; p < at + 16; p += 4) {
          store<f32>(outPtr + p, madd1(load<f32>(weights + p), value, load<f32>(outPtr + p)));
        }
      }
    }
  }
}

/** One neuron of denseTile without SIMD: eight accumulators, one per sample. */
function scalarNeuron(
  base: usize,
  offsets: usize,
  end: usize,
  bias: f32,
  column: usize,
  out: usize,
): void {
  let weights = column;
  let s0 = bias;
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let s4 = s0;
  let s5 = s0;
  let s6 = s0;
  let s7 = s0;
  for (let offset = offsets; offset < end; offset += 4) {
    const row = base + load<i32>(offset);
    const w = load<f32>(weights);
    s0 = madd1(w, load<f32>(row), s0);
    s1 = madd1(w, load<f32>(row, 4), s1);
    s2 = madd1(w, load<f32>(row, 8), s2);
    s3 = madd1(w, load<f32>(row, 12), s3);
    s4 = madd1(w, load<f32>(row, 16), s4);
    s5 = madd1(w, load<f32>(row, 20), s5);
    s6 = madd1(w, load<f32>(row, 24), s6);
    s7 = madd1(w, load<f32>(row, 28), s7);
    weights += 16;
  }
  store<f32>(out, s0);
  store<f32>(out, s1, 4);
  store<f32>(out, s2, 8);
  store<f32>(out, s3, 12);
  store<f32>(out, s4, 16);
  store<f32>(out, s5, 20);
  store<f32>(out, s6, 24);
  store<f32>(out, s7, 28);
}
