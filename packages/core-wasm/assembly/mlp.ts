// The loop filter of a classic string: a multilayer perceptron from taps, controls and features to one sample.
// Evaluated here for a tile of eight samples at once; loops whose shortest tap does not allow that are evaluated
// sample by sample, in float64 (mlp-precise.ts).
//
//   delay line --taps--\
//                       > dense > act > ... > dense > act . w + b > act > y
//   controls, features -/                     \____ one pass ____/
//
// Memory: rows of activations are f32 x 8, one row a neuron, two sets of rows used in turn.

import { TANH, activate1, activate4, activateBlock, tanh4 } from "./activation";
import { allocate } from "./arena";
import { denseTile, packDense } from "./dense";
import { TILE, madd1, madd4, roundUpToGroup } from "./lanes";

@unmanaged
export class Layer {
  inputs: i32;
  units: i32;
  activation: i32;
  weights: usize; // packed by packDense; the output layer's: f32 x roundUpToGroup(inputs), in order
  biases: usize; // f32 x roundUpToGroup(units)
}

@unmanaged
export class Mlp {
  layers: usize; // Layer x layerCount
  layerCount: i32;
  taps: i32;
  extras: i32; // controls and features
  tapOffsets: usize; // i32 x taps: -4 * delay
  extraRows: usize; // f32 x extras x 8
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

  mlp.tapOffsets = allocate((<usize>taps) << 2);
  for (let i = 0; i < taps; ++i) {
    const at = (<usize>i) << 2;
    store<i32>(mlp.tapOffsets + at, -4 * load<i32>(delaysPtr + at));
  }
  mlp.extraRows = allocate(((<usize>extras) << 2) * TILE);

  let inputs = taps + extras;
  let mostRows = extras;
  for (let i = 0; i < layerCount; ++i) {
    const layer = layerAt(mlp, i);
    layer.inputs = inputs;
    layer.units = load<i32>(specPtr + ((<usize>i) << 3));
    layer.activation = load<i32>(specPtr + ((<usize>i) << 3), 4);
    const isOutput = i == layerCount - 1;
    const weights = isOutput ? roundUpToGroup(inputs) : roundUpToGroup(layer.units) * inputs;
    layer.weights = allocate((<usize>weights) << 2);
    layer.biases = allocate((<usize>roundUpToGroup(layer.units)) << 2);
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
    packDense(weightsPtr, biasPtr, layer.units, layer.inputs, layer.weights, layer.biases);
    return;
  }
  memory.copy(layer.weights, weightsPtr, (<usize>layer.inputs) << 2);
  store<f32>(layer.biases, biasPtr != 0 ? load<f32>(biasPtr) : 0);
}

/** Set a control or feature for all samples from now on. */
export function mlpSetExtra(mlp: Mlp, index: i32, value: f32): void {
  const row = mlp.extraRows + ((<usize>index) << 2) * TILE;
  for (let i: usize = 0; i < <usize>TILE; ++i) store<f32>(row + (i << 2), value);
}

/**
 * Evaluate the network for the eight samples from `at`.
 * @param at address of the first sample in the delay line
 * @param outPtr f32 x 8, 16-byte aligned
 * Audio thread: allocates nothing.
 */
export function mlpTile(mlp: Mlp, at: usize, outPtr: usize): void {
  const last = mlp.layerCount - 1;
  const output = layerAt(mlp, last);
  if (last == 0) {
    tapOutputTile(mlp, at, output, outPtr);
  } else {
    const first = layerAt(mlp, 0);
    let rows = mlp.rowsA;
    let other = mlp.rowsB;
    denseTile(
      at, mlp.tapOffsets, mlp.taps,
      mlp.extraRows, mlp.rowOffsets, mlp.extras,
      first.weights, first.biases, first.units, rows,
    );
    for (let i = 1; i < last; ++i) {
      const before = layerAt(mlp, i - 1);
      const layer = layerAt(mlp, i);
      activateBlock(before.activation, rows, roundUpToGroup(before.units) * TILE);
      denseTile(
        rows, mlp.rowOffsets, layer.inputs,
        0, 0, 0,
        layer.weights, layer.biases, layer.units, other,
      );
      const swap = rows;
      rows = other;
      other = swap;
    }
    hiddenOutputTile(rows, layerAt(mlp, last - 1), output, outPtr);
  }
  activateBlock(output.activation, outPtr, TILE);
}

// The output layer sums its inputs in four chains (input index modulo 4), added up as (s0 + s1) + (s2 + s3) + bias,
// so that four additions overlap.

