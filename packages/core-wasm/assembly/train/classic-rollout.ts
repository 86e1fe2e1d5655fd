// A rollout of the classic string: started on a recorded past, the loop filter runs on its own output. Here is what
// one shape of rollout needs, and the way forwards; the way back is in classic-gradient.ts.
//
//   y[n] = MLP([y[n - d] for d in delays] ++ extras)
//
//   memory   line:    [ past, F samples | most samples | 8 ]      F the longest delay
//            errors:  [ not used, F     | most samples | 8 ]      dL/dy, total once all that follows has been added
//
// No tap is shorter than D samples, so D samples at a time depend on earlier ones only: they go through the network in
// tiles of eight, as in the player. With D < 8 a tile is evaluated whole and its first D samples are kept.
//
// A loop that blows up: a sample beyond +-limit is held there, and the loop goes on, so the loss sees all of it. The
// gradient comes from the samples before the first such one: what led there, and none of the noise that follows.
//
// Cost: the network's (dense.ts, activation.ts); what is here, under 1 % (see weight-gradient.ts).

import { allocate } from "../arena";
import { packDense, packedBytes } from "../dense";
import { TILE, roundUpToGroup } from "../lanes";
import { Mlp, createMlp, layerAt, mlpSetExtra, mlpSetLayer, mlpTile } from "../mlp";

/** Tiles that are gone back through at a time, at most. */
export const STRETCH_TILES: i32 = 8;

// Quieter than this is silence, as in the player: a loop on subnormal numbers is some hundred times slower.
const SMALLEST: f32 = 1e-15;

/** What going back needs of a layer. */
@unmanaged
export class LayerBack {
  transposed: usize; // packed by packDense: [inputs, units]; of the first layer the taps only
  values: usize; // hidden layers': f32 x STRETCH_TILES x padded units x 8
  deltas: usize; // the same size: dL/d(sum at the neuron)
  gradient: usize; // f64 x padded units x stride: of the weights
  biasGradient: usize; // f64 x padded units
  stride: i32; // inputs (of the first layer: taps) rounded up to 4
}

@unmanaged
export class ClassicRollout {
  mlp: Mlp;
  back: usize; // LayerBack x layers
  withBias: bool;
  longest: i32;
  block: i32; // D: samples that do not depend on each other
  most: i32;
  line: usize; // f32, address of sample 0; the past before it
  errors: usize; // f32, address of sample 0
  tapTable: usize; // i32 x taps rounded up to 4: -4 * delay
  tapErrors: usize; // f32 x padded taps x 8
  scratch: usize; // f32: a transposed matrix; or 8 samples
}

// @ts-ignore: decorator
@inline
export function backAt(rollout: ClassicRollout, index: i32): LayerBack {
  return changetype<LayerBack>(rollout.back + <usize>index * offsetof<LayerBack>());
}

// @ts-ignore: decorator
@inline
function floats(count: i32): usize {
  return allocate((<usize>count) << 2);
}

/**
 * Make the memory of one shape of rollout.
 * @param delaysPtr i32 x taps, samples, >= 1
 * @param specPtr i32 x layers x 2: units, activation; the last layer has one unit
 * @param most samples of the longest rollout
 */
export function classicRolloutCreate(
  delaysPtr: usize,
  taps: i32,
  extras: i32,
  specPtr: usize,
  layerCount: i32,
  withBias: bool,
  most: i32,
): usize {
  const rollout = changetype<ClassicRollout>(allocate(offsetof<ClassicRollout>()));
  const mlp = createMlp(delaysPtr, taps, extras, specPtr, layerCount, false);
  rollout.mlp = mlp;
  rollout.withBias = withBias;
  rollout.most = most;
  rollout.longest = 0;
  rollout.block = i32.MAX_VALUE;
  const padded = roundUpToGroup(taps);
  rollout.tapTable = floats(padded);
  for (let i = 0; i < padded; ++i) {
    const delay = load<i32>(delaysPtr + ((<usize>min(i, taps - 1)) << 2));
    rollout.longest = max(rollout.longest, delay);
    rollout.block = min(rollout.block, delay);
    store<i32>(rollout.tapTable + ((<usize>i) << 2), -4 * delay);
  }
  // behind the last sample a tile's worth of room: a tile may reach beyond it
  const room = rollout.longest + most + TILE;
  rollout.line = floats(room) + ((<usize>rollout.longest) << 2);
  rollout.errors = floats(room) + ((<usize>rollout.longest) << 2);
  rollout.tapErrors = floats(padded * TILE);

  rollout.back = allocate(<usize>layerCount * offsetof<LayerBack>());
  let mostWeights = TILE;
  for (let l = 0; l < layerCount; ++l) {
    const layer = layerAt(mlp, l);
    const back = backAt(rollout, l);
    const inputs = l == 0 ? taps : layer.inputs;
    const units = roundUpToGroup(layer.units);
    back.stride = roundUpToGroup(inputs);
    back.transposed = allocate(packedBytes(inputs, layer.units));
    back.values = floats(STRETCH_TILES * units * TILE);
    back.deltas = floats(STRETCH_TILES * units * TILE);
    back.gradient = allocate((<usize>(units * back.stride)) << 3);
    back.biasGradient = allocate((<usize>units) << 3);
    mostWeights = max(mostWeights, inputs * layer.units);
  }
  rollout.scratch = floats(mostWeights);
  return changetype<usize>(rollout);
}

