// The weights of a mixture's filters, forward and backward: from the string's level and its change, a small network
// makes weights whose squares sum to 1, once per hop. Control rate, so float64 with exact tanh, exp and log10.
//
//   E0, E1  mean of y^2 over the P samples before the hop, and over the P before those, + 1e-9;  L = log10 E
//   x = [ L0 / 2 + 1.5,  clamp(5 (L0 - L1), -1, 1),  ...controls ]
//   t = tanh(W1 x + b1)     z = W2 t + b2     s[k] = exp((z[k] - ln sum exp z) / 2)
//
//   network   f32: [ W1, hidden x inputs | b1, hidden | W2, filters x hidden | b2, filters ]
//   trace     f64 a hop: [ E0 | E1 | t, hidden ], kept for the way back
//
// Memory: beside those, weights f32 x hops x filters, and gradients in f64.
// Cost: 1 % of a training step with three filters and 16 hidden units (see fft.ts).

import { allocate } from "../arena";
import { softmaxRoot } from "../passive-mixture";
import { lineAdd, lineDot } from "./line";

const SILENCE: f64 = 1e-9;

@unmanaged
export class Mixture {
  filters: i32;
  hidden: i32;
  controls: i32;
  period: i32;
  network: usize; // f32 x networkSize
  controlValues: usize; // f32 x controls
  weights: usize; // f32 x hops x filters
  gradient: usize; // f64 x networkSize, added to
  trace: usize;
  inputs: usize; // f64 x (2 + controls): work space
  slopes: usize; // f64 x filters: dL/ds of the hop at hand
  slopesBefore: usize; // f64 x filters: of the hop before, as far as it is known
}

export function createMixture(filters: i32, hidden: i32, controls: i32, period: i32, hops: i32): Mixture {
  const m = changetype<Mixture>(allocate(offsetof<Mixture>()));
  m.filters = filters;
  m.hidden = hidden;
  m.controls = controls;
  m.period = period;
  const size = networkSize(m);
  m.network = allocate((<usize>size) << 2);
  m.controlValues = allocate((<usize>controls) << 2);
  m.weights = allocate((<usize>(hops * filters)) << 2);
  m.gradient = allocate((<usize>size) << 3);
  m.trace = allocate((<usize>(hops * (2 + hidden))) << 3);
  m.inputs = allocate((<usize>(2 + controls)) << 3);
  m.slopes = allocate((<usize>filters) << 3);
  m.slopesBefore = allocate((<usize>filters) << 3);
  return m;
}

/** Numbers the network has. */
function networkSize(m: Mixture): i32 {
  return m.hidden * (2 + m.controls + 1) + m.filters * (m.hidden + 1);
}

/** Address of the weights of one hop, f32 x filters. */
// @ts-ignore: decorator
@inline
export function weightsOf(m: Mixture, hop: i32): usize {
  return m.weights + ((<usize>(hop * m.filters)) << 2);
}

/** Make one hop's weights. @param y address of the hop's first sample */
export function mixtureForward(m: Mixture, hop: i32, y: usize): void {
  const trace = m.trace + ((<usize>(hop * (2 + m.hidden))) << 3);
  const tanhs = trace + 16;
  const periodBytes = (<usize>m.period) << 2;
  const near = y - periodBytes;
  const far = near - periodBytes;
  store<f64>(trace, lineDot(near, near, m.period) / <f64>m.period + SILENCE);
  store<f64>(trace, lineDot(far, far, m.period) / <f64>m.period + SILENCE, 8);
  readInputs(m, trace);

  const inputs = 2 + m.controls;
  const bias1 = m.network + ((<usize>(m.hidden * inputs)) << 2);
  for (let h = 0; h < m.hidden; ++h) {
    let sum = number32(bias1, h);
    for (let i = 0; i < inputs; ++i) sum += number32(m.network, h * inputs + i) * number64(m.inputs, i);
    store<f64>(tanhs + ((<usize>h) << 3), Math.tanh(sum));
  }

  // z into the slopes' place, then weights
  const weight2 = bias1 + ((<usize>m.hidden) << 2);
  const bias2 = weight2 + ((<usize>(m.filters * m.hidden)) << 2);
  for (let k = 0; k < m.filters; ++k) {
    let sum = number32(bias2, k);
    for (let h = 0; h < m.hidden; ++h) sum += number32(weight2, k * m.hidden + h) * number64(tanhs, h);
    store<f64>(m.slopes + ((<usize>k) << 3), sum);
  }
  softmaxRoot(m.slopes, m.filters, weightsOf(m, hop));
}

