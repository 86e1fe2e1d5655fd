// How far the spectrum of a rollout is from that of the recording, and its gradient:
//
//   loss = weight * sum over counted cells of |ln max(Y, f) - ln max(X, f)| / (counted cells + 1)
//
// Y, X: magnitudes of short-time spectra; f: three times the recording's own noise in that bin. A cell counts where
// either is above f, so too much sound is punished where the recording is silent, and its noise is never imitated.
//
// Gradient: with c = dloss/dY, what goes back through the FFT is c conj(Y) / |Y|. How many cells count is known only
// at the end, so gradients are gathered unscaled and added scaled.
//
// Memory: six planes of a transform, and a gradient of every sample, f32.
// Cost: 14 % of a training step of linear loops (see fft.ts), nearly all of it two logarithms a cell; 6 % with a
// mixture.

import { allocate } from "../arena";
import { Frames, analyse, createFrames, frameCount, gather, planeBytes, storeHalves } from "./frames";
import { lineAdd } from "./line";
import { ln4 } from "./logarithm";

@unmanaged
export class SpectralLoss {
  frames: Frames;
  most: i32; // samples there is room for
  floor: usize; // f32 x (size / 2 + 4): f of each bin; the caller writes size / 2 + 1
  planes: usize; // six: Y, X, and the way back, re and im each
  gradient: usize; // f32 x most: gathered, unscaled
  sums: v128; // of |ln Y - ln X| over the counted cells of the frames at hand
  counts: v128; // i32: minus how many
}

/** Make the tables of one resolution, with room for rollouts of up to `most` samples. @param size 16 or more */
export function spectralLossCreate(size: i32, hop: i32, most: i32): usize {
  const loss = changetype<SpectralLoss>(allocate(offsetof<SpectralLoss>()));
  loss.frames = createFrames(size, hop);
  loss.most = most;
  loss.planes = allocate(6 * planeBytes(size));
  loss.gradient = allocate((<usize>most) << 2);
  return changetype<usize>(loss);
}

/**
 * Measure the loss and add its gradient.
 * @param y f32 x count, the rollout
 * @param t f32 x count, the recording
 * @param floor f32 x (size / 2 + 1), and room for 3 more: f of each bin
 * @param gy f32 x count: the gradient is added to it
 * @returns the weighted loss; 0 where the rollout is shorter than a frame
 */
export function spectralLossApply(
  handle: usize,
  y: usize,
  t: usize,
  count: i32,
  floor: usize,
  weight: f64,
  gy: usize,
): f64 {
  const loss = changetype<SpectralLoss>(handle);
  const frames = loss.frames;
  if (count < frames.size || count > loss.most) return 0;
  loss.floor = floor;
  const bytes = planeBytes(frames.size);
  const yPlane = loss.planes;
  const xPlane = yPlane + 2 * bytes;
  const back = xPlane + 2 * bytes;
  const total = frameCount(frames, count);
  memory.fill(loss.gradient, 0, (<usize>count) << 2);
  let sum: f64 = 0;
  let counted: f64 = 0;
  for (let frame = 0; frame < total; frame += 2) {
    const isPair = frame + 1 < total;
    analyse(frames, y, frame, isPair, yPlane, yPlane + bytes);
    analyse(frames, t, frame, isPair, xPlane, xPlane + bytes);
    compare(loss, isPair);
    sum += sumOfLanes(loss.sums);
    counted -= sumOfCounts(loss.counts);
    gather(frames, frame, isPair, back, back + bytes, loss.gradient);
  }
  lineAdd(gy, loss.gradient, <f32>(weight / (counted + 1)), count);
  return (weight * sum) / (counted + 1);
}

