// A small odd network beside the loops, which hears the string about one period ago and adds to what they return. It is
// there for the ablation: nothing bounds its gain, so a string that has one carries no certificate, and no player
// knows it. M taps from the delay `first` on, no biases: r(-y) = -r(y).
//
//   a_i[n] = sum over j < M of W1[i][j] y[n - first - j]     t_i = tanh(a_i)     r[n] = sum over i of W2[i] t_i[n]
//
//   y[n] = (first loop) + u[n] + r[n];   before the start  u = y - (first loop) - r
//
//   weights   f32: [ W1, units x M | W2, units ]
//   t_i, ga_i a line each, laid out as the rollout's u; ga_i = dL/da_i
//
// No tap is nearer than the loops' nearest one, so it is done block by block with them. Without units all of this is
// nothing.
//
// Memory: those, and the weights' gradient in f64.
// Cost: a training step on one thread takes 1.3 times as long with 16 units of 21 taps as without (median of seven,
// November 2026); only the ablation pays it.

import { TANH, activateBlock } from "../activation";
import { allocate } from "../arena";
import { madd4 } from "../lanes";
import { PADDING, firAdjoint, firCorrelate, firForward } from "./fir";
import { lineAdd, lineDot } from "./line";

@unmanaged
export class Residual {
  units: i32;
  taps: i32;
  first: i32;
  lineBytes: usize;
  t: usize; // sample 0 of the first unit's line
  ga: usize;
  weights: usize; // f32 x residualSize
  gradient: usize; // f64 x residualSize, added to
}

/** @param lineBytes of a line, @param before bytes from its start to sample 0 */
export function createResidual(units: i32, first: i32, taps: i32, lineBytes: usize, before: usize): Residual {
  const r = changetype<Residual>(allocate(offsetof<Residual>()));
  r.units = units;
  r.taps = taps;
  r.first = first;
  r.lineBytes = lineBytes;
  r.t = allocate(<usize>units * lineBytes) + before;
  r.ga = allocate(<usize>units * lineBytes) + before;
  const size = units * (taps + 1);
  r.weights = allocate((<usize>size) << 2);
  r.gradient = allocate((<usize>size) << 3);
  return r;
}

// @ts-ignore: decorator
@inline
function hiddenWeights(r: Residual, unit: i32): usize {
  return r.weights + ((<usize>(unit * r.taps)) << 2);
}

// @ts-ignore: decorator
@inline
function outputWeight(r: Residual, unit: i32): f32 {
  return load<f32>(r.weights + ((<usize>(r.units * r.taps + unit)) << 2));
}

/**
 * Add a block of the residual to a sum.
 * @param y address of the block's first sample
 * @param at bytes from sample 0 to it
 * @param sum f32 x count
 * @param sign of what is added
 */
export function residualForward(r: Residual, y: usize, at: usize, sum: usize, sign: f32, count: i32): void {
  const x = y - ((<usize>r.first) << 2);
  for (let unit = 0; unit < r.units; ++unit) {
    const t = r.t + <usize>unit * r.lineBytes + at;
    firForward(x, hiddenWeights(r, unit), r.taps, 0, t, count);
    activateBlock(TANH, t, count);
    lineAdd(sum, t, sign * outputWeight(r, unit), count);
  }
}

/** Forget what came after the rollout's last sample, `end` bytes from sample 0; it matters to nobody. */
export function residualClear(r: Residual, end: usize, longest: i32): void {
  const bytes = (<usize>(longest + PADDING)) << 2;
  for (let unit = 0; unit < r.units; ++unit) memory.fill(r.ga + <usize>unit * r.lineBytes + end, 0, bytes);
}

/** What later samples ask of a block through the residual: added to gy. */
export function residualAdjoint(r: Residual, at: usize, gy: usize, count: i32): void {
  for (let unit = 0; unit < r.units; ++unit) {
    const ga = r.ga + <usize>unit * r.lineBytes + at + ((<usize>r.first) << 2);
    firAdjoint(ga, hiddenWeights(r, unit), r.taps, gy, gy, count);
  }
}

/** Take what a block's samples matter: into W2's gradient, and into ga. @param g f32 x count, dL/dr but for the sign */
export function residualBackward(r: Residual, at: usize, g: usize, sign: f32, count: i32): void {
  for (let unit = 0; unit < r.units; ++unit) {
    const line = <usize>unit * r.lineBytes + at;
    const slot = r.gradient + ((<usize>(r.units * r.taps + unit)) << 3);
    store<f64>(slot, load<f64>(slot) + <f64>sign * lineDot(g, r.t + line, count));
    throughTanh(r.ga + line, r.t + line, g, sign * outputWeight(r, unit), count);
  }
}

/** out[n] = w (1 - t[n]^2) g[n]. */
function throughTanh(out: usize, t: usize, g: usize, w: f32, count: i32): void {
  const scale = f32x4.splat(w);
  const minus = f32x4.splat(-w);
  const whole = (<usize>(count & ~3)) << 2;
  const bytes = (<usize>count) << 2;
  for (let n: usize = 0; n < whole; n += 16) {
    const tanh = v128.load(t + n);
    const slope = madd4(f32x4.mul(minus, tanh), tanh, scale);
    v128.store(out + n, f32x4.mul(slope, v128.load(g + n)));
  }
  for (let n = whole; n < bytes; n += 4) {
    const tanh = load<f32>(t + n);
    store<f32>(out + n, (w - w * tanh * tanh) * load<f32>(g + n));
  }
}

/** Add W1's gradient. @param at bytes from sample 0 to the first that counts @param y its address */
export function residualCorrelate(r: Residual, at: usize, y: usize, count: i32): void {
  const x = y - ((<usize>r.first) << 2);
  for (let unit = 0; unit < r.units; ++unit) {
    const ga = r.ga + <usize>unit * r.lineBytes + at;
    firCorrelate(ga, x, count, r.gradient + ((<usize>(unit * r.taps)) << 3), r.taps);
  }
}
