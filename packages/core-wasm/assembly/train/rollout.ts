// A rollout of the passive string: started on a recorded past, two loops in cascade run on their own output, at most
// `near` samples at a time, since no tap is nearer than that. The first loop is one filter, or a mixture of several
// whose weights s are found once a hop; from the last hop's, s', they pass to them in a straight line over its first
// L = min(32, hop) samples (n of the hop):
//
//   s_k[n] = s_k + (s'_k - s_k) (1 - n / L)     n < L, and not in the first hop
//
//   u[n] = (hb * u)[n]                          second loop      (h * x)[n] = sum over j < N of h[j] x[n - near - j]
//   f_k[n] = (h_k * v_k)[n],  v_k = s_k y       first loop's filters, each on its own line
//   y[n] = sum of s_k[n] f_k[n] + u[n]          first loop
//   before the start  v_k = s_k(0) y  and  u = y - sum of s_k(0) f_k: what the first loop does not explain
//
// One filter has s = 1: v is y itself, and f is added straight onto u. A residual (residual.ts, the ablation's) joins
// the first loop.
//
// All lines are equally long, F = near + N - 1 being the longest delay; the way back has gy, gu and w (see there):
//
//   y, v_k         [ padding | past, 2 F samples | rollout | padding ]
//   u, f_k, g*     [ padding | past,   F samples | rollout | F samples | padding ]
//
// Memory: those lines, 16-byte aligned; gradients of the taps in f64.
// Cost: the FIRs' (fir.ts); what is here, under 1 % of a training step (see fft.ts).

import { allocate } from "../arena";
import { BLOCK } from "../block";
import { PADDING, firForward } from "./fir";
import { lineAdd, lineScale } from "./line";
import { Mixture, createMixture, mixtureForward, weightsOf } from "./mixture";
import { Residual, createResidual, residualForward } from "./residual";

@unmanaged
export class Rollout {
  // addresses of what the caller writes and reads, in this order (src/rollout.ts)
  past: usize; // f32 x 2 F
  y: usize; // f32 x most: sample 0 of the rollout
  taps: usize; // f32 x (1 + filters) x N, the second loop's first
  network: usize;
  controls: usize;
  weights: usize; // f32 x hops x filters
  gy: usize; // f32 x most: dL/dy, sample 0
  gradientTaps: usize; // f64 x (1 + filters) x N, added to
  gradientNetwork: usize; // f64, added to
  residualWeights: usize;
  gradientResidual: usize; // f64, added to

  tapCount: i32;
  near: i32;
  longest: i32; // F
  filters: i32;
  hop: i32; // samples from weights to the next; with one filter, none follow
  lineBytes: usize; // from a line to the next of its kind
  u: usize; // sample 0 of each kind's first line from here on
  v: usize;
  f: usize;
  gu: usize;
  w: usize;
  work: usize; // f32 x F
  mixture: Mixture;
  residual: Residual;
}

/** Reserve memory for rollouts of up to `most` samples; a residual of `units` hears `residualTaps` from a delay on. */
export function rolloutCreate(
  taps: i32,
  near: i32,
  period: i32,
  filters: i32,
  hop: i32,
  hidden: i32,
  controls: i32,
  units: i32,
  residualFirst: i32,
  residualTaps: i32,
  most: i32,
): usize {
  const r = changetype<Rollout>(allocate(offsetof<Rollout>()));
  r.tapCount = taps;
  r.near = near;
  r.longest = near + taps - 1;
  r.filters = filters;
  r.hop = filters == 1 ? i32.MAX_VALUE : hop;
  r.lineBytes = (<usize>((2 * PADDING + 2 * r.longest + most + 3) & ~3)) << 2;
  const longestBytes = (<usize>r.longest) << 2;
  const paddingBytes: usize = PADDING << 2;
  const lines = filters == 1 ? 0 : filters;
  r.past = allocate(r.lineBytes) + paddingBytes;
  r.y = r.past + 2 * longestBytes;
  r.u = allocate(r.lineBytes) + paddingBytes + longestBytes;
  r.gy = allocate(r.lineBytes) + paddingBytes + longestBytes;
  r.gu = allocate(r.lineBytes) + paddingBytes + longestBytes;
  r.v = lines ? allocate(lines * r.lineBytes) + paddingBytes + 2 * longestBytes : r.y;
  r.f = allocate(lines * r.lineBytes) + paddingBytes + longestBytes;
  r.w = lines ? allocate(lines * r.lineBytes) + paddingBytes + longestBytes : r.gy;
  r.work = allocate(longestBytes + paddingBytes);
  r.taps = allocate((<usize>((1 + filters) * taps)) << 2);
  r.gradientTaps = allocate((<usize>((1 + filters) * taps)) << 3);
  // one filter needs no network: its mixture is empty
  const hops = lines ? (most + hop - 1) / hop : 0;
  r.mixture = createMixture(lines, lines ? hidden : 0, lines ? controls : 0, period, hops);
  r.network = r.mixture.network;
  r.controls = r.mixture.controlValues;
  r.weights = r.mixture.weights;
  r.gradientNetwork = r.mixture.gradient;
  r.residual = createResidual(units, residualFirst, residualTaps, r.lineBytes, paddingBytes + longestBytes);
  r.residualWeights = r.residual.weights;
  r.gradientResidual = r.residual.gradient;
  return changetype<usize>(r);
}

