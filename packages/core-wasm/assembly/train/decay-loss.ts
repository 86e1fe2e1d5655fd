// How differently a rollout and the recording decay, band by band, and its gradient. From short-time spectra, the
// energy still to come in band b from frame f on (a recording's contains its noise, so the rollout's is given as much):
//
//   E[b, f] = sum over the band's bins of |Y|^2       D[b, f] = sum over f' >= f of E[b, f']
//   Y'[b, f] = DY[b, f] + noise[b] (frames - f)       X'[b, f] = DX[b, f]
//   loss = weight * mean over counted cells of |ln (Y' / X')|
//
// A cell counts where the recording is more than its noise: DX > 10 noise[b] (frames - f), and DX > 1e-6 max DX; and a
// rollout that is utterly silent has no logarithm to compare.
//
//   energies   f64 x bands x frames: E, then D, of Y then the slopes dL/dE
//
// Memory: beside those, the spectra of all frames of both sounds, two planes to work in, and a gradient of every
// sample.
// Cost: 2 % of a training step of linear loops (see fft.ts), its transforms left out.

import { allocate } from "../arena";
import { Frames, analyse, createFrames, frameCount, gather, planeBytes, storeHalves } from "./frames";
import { lineAdd } from "./line";

const ABOVE_NOISE: f64 = 10;
const BELOW_LARGEST: f64 = 1e-6;

@unmanaged
export class DecayLoss {
  frames: Frames;
  bands: i32;
  edges: usize; // i32 x (bands + 1): band b has the bins edges[b] .. edges[b + 1] - 1
  most: i32; // samples there is room for
  mostFrames: i32;
  spectra: usize; // two planes for every pair of frames of the rollout
  work: usize; // two planes: the recording's spectra, then the way back
  powers: usize; // f32 x (size / 2 + 4) x 2: of A, of B; on the way back dL/dE, bin by bin
  energiesY: usize;
  energiesX: usize;
  gradient: usize; // f32 x most
}

/** Make the tables. @param edges i32 x (bands + 1), kept; ascending, 0 .. size / 2 + 1 */
export function decayLossCreate(size: i32, hop: i32, most: i32, edges: usize, bands: i32): usize {
  const loss = changetype<DecayLoss>(allocate(offsetof<DecayLoss>()));
  loss.frames = createFrames(size, hop);
  loss.bands = bands;
  loss.edges = edges;
  loss.most = most;
  loss.mostFrames = frameCount(loss.frames, most);
  loss.spectra = allocate(<usize>((loss.mostFrames + 1) & ~1) * planeBytes(size));
  loss.work = allocate(2 * planeBytes(size));
  loss.powers = allocate((<usize>(size + 8)) << 2);
  loss.energiesY = allocate((<usize>(bands * loss.mostFrames)) << 3);
  loss.energiesX = allocate((<usize>(bands * loss.mostFrames)) << 3);
  loss.gradient = allocate((<usize>most) << 2);
  return changetype<usize>(loss);
}

/**
 * Measure the loss and add its gradient.
 * @param y f32 x count, the rollout
 * @param t f32 x count, the recording
 * @param noise f32 x bands: the recording's noise energy a frame
 * @param gy f32 x count: the gradient is added to it
 * @returns the weighted loss; 0 where the rollout is shorter than a frame
 */
export function decayLossApply(
  handle: usize,
  y: usize,
  t: usize,
  count: i32,
  noise: usize,
  weight: f64,
  gy: usize,
): f64 {
  const loss = changetype<DecayLoss>(handle);
  const frames = loss.frames;
  if (count < frames.size || count > loss.most) return 0;
  const total = frameCount(frames, count);
  const bytes = planeBytes(frames.size);
  for (let frame = 0; frame < total; frame += 2) {
    const isPair = frame + 1 < total;
    const spectrum = loss.spectra + <usize>frame * bytes;
    analyse(frames, y, frame, isPair, spectrum, spectrum + bytes);
    storeEnergies(loss, spectrum, frame, isPair, loss.energiesY);
    analyse(frames, t, frame, isPair, loss.work, loss.work + bytes);
    storeEnergies(loss, loss.work, frame, isPair, loss.energiesX);
  }
  accumulate(loss, loss.energiesY, total);
  const largest = accumulate(loss, loss.energiesX, total);
  const value = compareDecays(loss, noise, total, weight, BELOW_LARGEST * largest);

  memory.fill(loss.gradient, 0, (<usize>count) << 2);
  for (let frame = 0; frame < total; frame += 2) {
    const isPair = frame + 1 < total;
    memory.fill(loss.powers, 0, (<usize>(frames.size + 8)) << 2);
    spreadSlopes(loss, frame, 0);
    if (isPair) spreadSlopes(loss, frame + 1, 1);
    weightSpectrum(loss, loss.spectra + <usize>frame * bytes);
    gather(frames, frame, isPair, loss.work, loss.work + bytes, loss.gradient);
  }
  lineAdd(gy, loss.gradient, 1, count);
  return value;
}

/** Address of E, D or dL/dE of one band and frame. */
// @ts-ignore: decorator
@inline
function cell(loss: DecayLoss, energies: usize, band: i32, frame: i32): usize {
  return energies + ((<usize>(band * loss.mostFrames + frame)) << 3);
}

// @ts-ignore: decorator
@inline
function edge(loss: DecayLoss, i: i32): i32 {
  return load<i32>(loss.edges + ((<usize>i) << 2));
}

