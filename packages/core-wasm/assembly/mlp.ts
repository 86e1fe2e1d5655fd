// The loop filter of a classic string: a multilayer perceptron from taps, controls and features to one sample.
// Evaluated here for a tile of eight samples at once; loops whose shortest tap does not allow that are evaluated
// sample by sample, in float64 (mlp-precise.ts).
//
//   delay line --taps--\
//                       > dense > activation > ... > dense > activation > w . + b > activation > y
//   controls, features -/
//
// Memory: activations are rows of f32 x 8, one row a neuron, two sets of rows used in turn. Weights: dense.ts; the
// output layer's in the order of the file.
//
// Units: the sums and values of hidden tanhs are in units of their own, and the weights around them, too (activation.ts);
// not in what reads weights for another purpose (mlp-precise.ts, train/classic-gradient.ts).
//
// Cost, tanh included: 14-64-64-1 (5056 MACs per sample) 0.73, 22-100-1 (2300) 0.64, 84-256-1 (21760) 0.83 of this
// core's FMA peak, November 2026 (docs/benchmarks.md). Of 22-100-1's time the multiply-adds take 0.7, tanh a quarter, and
// what surrounds a group of neurons the rest. A width that is not a multiple of four costs as much as the next one that
// is.

import { LINEAR, TANH, TANH_IN, TANH_IN_UNITS, TANH_OUT, activateBlock } from "./activation";
import { allocate } from "./arena";
import { denseTile, packDense, packedBytes } from "./dense";
import { TILE, copySamples, madd1, madd4, roundUpToGroup } from "./lanes";

@unmanaged
export class Layer {
  inputs: i32; // of the first layer with controls and features
  units: i32;
  activation: i32;
  weights: usize; // packed by packDense; the output's behind hidden layers: f32 x roundUpToGroup(inputs)
  bias: f32; // the output's behind hidden layers
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

/** True for hidden layers, and for an output layer that reads the taps, controls and features itself. */
// @ts-ignore: decorator
@inline
export function isPacked(mlp: Mlp, index: i32): bool {
  return index == 0 || index < mlp.layerCount - 1;
}

/**
 * Make a network; its weights are 0 until mlpSetLayer.
 * @param delaysPtr i32 x taps, samples, >= 1
 * @param specPtr i32 x layers x 2: units, activation; the last layer has one unit
 * @param inUnits whether hidden tanhs may have units of their own (activation.ts): where only tiles read the weights
 */
export function createMlp(
  delaysPtr: usize,
  taps: i32,
  extras: i32,
  specPtr: usize,
  layerCount: i32,
  inUnits: bool,
): Mlp {
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
    if (inUnits && i < layerCount - 1 && layer.activation == TANH) layer.activation = TANH_IN_UNITS;
    const packed = isPacked(mlp, i);
    layer.weights = allocate(packed ? packedBytes(layer.units, inputs) : (<usize>roundUpToGroup(inputs)) << 2);
    mostRows = max(mostRows, roundUpToGroup(layer.units));
    inputs = layer.units;
  }

  mlp.rowOffsets = allocate((<usize>mostRows) << 2);
  for (let i = 0; i < mostRows; ++i) {
    store<i32>(mlp.rowOffsets + ((<usize>i) << 2), i * 4 * TILE);
  }
  // one vector more: tanh in units reads it
  const bytes = ((<usize>mostRows) << 2) * TILE + 16;
  mlp.rowsA = allocate(bytes);
  mlp.rowsB = allocate(bytes);
  return mlp;
}

/**
 * Set a layer's parameters.
 * @param weightsPtr f32 x units x inputs, [out, in]
 * @param biasPtr f32 x units, or 0 for none
 */
export function mlpSetLayer(mlp: Mlp, index: i32, weightsPtr: usize, biasPtr: usize): void {
  const layer = layerAt(mlp, index);
  // into the unit of this layer's sums, out of that of the values before
  const sums: f64 = layer.activation == TANH_IN_UNITS ? TANH_IN : 1;
  const values: f64 = index > 0 && layerAt(mlp, index - 1).activation == TANH_IN_UNITS ? TANH_OUT : 1;
  if (isPacked(mlp, index)) {
    const constants = index == 0 ? mlp.extras : 0;
    packDense(weightsPtr, biasPtr, layer.units, layer.inputs, constants, layer.weights, sums * values, sums);
    return;
  }
  for (let i: usize = 0; i < (<usize>layer.inputs) << 2; i += 4) {
    store<f32>(layer.weights + i, <f32>(values * <f64>load<f32>(weightsPtr + i)));
  }
  layer.bias = biasPtr != 0 ? load<f32>(biasPtr) : 0;
}

