// A dense layer, y = W x + b, for eight consecutive samples at once. An accumulator holds four samples of one neuron, so an input is one
// unaligned load however its taps lie, and a weight is one broadcast.
//
//              samples n .. n+7
//   input i   [ . . . . | . . . . ]   at  base + offsets[i]  (bytes)
//   neuron j  [ . . . . | . . . . ] += weight[j][i] * input i        8 accumulators: 4 neurons x 2 vectors
//
// A neuron's inputs are added up in their order, starting from its bias. Inputs come in two runs (the taps of the delay line, then controls and
// features), each with its own base, because the first moves with time and the second does not.
//
// Packed weights, written by packDense: groups of four neurons, [group][input][4], f32,
// missing neurons of the last group 0. Biases [group * 4].

import { GROUP, TILE, madd1, madd4, roundUpToGroup } from "./lanes";

/**
 * Rearrange a layer's weights into groups of four neurons.
 * @param weightsPtr f32 x units x inputs, [out, in] as in the model file
 * @param biasPtr f32 x units, or 0 for a layer without biases
 * @param packedPtr f32 x roundUpToGroup(units) * inputs, 16-byte aligned
 * @param packedBiasPtr f32 x roundUpToGroup(units), 16-byte aligned
 */
export function packDense(
  weightsPtr: usize,
  biasPtr: usize,
  units: i32,
  inputs: i32,
  packedPtr: usize,
  packedBiasPtr: usize,
): void {
  const padded = roundUpToGroup(units);
  for (let unit = 0; unit < padded; ++unit) {
    const group = unit / GROUP;
    const lane = unit % GROUP;
    for (let i = 0; i < inputs; ++i) {
      const weight: f32 = unit < units ? load<f32>(weightsPtr + ((<usize>(unit * inputs + i)) << 2)) : 0;
      store<f32>(packedPtr + ((<usize>((group * inputs + i) * GROUP + lane)) << 2), weight);
    }
    const bias: f32 = unit < units && biasPtr != 0 ? load<f32>(biasPtr + ((<usize>unit) << 2)) : 0;
    store<f32>(packedBiasPtr + ((<usize>unit) << 2), bias);
  }
}

/**
 * Compute a layer for eight consecutive samples.
 * @param base1 byte address that the first run's offsets are relative to
 * @param offsets1 i32 x count1, byte offsets of the rows of the first run; a row is f32 x 8
 * @param base2 the same for the second run
 * @param outPtr f32 x roundUpToGroup(units) x 8, [unit][sample], 16-byte aligned
 * Audio thread: allocates nothing.
 */
export function denseTile(
  base1: usize,
  offsets1: usize,
  count1: i32,
  base2: usize,
  offsets2: usize,
  count2: i32,
  packedPtr: usize,
  packedBiasPtr: usize,
  units: i32,
  outPtr: usize,
): void {
  const groups = roundUpToGroup(units) / GROUP;
  let weights = packedPtr;
  let out = outPtr;
  for (let group = 0; group < groups; ++group) {
    const bias = packedBiasPtr + ((<usize>(group * GROUP)) << 2);
    if (ASC_FEATURE_SIMD) {
      let a0 = v128.load_splat<f32>(bias);
      let b0 = a0;
      let a1 = v128.load_splat<f32>(bias, 4);
      let b1 = a1;
      let a2 = v128.load_splat<f32>(bias, 8);
      let b2 = a2;
      let a3 = v128.load_splat<f32>(bias, 12);
      let b3 = a3;

      // the taps, shifted loads straight from the delay line; then controls and features, or nothing
      for (let run = 0; run < 2; ++run) {
        const base = run == 0 ? base1 : base2;
        let offset = run == 0 ? offsets1 : offsets2;
        const end = offset + ((<usize>(run == 0 ? count1 : count2)) << 2);
        while (offset < end) {
          const row = base + load<i32>(offset);
          const x = v128.load(row);
          const y = v128.load(row, 16);
          let w = v128.load_splat<f32>(weights);
          a0 = madd4(w, x, a0);
          b0 = madd4(w, y, b0);
          w = v128.load_splat<f32>(weights, 4);
          a1 = madd4(w, x, a1);
          b1 = madd4(w, y, b1);
          w = v128.load_splat<f32>(weights, 8);
          a2 = madd4(w, x, a2);
          b2 = madd4(w, y, b2);
          w = v128.load_splat<f32>(weights, 12);
          a3 = madd4(w, x, a3);
          b3 = madd4(w, y, b3);
          weights += 16;
          offset += 4;
        }
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
      for (let lane = 0; lane < GROUP; ++lane) {
        denseTileScalarNeuron(
          base1,
          offsets1,
          count1,
          base2,
          offsets2,
          count2,
          weights + ((<usize>lane) << 2),
          load<f32>(bias + ((<usize>lane) << 2)),
          out + ((<usize>(lane * TILE)) << 2),
        );
      }
      weights += (<usize>(count1 + count2)) << 4;
    }
    out += 4 * TILE * GROUP;
  }
}

/** One neuron of denseTile without SIMD: eight accumulators, one per sample. */
function denseTileScalarNeuron(
  base1: usize,
  offsets1: usize,
  count1: i32,
  base2: usize,
  offsets2: usize,
  count2: i32,
  weightsPtr: usize,
  bias: f32,
  out: usize,
): void {
  let s0 = bias;
  let s1 = bias;
  let s2 = bias;
  let s3 = bias;
  let s4 = bias;
  let s5 = bias;
  let s6 = bias;
  let s7 = bias;
  let weights = weightsPtr;
  for (let i = 0; i < count1 + count2; ++i) {
    const row =
      i < count1
        ? base1 + load<i32>(offsets1 + ((<usize>i) << 2))
        : base2 + load<i32>(offsets2 + ((<usize>(i - count1)) << 2));
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
