// The network that moves a passive string's first loop between its filters. It runs once per hop, in float64, with
// functions that are compiled in: at control rate they cost little, and they are the same in every browser.
//
//   L0, L1 = log10(mean square of the last period, and of the one before it, + 1e-9)
//   x = [ L0 / 2 + 1.5,  5 (L0 - L1) within -1 .. 1,  ...controls ]
//   z = W2 tanh(W1 x + b1) + b2,   s_k = exp((z_k - log sum exp z) / 2)        so that the s_k^2 sum to 1
//
// From the last hop's weights to these it goes in a straight line over 32 samples: where weights jump, what is heard has a
// kink. On the way their squares sum to less than 1. A note's first hop begins with its own weights.
//
//   ------ before \___ line ___ weights ------------------|---   next hop
//
// Memory: parameters f32 in a row, W1 [hidden, 2 + controls], b1, W2 [K, hidden], b2; everything between in f64.
// Numbers that are not finite silence what is heard, and are counted, until the line to the next finite weights is over.
// Cost: 0.8 us an update (16 units, two periods of 535 samples), 3 ns a sample with a hop of 256 (AMD EPYC at 3.1 GHz,
// relaxed build, November 2026).

import { tanhDouble } from "./activation";
import { allocate } from "./arena";
import { BLOCK, BLOCK_BYTES, blockCopy } from "./block";
import { sumOfSquares } from "./energy-meter";

@unmanaged
export class Mixture {
  filters: i32;
  hidden: i32; // 0 = no network: one filter, its weight 1
  inputs: i32; // 2 + controls
  parameters: usize; // f32: W1 [hidden, inputs], b1 [hidden], W2 [filters, hidden], b2 [filters]
  x: usize; // f64 x inputs
  activations: usize; // f64 x hidden
  z: usize; // f64 x filters
  weights: usize; // f32 x 32: the second loop's, always 1, and the s_k, which hold once the line to them is over
  before: usize; // f32 x 32, where that line begins
  line: i32; // its samples
  lineLeft: i32; // of them still to come
}

/** Make a mixture. @param parametersPtr f32, W1, b1, W2, b2 in a row; must stay where they are */
export function createMixture(filters: i32, hidden: i32, controls: i32, parametersPtr: usize): Mixture {
  const mixture = changetype<Mixture>(allocate(offsetof<Mixture>()));
  mixture.filters = filters;
  mixture.hidden = hidden;
  mixture.inputs = 2 + controls;
  mixture.parameters = parametersPtr;
  mixture.x = allocate((<usize>mixture.inputs) << 3);
  mixture.activations = allocate((<usize>hidden) << 3);
  mixture.z = allocate((<usize>filters) << 3);
  mixture.weights = allocate(BLOCK_BYTES);
  mixture.before = allocate(BLOCK_BYTES);
  store<f32>(mixture.weights, 1);
  store<f32>(mixture.weights, 1, 4);
  return mixture;
}

/** Where the controls are: f64 x controls. */
// @ts-ignore: decorator
@inline
export function mixtureControls(mixture: Mixture): usize {
  return mixture.x + 16;
}

/** Hold a control at a value, heard from the next hop on. Audio thread: allocates nothing. */
export function mixtureSetControl(mixture: Mixture, index: i32, value: f64): void {
  store<f64>(mixtureControls(mixture) + ((<usize>index) << 3), value);
}

/**
 * A hop begins: what held goes to what is asked for next in a line of 32 samples, or of the hop if that is shorter.
 * @param hop samples until weights are due again
 */
export function mixtureHop(mixture: Mixture, hop: i32): void {
  blockCopy(mixture.weights, mixture.before);
  mixture.line = min(BLOCK, hop);
  mixture.lineLeft = mixture.line;
}

/**
 * Compute the weights anew from the string's past.
 * @param end the past ends just before this address and reaches back two periods at least
 * Audio thread: allocates nothing.
 */
export function mixtureUpdate(mixture: Mixture, end: usize, period: i32): void {
  if (mixture.hidden == 0) return;
  const periodBytes = (<usize>period) << 2;
  const level = logLevel(end - periodBytes, period);
  const before = logLevel(end - 2 * periodBytes, period);
  store<f64>(mixture.x, level / 2 + 1.5);
  store<f64>(mixture.x, max<f64>(-1, min<f64>(1, 5 * (level - before))), 8);

  const bias1 = mixture.parameters + ((<usize>(mixture.hidden * mixture.inputs)) << 2);
  const weight2 = bias1 + ((<usize>mixture.hidden) << 2);
  const bias2 = weight2 + ((<usize>(mixture.filters * mixture.hidden)) << 2);
  layer(mixture.x, mixture.inputs, mixture.parameters, bias1, mixture.hidden, mixture.activations);
  for (let i = 0; i < mixture.hidden; ++i) {
    const at = mixture.activations + ((<usize>i) << 3);
    store<f64>(at, tanhDouble(load<f64>(at)));
  }
  layer(mixture.activations, mixture.hidden, weight2, bias2, mixture.filters, mixture.z);
  softmaxRoot(mixture.z, mixture.filters, mixture.weights + 4);
}

/** log10 of the mean square of a period. */
function logLevel(from: usize, period: i32): f64 {
  return Math.LOG10E * Math.log(sumOfSquares(from, period) / <f64>period + 1e-9);
}

/** out = W x + b. x f64 x inputs; W f32 [units, inputs]; b f32 x units; out f64 x units */
function layer(x: usize, inputs: i32, weight: usize, bias: usize, units: i32, out: usize): void {
  let w = weight;
  for (let unit = 0; unit < units; ++unit) {
    let sum = <f64>load<f32>(bias + ((<usize>unit) << 2));
    for (let i = 0; i < inputs; ++i) {
      sum += <f64>load<f32>(w) * load<f64>(x + ((<usize>i) << 3));
      w += 4;
    }
    store<f64>(out + ((<usize>unit) << 3), sum);
  }
}

/** s_k = sqrt(softmax(z)_k), whose squares sum to 1 however large z is. z f64 x count; s f32 x count */
export function softmaxRoot(z: usize, count: i32, s: usize): void {
  let largest = load<f64>(z);
  for (let k = 1; k < count; ++k) largest = max(largest, load<f64>(z + ((<usize>k) << 3)));
  let sum: f64 = 0;
  for (let k = 0; k < count; ++k) sum += Math.exp(load<f64>(z + ((<usize>k) << 3)) - largest);
  const norm = Math.log(sum);
  for (let k = 0; k < count; ++k) {
    // in this order: beside a large z the logarithm would be lost, and the squares' sum exceed 1
    const weight = Math.exp(0.5 * (load<f64>(z + ((<usize>k) << 3)) - largest - norm));
    store<f32>(s + ((<usize>k) << 2), <f32>weight);
  }
}