/** Set a control or feature for all samples from now on. */
export function mlpSetExtra(mlp: Mlp, index: i32, value: f32): void {
  store<f32>(mlp.extraValues + ((<usize>index) << 2), value);
}

/**
 * Compute a layer of packed weights, not yet activated.
 * @param at address of the first sample in the delay line, which the first layer reads
 * @param rows what the layer before gave, which the others read
 * @param outPtr f32 x roundUpToGroup(units) x 8
 */
// @ts-ignore: decorator
@inline
export function mlpLayerTile(mlp: Mlp, index: i32, at: usize, rows: usize, outPtr: usize): void {
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
    mlpLayerTile(mlp, i, at, rows, other);
    activateBlock(layer.activation, other, roundUpToGroup(layer.units) * TILE);
    const swap = rows;
    rows = other;
    other = swap;
  }
  const output = layerAt(mlp, last);
  if (last > 0) {
    outputTile(rows, output.weights, roundUpToGroup(output.inputs), output.bias, outPtr);
  } else {
    mlpLayerTile(mlp, 0, at, rows, other);
    copySamples(other, outPtr, TILE);
  }
  if (output.activation != LINEAR) activateBlock(output.activation, outPtr, TILE);
}

/**
 * The output layer, one neuron: its inputs are summed in four chains (input index modulo 4), added up as
 * (s0 + s1) + (s2 + s3) + bias, so that four additions overlap.
 * @param rows f32 x count x 8
 * @param weightsPtr f32 x count, 16-byte aligned
 * @param count a multiple of 4
 */
export function outputTile(rows: usize, weightsPtr: usize, count: i32, bias: f32, outPtr: usize): void {
  const end = weightsPtr + ((<usize>count) << 2);
  if (ASC_FEATURE_SIMD) {
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let b0 = a0;
    let b1 = a0;
    let b2 = a0;
    let b3 = a0;
    let row = rows;
    for (let w = weightsPtr; w < end; w += 16) {
      let x = v128.load_splat<f32>(w);
      a0 = madd4(x, v128.load(row), a0);
      b0 = madd4(x, v128.load(row, 16), b0);
      x = v128.load_splat<f32>(w, 4);
      a1 = madd4(x, v128.load(row, 32), a1);
      b1 = madd4(x, v128.load(row, 48), b1);
      if (w == 0) break; // never taken: see shifted-sums.ts
      x = v128.load_splat<f32>(w, 8);
      a2 = madd4(x, v128.load(row, 64), a2);
      b2 = madd4(x, v128.load(row, 80), b2);
      x = v128.load_splat<f32>(w, 12);
      a3 = madd4(x, v128.load(row, 96), a3);
      b3 = madd4(x, v128.load(row, 112), b3);
      row += 128;
    }
    const c = f32x4.splat(bias);
    v128.store(outPtr, f32x4.add(f32x4.add(f32x4.add(a0, a1), f32x4.add(a2, a3)), c));
    v128.store(outPtr, f32x4.add(f32x4.add(f32x4.add(b0, b1), f32x4.add(b2, b3)), c), 16);
  } else {
    for (let lane: usize = 0; lane < 32; lane += 4) {
      let s0: f32 = 0;
      let s1: f32 = 0;
      let s2: f32 = 0;
      let s3: f32 = 0;
      let row = rows + lane;
      for (let w = weightsPtr; w < end; w += 16) {
        s0 = madd1(load<f32>(w), load<f32>(row), s0);
        s1 = madd1(load<f32>(w, 4), load<f32>(row, 32), s1);
        s2 = madd1(load<f32>(w, 8), load<f32>(row, 64), s2);
        s3 = madd1(load<f32>(w, 12), load<f32>(row, 96), s3);
        row += 128;
      }
      store<f32>(outPtr + lane, s0 + s1 + (s2 + s3) + bias);
    }
  }
}
