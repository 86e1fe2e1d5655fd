// The gradient of a rollout, with g = dL/dy given. From the end to the start, block by block:
//
//   w_k[n]  = s_k[n] gy[n]                               what reaches filter k's output
//   gv_k[n] = sum over j of h_k[j] w_k[n + near + j]     what reaches its line
//   gy[n]   = g[n] + sum of s_k[n] gv_k[n]               first loop, + what later weights' levels ask of y[n]
//   gu[n]   = gy[n] + sum over j of hb[j] gu[n + near + j]
//   gs_k[n] = gy[n] f_k[n] + gv_k[n] y[n]                what reaches a weight; their sum over the hop, and what the
//                                                       next hop's line has of it, go through the network
//
// Before the start gu is the second loop's alone, and u = y - sum of s_k f_k turns it into w_k = -s_k gu. Then
//
//   dL/dh_k[j] = sum over n >= -F of w_k[n] v_k[n - near - j]     dL/dhb[j] = sum over n >= 0 of gu[n] u[n - near - j]
//
// With one filter w is gy itself. What a residual adds to this is in residual.ts.
//
// Memory: the rollout's own (rollout.ts), whose lines of gradients it fills.
// Cost: two FIRs for every one of the way there (fir.ts); what is here, under 1 % of a training step (see fft.ts).

import { PADDING, firAdjoint, firCorrelate } from "./fir";
import { lineAdd, lineDot, lineScale } from "./line";
import { mixtureBackward, weightsOf } from "./mixture";
import { residualAdjoint, residualBackward, residualClear, residualCorrelate } from "./residual";
import { Rollout, addWeighed, blockLength, fall, fallLeft, tapsOf, weigh } from "./rollout";

/** Add the gradient of the rollout of count samples just run; gy, dL/dy, is overwritten by the total gradient. */
export function rolloutBackward(handle: usize, count: i32): void {
  const r = changetype<Rollout>(handle);
  const longestBytes = (<usize>r.longest) << 2;
  const nearBytes = (<usize>r.near) << 2;
  clear(r, count);
  for (let end = count; end > 0; ) {
    const hopStart = ((end - 1) / r.hop) * r.hop;
    const block = blockLength(r.near, end - hopStart);
    end -= block;
    backwardBlock(r, end, block);
    if (end == 0) backThroughStart(r);
    if (end == hopStart && r.filters > 1) backThroughWeights(r, end);
  }
  firCorrelate(r.gu, r.u - nearBytes, count, r.gradientTaps, r.tapCount);
  for (let k = 0; k < r.filters; ++k) {
    const line = <usize>k * r.lineBytes - longestBytes;
    const out = r.gradientTaps + ((<usize>((1 + k) * r.tapCount)) << 3);
    firCorrelate(r.w + line, r.v + line - nearBytes, r.longest + count, out, r.tapCount);
  }
  residualCorrelate(r.residual, 0 - longestBytes, r.y - longestBytes, r.longest + count);
}

/** What lies before the start and after the end matters to nobody yet. */
function clear(r: Rollout, count: i32): void {
  const longestBytes = (<usize>r.longest) << 2;
  const countBytes = (<usize>count) << 2;
  const afterBytes = longestBytes + (PADDING << 2);
  memory.fill(r.gy + countBytes, 0, afterBytes);
  memory.fill(r.gu - longestBytes, 0, longestBytes + countBytes + afterBytes);
  residualClear(r.residual, countBytes, r.longest);
  if (r.filters == 1) return;
  memory.fill(r.mixture.slopes, 0, (<usize>r.filters) << 3);
  memory.fill(r.mixture.slopesBefore, 0, (<usize>r.filters) << 3);
  for (let k = 0; k < r.filters; ++k) {
    const w = r.w + <usize>k * r.lineBytes;
    memory.fill(w - longestBytes, 0, longestBytes + countBytes + afterBytes);
  }
}

