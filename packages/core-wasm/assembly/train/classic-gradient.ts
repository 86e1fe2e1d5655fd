// Back through a rollout of the classic string, from the errors dL/dy to every weight of its network, in stretches of
// min(D, 64) samples, the last one first: what follows a stretch has then told it all it did.
//
//   evaluate the network again at what is now known (cheaper than to have kept every neuron's value)
//   delta of the output = error * slope;  of a hidden layer = (transposed weights of the next) * its delta * slope
//   weights' gradient += deltas * inputs;  errors at the taps += (transposed first weights) * first deltas
//
// Memory: the rollout's own (classic-rollout.ts): a line of errors, the way back of each layer, gradients in f64.
// Cost: 10 % of a classic string's rollouts and gradients (see weight-gradient.ts), the weights' gradients left out.

import { RELU, TANH, activateBlock } from "../activation";
import { denseTile } from "../dense";
import { TILE, roundUpToGroup } from "../lanes";
import { Mlp, layerAt, mlpLayerTile } from "../mlp";
import { ClassicRollout, STRETCH_TILES, backAt } from "./classic-rollout";
import { addBiasGradient, addWeightGradient } from "./weight-gradient";

// An error is cut here: a chaotic loop multiplies it on the way back until float32 overflows. No use is made of such
// a gradient's size, and what is finite can be scaled down.
const LARGEST_ERROR: f32 = 1e12;

/**
 * Go back through the rollout.
 * @param count what the forward run returned
 * @param gradient f64, in the order of the weights; overwritten
 */
export function classicRolloutBackward(handle: usize, count: i32, gradient: usize): void {
  const rollout = changetype<ClassicRollout>(handle);
  const layers = rollout.mlp.layerCount;
  for (let l = 0; l < layers; ++l) {
    const back = backAt(rollout, l);
    const units = <usize>roundUpToGroup(layerAt(rollout.mlp, l).units);
    memory.fill(back.gradient, 0, (units * <usize>back.stride) << 3);
    memory.fill(back.biasGradient, 0, units << 3);
  }
  const block = min(STRETCH_TILES * TILE, rollout.block);
  for (let end = count; end > 0; ) {
    const start = max(0, end - block);
    stretchBack(rollout, start, end - start);
    end = start;
  }
  writeGradient(rollout, gradient);
}

function stretchBack(rollout: ClassicRollout, start: i32, count: i32): void {
  const mlp = rollout.mlp;
  const last = mlp.layerCount - 1;
  const tiles = (count + TILE - 1) / TILE;
  const at = rollout.line + ((<usize>start) << 2);
  evaluateHidden(mlp, rollout, at, tiles);
  outputDeltas(rollout, start, count, tiles);
  for (let l = last; l >= 0; --l) {
    const layer = layerAt(mlp, l);
    const back = backAt(rollout, l);
    const deltaStep = (<usize>roundUpToGroup(layer.units)) << 5;
    addBiasGradient(back.deltas, deltaStep, layer.units, tiles, back.biasGradient);
    if (l == 0) {
      addWeightGradient(
        back.deltas, deltaStep, layer.units,
        at, rollout.tapTable, 4 * TILE, mlp.taps,
        tiles, back.gradient, back.stride,
      );
      for (let tile = 0; tile < tiles; ++tile) {
        const errors = rollout.errors + ((<usize>(start + tile * TILE)) << 2);
        errorsAtTaps(rollout, back.deltas + <usize>tile * deltaStep, errors);
      }
    } else {
      const before = backAt(rollout, l - 1);
      const beforeStep = (<usize>roundUpToGroup(layer.inputs)) << 5;
      addWeightGradient(
        back.deltas, deltaStep, layer.units,
        before.values, mlp.rowOffsets, beforeStep, layer.inputs,
        tiles, back.gradient, back.stride,
      );
      for (let tile = 0; tile < tiles; ++tile) {
        const deltas = before.deltas + <usize>tile * beforeStep;
        denseTile(
          back.deltas + <usize>tile * deltaStep, mlp.rowOffsets, layer.units,
          0, 0, back.transposed, layer.inputs, deltas,
        );
        const kind = layerAt(mlp, l - 1).activation;
        timesSlope(kind, before.values + <usize>tile * beforeStep, deltas, beforeStep);
      }
    }
  }
}