/** Samples to do at once where `rest` are left: whole tiles where there is room for one. */
// @ts-ignore: decorator
@inline
export function blockLength(near: i32, rest: i32): i32 {
  const block = min(near, rest);
  return block < PADDING ? block : block & ~(PADDING - 1);
}

/** Address of a filter's taps: row 0 the second loop's, row 1 + k the first loop's. */
// @ts-ignore: decorator
@inline
export function tapsOf(r: Rollout, row: i32): usize {
  return r.taps + ((<usize>(row * r.tapCount)) << 2);
}

/** Run both loops for count samples from the past, taps, network and controls at the handle's addresses. */
export function rolloutForward(handle: usize, count: i32): void {
  const r = changetype<Rollout>(handle);
  startOnPast(r);
  for (let n = 0; n < count; ) {
    const inHop = n % r.hop;
    // the first hop's weights started the lines already
    if (r.filters > 1 && inHop == 0 && n > 0) mixtureForward(r.mixture, n / r.hop, r.y + ((<usize>n) << 2));
    const block = blockLength(r.near, min(count - n, r.hop - inHop));
    forwardBlock(r, n, block);
    n += block;
  }
}

function startOnPast(r: Rollout): void {
  const nearBytes = (<usize>r.near) << 2;
  const longestBytes = (<usize>r.longest) << 2;
  const u = r.u - longestBytes;
  if (r.filters == 1) {
    firForward(r.y - longestBytes - nearBytes, tapsOf(r, 1), r.tapCount, 0, u, r.longest);
    lineScale(u, u, -1, r.longest);
  } else {
    mixtureForward(r.mixture, 0, r.y);
    memory.fill(u, 0, longestBytes);
    for (let k = 0; k < r.filters; ++k) {
      const s = load<f32>(weightsOf(r.mixture, 0) + ((<usize>k) << 2));
      const v = r.v + <usize>k * r.lineBytes;
      const f = r.f + <usize>k * r.lineBytes - longestBytes;
      lineScale(v - 2 * longestBytes, r.past, s, 2 * r.longest);
      firForward(v - longestBytes - nearBytes, tapsOf(r, 1 + k), r.tapCount, 0, f, r.longest);
      lineAdd(u, f, -s, r.longest);
    }
  }
  lineAdd(u, r.y - longestBytes, 1, r.longest);
  residualForward(r.residual, r.y - longestBytes, 0 - longestBytes, u, -1, r.longest);
}

function forwardBlock(r: Rollout, n: i32, block: i32): void {
  const at = (<usize>n) << 2;
  const nearBytes = (<usize>r.near) << 2;
  const y = r.y + at;
  const u = r.u + at;
  firForward(u - nearBytes, tapsOf(r, 0), r.tapCount, 0, u, block);
  if (r.filters == 1) {
    firForward(y - nearBytes, tapsOf(r, 1), r.tapCount, u, y, block);
    residualForward(r.residual, y, at, y, 1, block);
    return;
  }
  memory.copy(y, u, (<usize>block) << 2);
  for (let k = 0; k < r.filters; ++k) {
    const line = <usize>k * r.lineBytes + at;
    firForward(r.v + line - nearBytes, tapsOf(r, 1 + k), r.tapCount, 0, r.f + line, block);
    addWeighed(r, k, n, y, r.f + line, block);
  }
  residualForward(r.residual, y, at, y, 1, block);
  for (let k = 0; k < r.filters; ++k) {
    weigh(r, k, n, r.v + <usize>k * r.lineBytes + at, y, block);
  }
}

/** out = s_k x, from sample n of the rollout on, within one hop. */
export function weigh(r: Rollout, k: i32, n: i32, out: usize, x: usize, count: i32): void {
  lineScale(out, x, weightOf(r, k, n), count);
  addFall(r, k, n, out, x, count);
}

/** out += s_k x, alike. */
export function addWeighed(r: Rollout, k: i32, n: i32, out: usize, x: usize, count: i32): void {
  lineAdd(out, x, weightOf(r, k, n), count);
  addFall(r, k, n, out, x, count);
}

/** What the hop before still has of it. */
function addFall(r: Rollout, k: i32, n: i32, out: usize, x: usize, count: i32): void {
  const falling = min(count, fallLeft(r, n));
  if (falling <= 0) return;
  const by = weightOf(r, k, n - r.hop) - weightOf(r, k, n);
  for (let i = 0; i < falling; ++i) {
    const at = (<usize>i) << 2;
    store<f32>(out + at, load<f32>(out + at) + by * fall(r, n + i) * load<f32>(x + at));
  }
}

/** The weight that a hop passes to. @param n any of its samples */
function weightOf(r: Rollout, k: i32, n: i32): f32 {
  return load<f32>(weightsOf(r.mixture, n / r.hop) + ((<usize>k) << 2));
}

/** Samples from n on in which the hop before is still heard; none in the first hop. */
export function fallLeft(r: Rollout, n: i32): i32 {
  return n < r.hop ? 0 : min(BLOCK, r.hop) - (n % r.hop);
}

/** Its part of the weights at sample n. */
export function fall(r: Rollout, n: i32): f32 {
  return <f32>fallLeft(r, n) / <f32>min(BLOCK, r.hop);
}