/** Where one frame's bins begin in `powers`. @param which 0 for frame A, 1 for B */
// @ts-ignore: decorator
@inline
function powersOf(loss: DecayLoss, which: i32): usize {
  return loss.powers + ((<usize>(which * (loss.frames.size / 2 + 4))) << 2);
}

/** The bands' energies of two frames. */
function storeEnergies(loss: DecayLoss, re: usize, frame: i32, isPair: bool, energies: usize): void {
  const size = loss.frames.size;
  const im = re + planeBytes(size);
  const quarter = f32x4.splat(0.25);
  for (let k = 0; k <= size / 2; k += 4) {
    const at = (<usize>k) << 2;
    const mirror = (<usize>(size - k - 3)) << 2;
    const zr = v128.load(re + at);
    const zi = v128.load(im + at);
    const mr = reversed(re + mirror);
    const mi = reversed(im + mirror);
    v128.store(powersOf(loss, 0) + at, f32x4.mul(quarter, power(f32x4.add(zr, mr), f32x4.sub(zi, mi))));
    v128.store(powersOf(loss, 1) + at, f32x4.mul(quarter, power(f32x4.add(zi, mi), f32x4.sub(mr, zr))));
  }
  const present = isPair ? 2 : 1;
  for (let which = 0; which < present; ++which) {
    const powers = powersOf(loss, which);
    for (let band = 0; band < loss.bands; ++band) {
      let sum: f64 = 0;
      for (let k = edge(loss, band); k < edge(loss, band + 1); ++k) {
        sum += <f64>load<f32>(powers + ((<usize>k) << 2));
      }
      store<f64>(cell(loss, energies, band, frame + which), sum);
    }
  }
}

/** From energies to those still to come. @returns the largest */
function accumulate(loss: DecayLoss, energies: usize, total: i32): f64 {
  let largest: f64 = 0;
  for (let band = 0; band < loss.bands; ++band) {
    let sum: f64 = 0;
    for (let frame = total - 1; frame >= 0; --frame) {
      const at = cell(loss, energies, band, frame);
      sum += load<f64>(at);
      store<f64>(at, sum);
    }
    largest = max(largest, sum);
  }
  return largest;
}

/** The loss; leaves dL/dE of the rollout in the place of its D. */
function compareDecays(loss: DecayLoss, noise: usize, total: i32, weight: f64, least: f64): f64 {
  let sum: f64 = 0;
  let counted: f64 = 0;
  for (let band = 0; band < loss.bands; ++band) {
    const n = <f64>load<f32>(noise + ((<usize>band) << 2));
    for (let frame = 0; frame < total; ++frame) {
      const at = cell(loss, loss.energiesY, band, frame);
      const tail = n * <f64>(total - frame);
      const dx = load<f64>(cell(loss, loss.energiesX, band, frame));
      const dy = load<f64>(at) + tail;
      let slope: f64 = 0;
      if (dx > ABOVE_NOISE * tail && dx > least && dy > 0) {
        const d = Math.log(dy / dx);
        sum += abs(d);
        counted += 1;
        slope = d == 0 ? 0 : (d > 0 ? 1 : -1) / dy;
      }
      store<f64>(at, slope);
    }
  }
  if (counted == 0) return 0;
  const share = weight / counted;
  for (let band = 0; band < loss.bands; ++band) {
    // E[f] is part of D[f'] for all f' <= f
    let slope: f64 = 0;
    for (let frame = 0; frame < total; ++frame) {
      const at = cell(loss, loss.energiesY, band, frame);
      slope += share * load<f64>(at);
      store<f64>(at, slope);
    }
  }
  return share * sum;
}

/** One frame's dL/dE at each of its bins; what lies outside the bands stays. */
function spreadSlopes(loss: DecayLoss, frame: i32, which: i32): void {
  const powers = powersOf(loss, which);
  for (let band = 0; band < loss.bands; ++band) {
    const slope = <f32>load<f64>(cell(loss, loss.energiesY, band, frame));
    for (let k = edge(loss, band); k < edge(loss, band + 1); ++k) {
      store<f32>(powers + ((<usize>k) << 2), slope);
    }
  }
}

/** What goes back of two frames: c = dL/dE 2 conj(Y), and half of it is dL/dE conj(Y). */
function weightSpectrum(loss: DecayLoss, re: usize): void {
  const size = loss.frames.size;
  const im = re + planeBytes(size);
  const half = f32x4.splat(0.5);
  for (let k = size / 2; k >= 0; k -= 4) {
    const at = (<usize>k) << 2;
    const mirror = (<usize>(size - k - 3)) << 2;
    const zr = v128.load(re + at);
    const zi = v128.load(im + at);
    const mr = reversed(re + mirror);
    const mi = reversed(im + mirror);
    const a = f32x4.mul(half, v128.load(powersOf(loss, 0) + at));
    const b = f32x4.mul(half, v128.load(powersOf(loss, 1) + at));
    storeHalves(
      size,
      k,
      f32x4.mul(a, f32x4.add(zr, mr)),
      f32x4.mul(a, f32x4.sub(mi, zi)),
      f32x4.mul(b, f32x4.add(zi, mi)),
      f32x4.mul(b, f32x4.sub(zr, mr)),
      loss.work,
      loss.work + planeBytes(size),
    );
  }
}

// @ts-ignore: decorator
@inline
function reversed(at: usize): v128 {
  const x = v128.load(at);
  return v128.shuffle<f32>(x, x, 3, 2, 1, 0);
}

// @ts-ignore: decorator
@inline
function power(re: v128, im: v128): v128 {
  return f32x4.add(f32x4.mul(re, re), f32x4.mul(im, im));
}