/** Evaluate all layers but the last for the samples from `at`; every neuron's value is kept. */
function evaluateHidden(mlp: Mlp, rollout: ClassicRollout, at: usize, tiles: i32): void {
  const last = mlp.layerCount - 1;
  for (let tile = 0; tile < tiles; ++tile) {
    let rows: usize = 0;
    for (let l = 0; l < last; ++l) {
      const layer = layerAt(mlp, l);
      const units = roundUpToGroup(layer.units);
      const values = backAt(rollout, l).values + <usize>tile * ((<usize>units) << 5);
      mlpLayerTile(mlp, l, at + <usize>tile * (4 * TILE), rows, values);
      activateBlock(layer.activation, values, units * TILE);
      rows = values;
    }
  }
}

/** The last layer's deltas, one row of four used: the errors times the slope, 0 beyond the stretch. */
function outputDeltas(rollout: ClassicRollout, start: i32, count: i32, tiles: i32): void {
  const last = rollout.mlp.layerCount - 1;
  const deltas = backAt(rollout, last).deltas;
  const kind = layerAt(rollout.mlp, last).activation;
  for (let i = 0; i < tiles * TILE; ++i) {
    const tile = deltas + <usize>(i / TILE) * (4 * 4 * TILE);
    const at = (<usize>(start + i)) << 2;
    let delta: f32 = 0;
    if (i < count) {
      const y = load<f32>(rollout.line + at);
      const error = load<f32>(rollout.errors + at);
      delta = max<f32>(-LARGEST_ERROR, min<f32>(LARGEST_ERROR, error));
      if (kind == TANH) delta *= 1 - y * y;
      else if (kind == RELU && !(y > 0)) delta = 0;
    }
    store<f32>(tile + ((<usize>(i % TILE)) << 2), delta);
  }
}

/** Multiply deltas by the activation's slope, which its value tells: 1 - y^2 for tanh, 0 or 1 for relu. */
function timesSlope(kind: i32, values: usize, deltas: usize, bytes: usize): void {
  const one = f32x4.splat(1);
  const zero = f32x4.splat(0);
  for (let p: usize = 0; p < bytes; p += 16) {
    const y = v128.load(values + p);
    const delta = v128.load(deltas + p);
    if (kind == TANH) v128.store(deltas + p, f32x4.mul(delta, f32x4.sub(one, f32x4.mul(y, y))));
    else if (kind == RELU) v128.store(deltas + p, v128.and(delta, f32x4.gt(y, zero)));
  }
}

/** Add to the errors at the taps of eight samples. @param errors address of the first sample's error */
function errorsAtTaps(rollout: ClassicRollout, deltas: usize, errors: usize): void {
  const mlp = rollout.mlp;
  const layer = layerAt(mlp, 0);
  denseTile(
    deltas, mlp.rowOffsets, layer.units,
    0, 0, backAt(rollout, 0).transposed, mlp.taps, rollout.tapErrors,
  );
  for (let t = 0; t < mlp.taps; ++t) {
    const row = rollout.tapErrors + ((<usize>t) << 5);
    const at = errors + load<i32>(rollout.tapTable + ((<usize>t) << 2));
    v128.store(at, f32x4.add(v128.load(at), v128.load(row)));
    v128.store(at, f32x4.add(v128.load(at, 16), v128.load(row, 16)), 16);
  }
}

/**
 * Bring the gradient into the order of the weights. An extra is the same for all samples, so the gradient of its weight
 * follows from the bias's.
 */
function writeGradient(rollout: ClassicRollout, gradient: usize): void {
  const mlp = rollout.mlp;
  let to = gradient;
  for (let l = 0; l < mlp.layerCount; ++l) {
    const layer = layerAt(mlp, l);
    const back = backAt(rollout, l);
    const inputs = l == 0 ? mlp.taps : layer.inputs;
    for (let j = 0; j < layer.units; ++j) {
      const bytes = (<usize>inputs) << 3;
      memory.copy(to, back.gradient + ((<usize>(j * back.stride)) << 3), bytes);
      to += bytes;
      const bias = load<f64>(back.biasGradient + ((<usize>j) << 3));
      for (let e = inputs; e < layer.inputs; ++e) {
        const extra = load<f32>(mlp.extraValues + ((<usize>(e - inputs)) << 2));
        store<f64>(to, bias * <f64>extra);
        to += 8;
      }
    }
    if (rollout.withBias) {
      const bytes = (<usize>layer.units) << 3;
      memory.copy(to, back.biasGradient, bytes);
      to += bytes;
    }
  }
}