/** Address of the rollout, f32 x most; the past, F samples, ends right before it and is the caller's to write. */
export function classicRolloutLine(handle: usize): usize {
  return changetype<ClassicRollout>(handle).line;
}

/** Address of dL/dy, f32 x most: to be written between forward and backward. */
export function classicRolloutErrors(handle: usize): usize {
  return changetype<ClassicRollout>(handle).errors;
}

/** Set a control or feature for the whole of the next rollouts; 0 at first. */
export function classicRolloutSetExtra(handle: usize, index: i32, value: f32): void {
  mlpSetExtra(changetype<ClassicRollout>(handle).mlp, index, value);
}

/** Take the weights. @param weights f32, layer by layer: [out, in], then [out] where the layers have biases */
export function classicRolloutSetWeights(handle: usize, weights: usize): void {
  const rollout = changetype<ClassicRollout>(handle);
  const mlp = rollout.mlp;
  let from = weights;
  for (let l = 0; l < mlp.layerCount; ++l) {
    const layer = layerAt(mlp, l);
    const bytes = (<usize>(layer.units * layer.inputs)) << 2;
    const bias = rollout.withBias ? from + bytes : 0;
    mlpSetLayer(mlp, l, from, bias);
    const inputs = l == 0 ? mlp.taps : layer.inputs;
    for (let j = 0; j < layer.units; ++j) {
      for (let i = 0; i < inputs; ++i) {
        const w = load<f32>(from + ((<usize>(j * layer.inputs + i)) << 2));
        store<f32>(rollout.scratch + ((<usize>(i * layer.units + j)) << 2), w);
      }
    }
    packDense(rollout.scratch, 0, inputs, layer.units, 0, backAt(rollout, l).transposed);
    from += bytes + (rollout.withBias ? (<usize>layer.units) << 2 : 0);
  }
}

/**
 * Run the loop on its own output; all errors are set to 0.
 * @param limit largest |sample|
 * @returns how many samples there are before the first that went beyond the limit; count if none did
 */
export function classicRolloutForward(handle: usize, count: i32, limit: f32): i32 {
  const rollout = changetype<ClassicRollout>(handle);
  const room = (<usize>(rollout.most + TILE)) << 2;
  const longestBytes = (<usize>rollout.longest) << 2;
  memory.fill(rollout.line, 0, room);
  memory.fill(rollout.errors - longestBytes, 0, longestBytes + room);
  const step = min(TILE, rollout.block);
  const tile = rollout.scratch;
  let kept = count;
  for (let n = 0; n < count; n += step) {
    const at = rollout.line + ((<usize>n) << 2);
    mlpTile(rollout.mlp, at, tile);
    const samples = min(step, count - n);
    for (let i = 0; i < samples; ++i) {
      const y = load<f32>(tile + ((<usize>i) << 2));
      if (abs<f32>(y) > limit) kept = min(kept, n + i);
      store<f32>(at + ((<usize>i) << 2), hold(y, limit));
    }
  }
  return kept;
}

/** What the line keeps of a sample; what is not a number stays that, and shows in the loss. */
// @ts-ignore: decorator
@inline
function hold(y: f32, limit: f32): f32 {
  if (abs<f32>(y) < SMALLEST) return 0;
  if (y > limit) return limit;
  return y < -limit ? -limit : y;
}