function backwardBlock(r: Rollout, n: i32, block: i32): void {
  const at = (<usize>n) << 2;
  const nearBytes = (<usize>r.near) << 2;
  const gy = r.gy + at;
  const gu = r.gu + at;
  residualAdjoint(r.residual, at, gy, block);
  if (r.filters == 1) {
    firAdjoint(gy + nearBytes, tapsOf(r, 1), r.tapCount, gy, gy, block);
  } else {
    for (let k = 0; k < r.filters; ++k) {
      const line = <usize>k * r.lineBytes + at;
      firAdjoint(r.w + line + nearBytes, tapsOf(r, 1 + k), r.tapCount, 0, r.work, block);
      addSlopes(r, k, n, r.work, r.y + at, block);
      addWeighed(r, k, n, gy, r.work, block);
    }
    for (let k = 0; k < r.filters; ++k) {
      const line = <usize>k * r.lineBytes + at;
      weigh(r, k, n, r.w + line, gy, block);
      addSlopes(r, k, n, gy, r.f + line, block);
    }
  }
  residualBackward(r.residual, at, gy, 1, block);
  firAdjoint(gu + nearBytes, tapsOf(r, 0), r.tapCount, gy, gu, block);
}

/** All of a hop's samples are done: back through its weights. */
function backThroughWeights(r: Rollout, hopStart: i32): void {
  const at = (<usize>hopStart) << 2;
  mixtureBackward(r.mixture, hopStart / r.hop, r.y + at, r.gy + at, hopStart);
  // what its line has of the hop before is that one's
  memory.copy(r.mixture.slopes, r.mixture.slopesBefore, (<usize>r.filters) << 3);
  memory.fill(r.mixture.slopesBefore, 0, (<usize>r.filters) << 3);
}

/** What the past of u, and of the weighted lines, owes to the taps and to the first weights. */
function backThroughStart(r: Rollout): void {
  const longestBytes = (<usize>r.longest) << 2;
  const nearBytes = (<usize>r.near) << 2;
  const taps = r.tapCount;
  for (let k = 0; k < (r.filters == 1 ? 0 : r.filters); ++k) {
    const line = <usize>k * r.lineBytes - longestBytes;
    firAdjoint(r.w + line + nearBytes, tapsOf(r, 1 + k), taps, 0, r.work, r.longest);
    addSlope(r, k, lineDot(r.work, r.y - longestBytes, r.longest));
  }
  firAdjoint(r.gu - longestBytes + nearBytes, tapsOf(r, 0), taps, 0, r.work, r.longest);
  residualBackward(r.residual, 0 - longestBytes, r.work, -1, r.longest);
  if (r.filters == 1) {
    lineScale(r.work, r.work, -1, r.longest);
    memory.copy(r.w - longestBytes, r.work, longestBytes);
    return;
  }
  for (let k = 0; k < r.filters; ++k) {
    const line = <usize>k * r.lineBytes - longestBytes;
    const s = load<f32>(weightsOf(r.mixture, 0) + ((<usize>k) << 2));
    // twice: u = y - sum of s^2 (h * y), once through the weight outside, once through the line inside
    addSlope(r, k, -2 * lineDot(r.work, r.f + line, r.longest));
    memory.fill(r.w + line, 0, longestBytes);
    lineAdd(r.w + line, r.work, -s, r.longest);
  }
}

/** dL/ds_k[n] = a[n] b[n], from sample n on, within one hop: to its weights, and while these are new to the last ones. */
function addSlopes(r: Rollout, k: i32, n: i32, a: usize, b: usize, count: i32): void {
  let before: f64 = 0;
  const falling = min(count, fallLeft(r, n));
  for (let i = 0; i < falling; ++i) {
    const at = (<usize>i) << 2;
    before += <f64>fall(r, n + i) * <f64>load<f32>(a + at) * <f64>load<f32>(b + at);
  }
  const at = r.mixture.slopesBefore + ((<usize>k) << 3);
  store<f64>(at, load<f64>(at) + before);
  addSlope(r, k, lineDot(a, b, count) - before);
}

// @ts-ignore: decorator
@inline
function addSlope(r: Rollout, k: i32, slope: f64): void {
  const at = r.mixture.slopes + ((<usize>k) << 3);
  store<f64>(at, load<f64>(at) + slope);
}
