// A dense layer, y = W x + b, for eight consecutive samples at once. An accumulator holds four samples of one neuron,
// so an input is two unaligned loads however its taps lie, and a weight is one broadcast.
//
//              samples n .. n+7
//   input i   [ . . . . | . . . . ]   at  base + offsets[i]  (bytes)
//   neuron j  [ . . . . | . . . . ] += weight[j][i] * input i        8 accumulators: 4 neurons x 2 vectors
//
// The taps of a delay line are such inputs as they lie there, so nothing is gathered. Controls and features are the
// same for all eight samples: they are added to the bias. A neuron's sum starts there and takes its inputs in order.
//
// Layout of packed weights, written by packDense: groups of four neurons, each [1 + constants + inputs][4] f32: their
// biases, the weights of the constants, the weights of the inputs. Neurons missing in the last group are 0.
//
// Cost: one MAC per weight and sample; at 64 inputs 0.97 of this core's FMA peak (simd 0.74), at 22 inputs 0.9 (0.7),
// every group costs the time of some 18 multiply-adds besides, November 2026. V8 unrolls the loop over inputs twice; by
// hand it is 1 to 4 % slower.

import { GROUP, TILE, madd1, madd4, roundUpToGroup } from "./lanes";

/** Bytes of a layer's packed weights; inputs: constants included. */
export function packedBytes(units: i32, inputs: i32): usize {
  return (<usize>(roundUpToGroup(units) * (1 + inputs))) << 2;
}

/**
 * Rearrange a layer's weights into groups of four neurons.
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
  const moving = inputs - constants;
  const padded = roundUpToGroup(units);
  for (let unit = 0; unit < padded; ++unit) {
    const column = packedColumn(packedPtr, inputs, unit);
    for (let i = -1; i < inputs; ++i) {
      const from = i < 0 ? biasPtr : weightsPtr + ((<usize>(unit * inputs)) << 2);
      let weight: f64 = 0;
      if (unit < units && from != 0) weight = <f64>load<f32>(from + ((<usize>(i < 0 ? unit : i)) << 2));
      const row = i < 0 ? 0 : i < moving ? 1 + constants + i : 1 + i - moving;
      store<f32>(column + ((<usize>row) << 4), <f32>(weight * (i < 0 ? biasScale : scale)));
    }
  }
}

/** Address of a neuron's bias in packed weights; its next number lies 16 bytes further. */
// @ts-ignore: decorator
@inline
export function packedColumn(packedPtr: usize, inputs: i32, unit: i32): usize {
  return packedPtr + ((<usize>((unit / GROUP) * (1 + inputs) * GROUP + (unit % GROUP))) << 2);
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
  let weights = packedPtr;
  const last = outPtr + ((<usize>roundUpToGroup(units)) << 5);
  for (let out = outPtr; out < last; out += 4 * TILE * GROUP) {
    if (ASC_FEATURE_SIMD) {
      let bias = v128.load(weights);
      weights += 16;
      for (let i = 0; i < constants; ++i) {
        bias = madd4(v128.load(weights), v128.load_splat<f32>(constantsPtr + ((<usize>i) << 2)), bias);
        weights += 16;
      }
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
        scalarNeuron(base, offsets, end, constantsPtr, constants, weights + lane, out + 8 * lane);
      }
      weights += (<usize>(1 + constants + count)) << 4;
    }
  }
}

/** One neuron of denseTile without SIMD: eight accumulators, one per sample. */
function scalarNeuron(
  base: usize,
  offsets: usize,
  end: usize,
  constantsPtr: usize,
  constants: i32,
  column: usize,
  out: usize,
): void {
  let weights = column + 16;
  let s0 = load<f32>(column);
  for (let i = 0; i < constants; ++i) {
    s0 = madd1(load<f32>(weights), load<f32>(constantsPtr + ((<usize>i) << 2)), s0);
    weights += 16;
  }
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