/** Activate the last hidden layer's rows and take their dot product with the output weights, in one pass. */
function hiddenOutputTile(rows: usize, hidden: Layer, output: Layer, outPtr: usize): void {
  const count = roundUpToGroup(hidden.units);
  const kind = hidden.activation;
  if (ASC_FEATURE_SIMD) {
    const bias = v128.load_splat<f32>(output.biases);
    for (let half: usize = 0; half < 32; half += 16) {
      let s0 = f32x4.splat(0);
      let s1 = s0;
      let s2 = s0;
      let s3 = s0;
      let row = rows + half;
      let w = output.weights;
      const end = w + ((<usize>count) << 2);
      if (kind == TANH) {
        while (w < end) {
          s0 = madd4(v128.load_splat<f32>(w), tanh4(v128.load(row)), s0);
          s1 = madd4(v128.load_splat<f32>(w, 4), tanh4(v128.load(row, 32)), s1);
          s2 = madd4(v128.load_splat<f32>(w, 8), tanh4(v128.load(row, 64)), s2);
          s3 = madd4(v128.load_splat<f32>(w, 12), tanh4(v128.load(row, 96)), s3);
          row += 128;
          w += 16;
        }
      } else {
        while (w < end) {
          s0 = madd4(v128.load_splat<f32>(w), activate4(kind, v128.load(row)), s0);
          s1 = madd4(v128.load_splat<f32>(w, 4), activate4(kind, v128.load(row, 32)), s1);
          s2 = madd4(v128.load_splat<f32>(w, 8), activate4(kind, v128.load(row, 64)), s2);
          s3 = madd4(v128.load_splat<f32>(w, 12), activate4(kind, v128.load(row, 96)), s3);
          row += 128;
          w += 16;
        }
      }
      const sum = f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3));
      v128.store(outPtr + half, f32x4.add(sum, bias));
    }
  } else {
    for (let n: usize = 0; n < <usize>TILE; ++n) {
      const sum = scalarOutput(rows + (n << 2), 4 * TILE, kind, output.weights, count);
      store<f32>(outPtr + (n << 2), sum + load<f32>(output.biases));
    }
  }
}

/** One sample's output sum without SIMD; `stride` is the distance of neighbouring neurons in bytes. */
function scalarOutput(from: usize, stride: usize, kind: i32, weights: usize, count: i32): f32 {
  let s0: f32 = 0;
  let s1: f32 = 0;
  let s2: f32 = 0;
  let s3: f32 = 0;
  let p = from;
  for (let j: usize = 0; j < ((<usize>count) << 2); j += 16) {
    s0 = madd1(load<f32>(weights + j), activate1(kind, load<f32>(p)), s0);
    s1 = madd1(load<f32>(weights + j, 4), activate1(kind, load<f32>(p + stride)), s1);
    s2 = madd1(load<f32>(weights + j, 8), activate1(kind, load<f32>(p + 2 * stride)), s2);
    s3 = madd1(load<f32>(weights + j, 12), activate1(kind, load<f32>(p + 3 * stride)), s3);
    p += 4 * stride;
  }
  return s0 + s1 + (s2 + s3);
}

/** A network without hidden layers: the output layer reads the taps, controls and features themselves. */
function tapOutputTile(mlp: Mlp, at: usize, output: Layer, outPtr: usize): void {
  const inputs = mlp.taps + mlp.extras;
  for (let half: usize = 0; half < 32; half += 16) {
    if (ASC_FEATURE_SIMD) {
      let s0 = f32x4.splat(0);
      let s1 = s0;
      let s2 = s0;
      let s3 = s0;
      for (let i = 0; i < inputs; ++i) {
        const x = v128.load(inputRow(mlp, at, i) + half);
        const w = v128.load_splat<f32>(output.weights + ((<usize>i) << 2));
        const chain = i & 3;
        if (chain == 0) s0 = madd4(w, x, s0);
        else if (chain == 1) s1 = madd4(w, x, s1);
        else if (chain == 2) s2 = madd4(w, x, s2);
        else s3 = madd4(w, x, s3);
      }
      const sum = f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3));
      v128.store(outPtr + half, f32x4.add(sum, v128.load_splat<f32>(output.biases)));
    } else {
      for (let lane: usize = half; lane < half + 16; lane += 4) {
        let s0: f32 = 0;
        let s1: f32 = 0;
        let s2: f32 = 0;
        let s3: f32 = 0;
        for (let i = 0; i < inputs; ++i) {
          const x = load<f32>(inputRow(mlp, at, i) + lane);
          const w = load<f32>(output.weights + ((<usize>i) << 2));
          const chain = i & 3;
          if (chain == 0) s0 = madd1(w, x, s0);
          else if (chain == 1) s1 = madd1(w, x, s1);
          else if (chain == 2) s2 = madd1(w, x, s2);
          else s3 = madd1(w, x, s3);
        }
        store<f32>(outPtr + lane, s0 + s1 + (s2 + s3) + load<f32>(output.biases));
      }
    }
  }
}

/** Address of input i for the tile at `at`: f32 x 8. */
// @ts-ignore: decorator
@inline
function inputRow(mlp: Mlp, at: usize, i: i32): usize {
  if (i < mlp.taps) return at + <usize>load<i32>(mlp.tapOffsets + ((<usize>i) << 2));
  return mlp.extraRows + <usize>load<i32>(mlp.rowOffsets + ((<usize>(i - mlp.taps)) << 2));
}
