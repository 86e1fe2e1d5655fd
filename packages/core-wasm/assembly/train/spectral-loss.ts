// How far the spectrum of a rollout is from that of the recording, and its gradient. Short-time spectra of both in one
// complex FFT (rollout in the real part, recording in the imaginary), four frames at a time:
//
//   loss = weight * sum over counted cells of |ln max(Y, f) - ln max(X, f)| / (counted cells + 1)
//
// Y, X: magnitudes; f: three times the recording's own noise in that bin. A cell counts where either is above f, so
// too much sound is punished where the recording is silent, and its noise is never imitated.
//
// Gradient: with c = dloss/dY, the gradient of a frame's samples is the real part of the FFT of c conj(Y) / |Y| over
// the bins 0 .. size / 2, times the window. How many cells count is known only at the end, so gradients are gathered
// unscaled and added scaled.

import { allocate } from "../arena";
import { createTwiddles, fft } from "./fft";
import { ln4 } from "./logarithm";

@unmanaged
export class SpectralLoss {
  size: i32;
  hop: i32;
  most: i32; // samples there is room for
  twiddles: usize;
  window: usize; // f32 x size, Hann
  data: usize; // f32 x size x 8: work space of the FFT
  gradient: usize; // f32 x most: gathered, unscaled
  sum: f64; // of |ln Y - ln X| over the counted cells so far
  counted: f64;
}

/** Make the tables of one resolution, with room for rollouts of up to `most` samples. */
export function spectralLossCreate(size: i32, hop: i32, most: i32): usize {
  const loss = changetype<SpectralLoss>(allocate(offsetof<SpectralLoss>()));
  loss.size = size;
  loss.hop = hop;
  loss.most = most;
  loss.twiddles = createTwiddles(size);
  loss.window = allocate((<usize>size) << 2);
  for (let i = 0; i < size; ++i) {
    const w = 0.5 - 0.5 * Math.cos((2 * Math.PI * <f64>i) / <f64>size);
    store<f32>(loss.window + ((<usize>i) << 2), <f32>w);
  }
  loss.data = allocate((<usize>size) << 5);
  loss.gradient = allocate((<usize>most) << 2);
  return changetype<usize>(loss);
}

/**
 * Measure the loss and add its gradient.
 * @param y f32 x count, the rollout
 * @param t f32 x count, the recording
 * @param floor f32 x (size / 2 + 1): f of each bin
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
  if (count < loss.size || count > loss.most) return 0;
  const frames = (count - loss.size) / loss.hop + 1;
  loss.sum = 0;
  loss.counted = 0;
  memory.fill(loss.gradient, 0, (<usize>count) << 2);
  for (let frame = 0; frame < frames; frame += 4) {
    loadFrames(loss, y, t, frame, frames);
    fft(loss.data, loss.size, loss.twiddles);
    compareFrames(loss, floor);
    fft(loss.data, loss.size, loss.twiddles);
    gatherGradient(loss, frame, min(4, frames - frame));
  }
  const share = <f32>(weight / (loss.counted + 1));
  for (let n = 0; n < count; ++n) {
    const at = (<usize>n) << 2;
    store<f32>(gy + at, load<f32>(gy + at) + share * load<f32>(loss.gradient + at));
  }
  return (weight * loss.sum) / (loss.counted + 1);
}

/** Window four frames of both sounds into the work space; frames that do not exist are silent, and never count. */
function loadFrames(loss: SpectralLoss, y: usize, t: usize, frame: i32, frames: i32): void {
  for (let lane = 0; lane < 4; ++lane) {
    const exists = frame + lane < frames;
    const offset = (<usize>((frame + lane) * loss.hop)) << 2;
    for (let i = 0; i < loss.size; ++i) {
      const at = (<usize>i) << 2;
      const a = loss.data + ((<usize>i) << 5) + ((<usize>lane) << 2);
      const w = load<f32>(loss.window + at);
      store<f32>(a, exists ? w * load<f32>(y + offset + at) : 0);
      store<f32>(a, exists ? w * load<f32>(t + offset + at) : 0, 16);
    }
  }
}

