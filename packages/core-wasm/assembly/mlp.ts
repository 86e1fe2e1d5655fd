// The loop filter of a classic string: a multilayer perceptron from taps, controls and features to one sample.
// Evaluated here for a tile of eight samples at once; loops whose shortest tap does not allow that are evaluated
// sample by sample, in float64 (mlp-precise.ts).
//
//   delay line --taps--\
//                       > dense > activation > ... > dense > activation > w . + b > activation > y
//   controls, features -/
//
// Layout: activations are rows of f32 x 8, one row a neuron, two sets of rows used in turn. Weights: dense.ts; the
// output layer's are as in the file.
//
// Cost, tanh included: 14-64-64-1 (5056 MACs per sample) 0.67, 22-100-1 (2300) 0.60, 84-256-1 (21760) 0.84 of this
// core's FMA peak, August 2026. A width that is not a multiple of four costs as much as the next one that is.

import { activateBlock } from "./activation";
import { allocate } from "./arena";
import { denseTile, packDense, packedBytes } from "./dense";
import { TILE, madd1, madd4, roundUpToGroup } from "./lanes";

@unmanaged
export class Layer {
  inputs: i32; // of the first layer with controls and features
  units: i32;
  activation: i32;
  weights: usize; // packed by packDense; the output layer's: f32 x inputs
  bias: f32; // the output layer's
}

@unmanaged
export class Mlp {
  layers: usize; // Layer x layerCount
  layerCount: i32;
  taps: i32;
  extras: i32; // controls and features
  extraValues: usize; // f32 x extras
  tapOffsets: usize; // i32 x taps: -4 * delay
  rowOffsets: usize; // i32 x most rows: 32 * row
  rowsA: usize;
  rowsB: usize;
}

// @ts-ignore: decorator
@inline
export function layerAt(mlp: Mlp, index: i32): Layer {
  return changetype<Layer>(mlp.layers + <usize>index * offsetof<Layer>());
}

/**
 * Make a network; its weights are 0 until mlpSetLayer.
 * @param delaysPtr i32 x taps, samples, >= 1
 * @param specPtr i32 x layers x 2: units, activation; the last layer has one unit
 */
export function createMlp(delaysPtr: usize, taps: i32, extras: i32, specPtr: usize, layerCount: i32): Mlp {
  const mlp = changetype<Mlp>(allocate(offsetof<Mlp>()));
  mlp.layers = allocate(<usize>layerCount * offsetof<Layer>());
  mlp.layerCount = layerCount;
  mlp.taps = taps;
  mlp.extras = extras;
  mlp.extraValues = allocate((<usize>extras) << 2);

  mlp.tapOffsets = allocate((<usize>taps) << 2);
  for (let i = 0; i < taps; ++i) {
    const at = (<usize>i) << 2;
    store<i32>(mlp.tapOffsets + at, -4 * load<i32>(delaysPtr + at));
  }

  let inputs = taps + extras;
  let mostRows = 0;
  for (let i = 0; i < layerCount; ++i) {
    const layer = layerAt(mlp, i);
    layer.inputs = inputs;
    layer.units = load<i32>(specPtr + ((<usize>i) << 3));
    layer.activation = load<i32>(specPtr + ((<usize>i) << 3), 4);
    const isOutput = i == layerCount - 1;
    layer.weights = allocate(isOutput ? (<usize>inputs) << 2 : packedBytes(layer.units, inputs));
    mostRows = max(mostRows, roundUpToGroup(layer.units));
    inputs = layer.units;
  }

  mlp.rowOffsets = allocate((<usize>mostRows) << 2);
  for (let i = 0; i < mostRows; ++i) {
    store<i32>(mlp.rowOffsets + ((<usize>i) << 2), i * 4 * TILE);
  }
  mlp.rowsA = allocate(((<usize>mostRows) << 2) * TILE);
  mlp.rowsB = allocate(((<usize>mostRows) << 2) * TILE);
  return mlp;
}

/**
 * Set a layer's parameters.
 * @param weightsPtr f32 x units x inputs, [out, in]
 * @param biasPtr f32 x units, or 0 for none
 */
export function mlpSetLayer(mlp: Mlp, index: i32, weightsPtr: usize, biasPtr: usize): void {
  const layer = layerAt(mlp, index);
  if (index < mlp.layerCount - 1) {
    const constants = index == 0 ? mlp.extras : 0;
    packDense(weightsPtr, biasPtr, layer.units, layer.inputs, constants, layer.weights);
    return;
  }
  memory.copy(layer.weights, weightsPtr, (<usize>layer.inputs) << 2);
  layer.bias = biasPtr != 0 ? load<f32>(biasPtr) : 0;
}

/** Set a control or feature for all samples from now on. */
export function mlpSetExtra(mlp: Mlp, index: i32, value: f32): void {
  store<f32>(mlp.extraValues + ((<usize>index) << 2), value);
}

