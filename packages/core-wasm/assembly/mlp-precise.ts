// The same network for one sample at a time, in float64 with a float64 tanh: for loops with taps one, two or three
// samples back. Such a loop is a recursive filter with poles near the unit circle, which multiplies every rounding
// error by hundreds (float32 with the rational tanh came to -69 dB of the reference where -80 is asked; this way
// it is the reference). They cannot run in tiles anyway, and are too small for speed to matter.
//
//   (at64) float64 line --taps--> unit 0, 1, ..., each its bias, extras, inputs in order --> ... --> y, rounded once
//
// Memory: a float64 line beside the float32 one; two sets of values, f64 x the widest layer. Weights as in dense.ts.
// Cost: one float64 multiply-add after the other, some 30 times that of tiles: docs/benchmarks.md, the shortest delay.

import { LINEAR, RELU, tanhDouble } from "./activation";
import { packedColumn, rowBytes } from "./dense";
import { GROUP, isAudible1 } from "./lanes";
import { Mlp, isPacked, layerAt } from "./mlp";

/**
 * Evaluate the network for one sample.
 * @param at address of the sample in the float64 delay line
 * Audio thread: allocates nothing.
 */
export function mlpPrecise(mlp: Mlp, at: usize): f64 {
  const last = mlp.layerCount - 1;
  // rows of f32 x 8 have room for as many float64
  let values = mlp.rowsA;
  let other = mlp.rowsB;
  for (let i = 0; i < last; ++i) {
    const layer = layerAt(mlp, i);
    for (let unit = 0; unit < layer.units; ++unit) {
      const sum = unitSum(mlp, i, at, values, unit);
      store<f64>(other + ((<usize>unit) << 3), activate(layer.activation, sum));
    }
    const swap = values;
    values = other;
    other = swap;
  }
  const output = layerAt(mlp, last);
  return activate(output.activation, unitSum(mlp, last, at, values, 0));
}

/**
 * One neuron's sum: its bias, then controls and features, then what moves with time. The first layer reads the taps, the
 * others the layer before.
 */
function unitSum(mlp: Mlp, index: i32, at: usize, values: usize, unit: i32): f64 {
  const layer = layerAt(mlp, index);
  const extras = index == 0 ? mlp.extras : 0;
  const moving = layer.inputs - extras;
  const packed = isPacked(mlp, index);
  let weight = layer.weights;
  let stride: usize = 4;
  let sum = <f64>layer.bias;
  if (packed) {
    let head = weight + ((<usize>unit) << 2);
    sum = <f64>load<f32>(head);
    for (let i = 0; i < extras; ++i) {
      head += rowBytes(layer.units);
      sum += <f64>load<f32>(head) * <f64>load<f32>(mlp.extraValues + ((<usize>i) << 2));
    }
    weight += packedColumn(layer.units, moving, extras, unit);
    stride = 4 * GROUP;
  }
  for (let i = 0; i < moving; ++i) {
    sum += <f64>load<f32>(weight) * (index == 0 ? tap(mlp, at, i) : load<f64>(values + ((<usize>i) << 3)));
    weight += stride;
  }
  return sum;
}

/** Tap i of the float64 line. */
// @ts-ignore: decorator
@inline
function tap(mlp: Mlp, at: usize, i: i32): f64 {
  // offsets are in bytes of float32: twice as many of float64
  return load<f64>(at + <usize>(2 * load<i32>(mlp.tapOffsets + ((<usize>i) << 2))));
}

function activate(kind: i32, x: f64): f64 {
  if (kind == LINEAR) return x;
  if (kind == RELU) return max<f64>(0, x);
  return tanhDouble(x);
}

/**
 * Render up to three samples; within a step no tap reaches into the step.
 * @param at64 address of the step in the float64 line
 * @param block f32 x count: the step's samples, rounded
 */
export function preciseStep(mlp: Mlp, at64: usize, block: usize, count: i32): void {
  for (let i: usize = 0; i < <usize>count; ++i) {
    const y = mlpPrecise(mlp, at64 + (i << 3));
    store<f64>(at64 + (i << 3), y);
    store<f32>(block + (i << 2), <f32>y);
  }
}

/**
 * Bring the float64 line up to what was kept of a step: where the rounded sample was silenced or scaled, the precise
 * one follows it.
 * @param at the step in the float32 line
 */
export function preciseFollow(at64: usize, at: usize, count: i32): void {
  for (let i: usize = 0; i < <usize>count; ++i) {
    const kept = load<f32>(at + (i << 2));
    const precise = load<f64>(at64 + (i << 3));
    if (<f32>precise != kept || !isAudible1(kept)) store<f64>(at64 + (i << 3), <f64>kept);
  }
}