/**
 * Tell both spectra apart, count, and put what goes back through the FFT in their place:
 * sign conj(Y) / |Y|^2 in the bins 0 .. size / 2, 0 above.
 */
function compareFrames(loss: SpectralLoss, floor: usize): void {
  const size = loss.size;
  const half = f32x4.splat(0.5);
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  let sum = zero;
  let counted = i32x4.splat(0);
  for (let k = 0; k <= size / 2; ++k) {
    // of z = y + i t, both real: Y = (Z[k] + conj Z[-k]) / 2, X = (Z[k] - conj Z[-k]) / 2i
    const a = loss.data + ((<usize>k) << 5);
    const b = loss.data + ((<usize>((size - k) & (size - 1))) << 5);
    const ar = v128.load(a);
    const ai = v128.load(a, 16);
    const br = v128.load(b);
    const bi = v128.load(b, 16);
    const yr = f32x4.mul(half, f32x4.add(ar, br));
    const yi = f32x4.mul(half, f32x4.sub(ai, bi));
    const xr = f32x4.mul(half, f32x4.add(ai, bi));
    const xi = f32x4.mul(half, f32x4.sub(br, ar));
    const f = v128.load_splat<f32>(floor + ((<usize>k) << 2));
    const fPower = f32x4.mul(f, f);
    const yPower = f32x4.add(f32x4.mul(yr, yr), f32x4.mul(yi, yi));
    const xPower = f32x4.add(f32x4.mul(xr, xr), f32x4.mul(xi, xi));

    const loud = f32x4.gt(yPower, fPower);
    const counts = v128.or(loud, f32x4.gt(xPower, fPower));
    counted = i32x4.sub(counted, counts);
    const ratio = f32x4.div(f32x4.pmax(yPower, fPower), f32x4.pmax(xPower, fPower));
    const d = f32x4.mul(half, ln4(ratio));
    sum = f32x4.add(sum, v128.and(counts, f32x4.abs(d)));

    const sign = f32x4.sub(v128.and(f32x4.gt(d, zero), one), v128.and(f32x4.lt(d, zero), one));
    const scale = v128.and(loud, f32x4.div(sign, yPower));
    // b is read before a later k overwrites it: its own turn comes at size - k > size / 2, which never comes
    v128.store(a, f32x4.mul(scale, yr));
    v128.store(a, f32x4.neg(f32x4.mul(scale, yi)), 16);
    if (k > 0 && k < size / 2) {
      v128.store(b, zero);
      v128.store(b, zero, 16);
    }
  }
  for (let lane = 0; lane < 4; ++lane) {
    loss.sum += <f64>lane4(sum, lane);
  }
  loss.counted += <f64>(
    i32x4.extract_lane(counted, 0) +
    i32x4.extract_lane(counted, 1) +
    i32x4.extract_lane(counted, 2) +
    i32x4.extract_lane(counted, 3)
  );
}

// @ts-ignore: decorator
@inline
function lane4(x: v128, lane: i32): f32 {
  if (lane == 0) return f32x4.extract_lane(x, 0);
  if (lane == 1) return f32x4.extract_lane(x, 1);
  if (lane == 2) return f32x4.extract_lane(x, 2);
  return f32x4.extract_lane(x, 3);
}

/** Add the frames' gradients where they overlap: the real part of the transform, times the window. */
function gatherGradient(loss: SpectralLoss, frame: i32, lanes: i32): void {
  for (let lane = 0; lane < lanes; ++lane) {
    const g = loss.gradient + ((<usize>((frame + lane) * loss.hop)) << 2);
    for (let i = 0; i < loss.size; ++i) {
      const at = (<usize>i) << 2;
      const part = load<f32>(loss.data + ((<usize>i) << 5) + ((<usize>lane) << 2));
      store<f32>(g + at, load<f32>(g + at) + load<f32>(loss.window + at) * part);
    }
  }
}