/** Compute a hidden layer, not yet activated. @param at the samples in the delay line @param rows the layer before's */
export function mlpHiddenTile(mlp: Mlp, index: i32, at: usize, rows: usize, outPtr: usize): void {
  const layer = layerAt(mlp, index);
  if (index == 0) {
    const values = mlp.extraValues;
    denseTile(at, mlp.tapOffsets, mlp.taps, values, mlp.extras, layer.weights, layer.units, outPtr);
  } else {
    denseTile(rows, mlp.rowOffsets, layer.inputs, 0, 0, layer.weights, layer.units, outPtr);
  }
}

/**
 * Evaluate the network for the eight samples from `at`.
 * @param at address of the first sample in the delay line
 * @param outPtr f32 x 8, 16-byte aligned
 * Audio thread: allocates nothing.
 */
export function mlpTile(mlp: Mlp, at: usize, outPtr: usize): void {
  const last = mlp.layerCount - 1;
  let rows = mlp.rowsA;
  let other = mlp.rowsB;
  for (let i = 0; i < last; ++i) {
    const layer = layerAt(mlp, i);
    mlpHiddenTile(mlp, i, at, rows, other);
    activateBlock(layer.activation, other, roundUpToGroup(layer.units) * TILE);
    const swap = rows;
    rows = other;
    other = swap;
  }
  const output = layerAt(mlp, last);
  if (last > 0) {
    outputTile(rows, mlp.rowOffsets, output.inputs, output.weights, output.bias, outPtr);
  } else {
    // a network without hidden layers: the output layer reads the taps, controls and features themselves
    let bias = output.bias;
    for (let i = 0; i < mlp.extras; ++i) {
      const weight = load<f32>(output.weights + ((<usize>(mlp.taps + i)) << 2));
      bias = madd1(weight, load<f32>(mlp.extraValues + ((<usize>i) << 2)), bias);
    }
    outputTile(at, mlp.tapOffsets, mlp.taps, output.weights, bias, outPtr);
  }
  activateBlock(output.activation, outPtr, TILE);
}

/**
 * The output layer, one neuron: its inputs are summed in four chains (input index modulo 4; what is left of the last
 * four goes to the first), added up as (s0 + s1) + (s2 + s3) + bias, so that four additions overlap.
 */
function outputTile(
  base: usize,
  offsets: usize,
  count: i32,
  weightsPtr: usize,
  bias: f32,
  outPtr: usize,
): void {
  const fours = offsets + ((<usize>(count & ~3)) << 2);
  const end = offsets + ((<usize>count) << 2);
  if (ASC_FEATURE_SIMD) {
    for (let half: usize = 0; half < 32; half += 16) {
      const from = base + half;
      let s0 = f32x4.splat(0);
      let s1 = s0;
      let s2 = s0;
      let s3 = s0;
      let w = weightsPtr;
      let offset = offsets;
      for (; offset < fours; offset += 16) {
        s0 = madd4(v128.load_splat<f32>(w), v128.load(from + load<i32>(offset)), s0);
        s1 = madd4(v128.load_splat<f32>(w, 4), v128.load(from + load<i32>(offset, 4)), s1);
        s2 = madd4(v128.load_splat<f32>(w, 8), v128.load(from + load<i32>(offset, 8)), s2);
        s3 = madd4(v128.load_splat<f32>(w, 12), v128.load(from + load<i32>(offset, 12)), s3);
        w += 16;
      }
      for (; offset < end; offset += 4) {
        s0 = madd4(v128.load_splat<f32>(w), v128.load(from + load<i32>(offset)), s0);
        w += 4;
      }
      const sum = f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3));
      v128.store(outPtr + half, f32x4.add(sum, f32x4.splat(bias)));
    }
  } else {
    for (let lane: usize = 0; lane < 32; lane += 4) {
      const from = base + lane;
      let s0: f32 = 0;
      let s1: f32 = 0;
      let s2: f32 = 0;
      let s3: f32 = 0;
      let w = weightsPtr;
      let offset = offsets;
      for (; offset < fours; offset += 16) {
        s0 = madd1(load<f32>(w), load<f32>(from + load<i32>(offset)), s0);
        s1 = madd1(load<f32>(w, 4), load<f32>(from + load<i32>(offset, 4)), s1);
        s2 = madd1(load<f32>(w, 8), load<f32>(from + load<i32>(offset, 8)), s2);
        s3 = madd1(load<f32>(w, 12), load<f32>(from + load<i32>(offset, 12)), s3);
        w += 16;
      }
      for (; offset < end; offset += 4) {
        s0 = madd1(load<f32>(w), load<f32>(from + load<i32>(offset)), s0);
        w += 4;
      }
      store<f32>(outPtr + lane, s0 + s1 + (s2 + s3) + bias);
    }
  }
}