/**
 * Go back from one hop's weights (dL/ds in `slopes`) to the network and to the samples the level was measured on.
 * @param y @param gy address of the hop's first sample and of its gradient
 * @param before how many samples before the hop belong to the rollout; those of the past have no gradient
 */
export function mixtureBackward(m: Mixture, hop: i32, y: usize, gy: usize, before: i32): void {
  const inputs = 2 + m.controls;
  const trace = m.trace + ((<usize>(hop * (2 + m.hidden))) << 3);
  const tanhs = trace + 16;
  const isMoving = readInputs(m, trace);
  const weights = weightsOf(m, hop);
  const atBias1 = m.hidden * inputs;
  const atWeight2 = atBias1 + m.hidden;
  const atBias2 = atWeight2 + m.filters * m.hidden;

  let mean: f64 = 0;
  for (let k = 0; k < m.filters; ++k) mean += number64(m.slopes, k) * number32(weights, k);
  for (let k = 0; k < m.filters; ++k) {
    const s = number32(weights, k);
    const gz = 0.5 * s * (number64(m.slopes, k) - s * mean);
    store<f64>(m.slopes + ((<usize>k) << 3), gz);
    addGradient(m, atBias2 + k, gz);
    for (let h = 0; h < m.hidden; ++h) addGradient(m, atWeight2 + k * m.hidden + h, gz * number64(tanhs, h));
  }
  let gLevel: f64 = 0;
  let gChange: f64 = 0;
  for (let h = 0; h < m.hidden; ++h) {
    let g: f64 = 0;
    for (let k = 0; k < m.filters; ++k) {
      g += number64(m.slopes, k) * number32(m.network, atWeight2 + k * m.hidden + h);
    }
    const t = number64(tanhs, h);
    g *= 1 - t * t;
    addGradient(m, atBias1 + h, g);
    for (let i = 0; i < inputs; ++i) addGradient(m, h * inputs + i, g * number64(m.inputs, i));
    gLevel += g * number32(m.network, h * inputs);
    gChange += g * number32(m.network, h * inputs + 1);
  }

  // dE/dy = 2 y / P
  const slope = isMoving ? 5 * gChange : 0;
  const share = 2 / (Math.LN10 * <f64>m.period);
  const nearScale = (share * (0.5 * gLevel + slope)) / number64(trace, 0);
  const farScale = (share * -slope) / number64(trace, 1);
  const nearCount = min(m.period, before);
  const farCount = min(m.period, before - nearCount);
  const nearBytes = (<usize>nearCount) << 2;
  lineAdd(gy - nearBytes, y - nearBytes, <f32>nearScale, nearCount);
  const farBytes = nearBytes + ((<usize>farCount) << 2);
  lineAdd(gy - farBytes, y - farBytes, <f32>farScale, farCount);
}

/** Make the network's inputs from the traced energies. @returns whether the change is inside its bounds */
function readInputs(m: Mixture, trace: usize): bool {
  const level = Math.log10(number64(trace, 0));
  const change = 5 * (level - Math.log10(number64(trace, 1)));
  store<f64>(m.inputs, 0.5 * level + 1.5);
  store<f64>(m.inputs, max<f64>(-1, min<f64>(1, change)), 8);
  for (let i = 0; i < m.controls; ++i) {
    store<f64>(m.inputs + ((<usize>(2 + i)) << 3), number32(m.controlValues, i));
  }
  return abs(change) < 1;
}

// @ts-ignore: decorator
@inline
function number32(base: usize, i: i32): f64 {
  return <f64>load<f32>(base + ((<usize>i) << 2));
}

// @ts-ignore: decorator
@inline
function number64(base: usize, i: i32): f64 {
  return load<f64>(base + ((<usize>i) << 3));
}

// @ts-ignore: decorator
@inline
function addGradient(m: Mixture, i: i32, g: f64): void {
  const at = m.gradient + ((<usize>i) << 3);
  store<f64>(at, load<f64>(at) + g);
}