/** Tell two frames' spectra apart, sum and count, and make what goes back: sign conj(Y) / |Y|^2. */
function compare(loss: SpectralLoss, isPair: bool): void {
  const size = loss.frames.size;
  const bytes = planeBytes(size);
  const yRe = loss.planes;
  const back = yRe + 4 * bytes;
  const bExists = i32x4.splat(isPair ? -1 : 0);
  // the last vector, which comes first, holds only the bin size / 2
  let exists = i32x4(-1, 0, 0, 0);
  let sum = f32x4.splat(0);
  let counted = i32x4.splat(0);
  for (let k = size / 2; k >= 0; k -= 4) {
    const at = (<usize>k) << 2;
    const mirror = (<usize>(size - k - 3)) << 2;
    const y = yRe + at;
    const yMirror = yRe + mirror;
    const zr = v128.load(y);
    const zi = v128.load(y + bytes);
    const mr = reversed(v128.load(yMirror));
    const mi = reversed(v128.load(yMirror + bytes));
    const x = y + 2 * bytes;
    const xMirror = yMirror + 2 * bytes;
    const vr = v128.load(x);
    const vi = v128.load(x + bytes);
    const nr = reversed(v128.load(xMirror));
    const ni = reversed(v128.load(xMirror + bytes));
    // twice the spectra: of A (Z + conj Z'), of B (Z - conj Z') / j; so powers are four times, and f^2 too
    const ar = f32x4.add(zr, mr);
    const ai = f32x4.sub(zi, mi);
    const br = f32x4.add(zi, mi);
    const bi = f32x4.sub(mr, zr);
    const f2 = f32x4.add(v128.load(loss.floor + at), v128.load(loss.floor + at));
    const floor = f32x4.mul(f2, f2);

    const aPower = power(ar, ai);
    const aTarget = power(f32x4.add(vr, nr), f32x4.sub(vi, ni));
    const aLoud = v128.and(exists, f32x4.gt(aPower, floor));
    const aCounts = v128.and(exists, v128.or(aLoud, f32x4.gt(aTarget, floor)));
    const aLog = ln4(f32x4.div(f32x4.pmax(aPower, floor), f32x4.pmax(aTarget, floor)));
    const aScale = v128.and(aLoud, f32x4.div(signOf(aLog), aPower));

    const bPower = power(br, bi);
    const bTarget = power(f32x4.add(vi, ni), f32x4.sub(nr, vr));
    const bLoud = v128.and(v128.and(exists, bExists), f32x4.gt(bPower, floor));
    const bCounts = v128.and(v128.and(exists, bExists), v128.or(bLoud, f32x4.gt(bTarget, floor)));
    const bLog = ln4(f32x4.div(f32x4.pmax(bPower, floor), f32x4.pmax(bTarget, floor)));
    const bScale = v128.and(bLoud, f32x4.div(signOf(bLog), bPower));

    sum = f32x4.add(sum, v128.and(aCounts, f32x4.abs(aLog)));
    sum = f32x4.add(sum, v128.and(bCounts, f32x4.abs(bLog)));
    counted = i32x4.add(counted, i32x4.add(aCounts, bCounts));
    // half of conj(Y) / |Y|^2 is conj(2 Y) / |2 Y|^2
    storeHalves(
      size,
      k,
      f32x4.mul(aScale, ar),
      f32x4.neg(f32x4.mul(aScale, ai)),
      f32x4.mul(bScale, br),
      f32x4.neg(f32x4.mul(bScale, bi)),
      back,
      back + bytes,
    );
    exists = i32x4.splat(-1);
  }
  loss.sums = f32x4.mul(f32x4.splat(0.5), sum); // logarithms were of powers
  loss.counts = counted;
}

// @ts-ignore: decorator
@inline
function reversed(x: v128): v128 {
  return v128.shuffle<f32>(x, x, 3, 2, 1, 0);
}

// @ts-ignore: decorator
@inline
function power(re: v128, im: v128): v128 {
  return f32x4.add(f32x4.mul(re, re), f32x4.mul(im, im));
}

/** 1, -1, or 0 for 0. */
// @ts-ignore: decorator
@inline
function signOf(x: v128): v128 {
  const one = f32x4.splat(1);
  const zero = f32x4.splat(0);
  return f32x4.sub(v128.and(f32x4.gt(x, zero), one), v128.and(f32x4.lt(x, zero), one));
}

function sumOfLanes(x: v128): f64 {
  return (
    <f64>f32x4.extract_lane(x, 0) +
    <f64>f32x4.extract_lane(x, 1) +
    <f64>f32x4.extract_lane(x, 2) +
    <f64>f32x4.extract_lane(x, 3)
  );
}

function sumOfCounts(x: v128): f64 {
  const even = i32x4.extract_lane(x, 0) + i32x4.extract_lane(x, 2);
  const odd = i32x4.extract_lane(x, 1) + i32x4.extract_lane(x, 3);
  return <f64>(even + odd);
}
