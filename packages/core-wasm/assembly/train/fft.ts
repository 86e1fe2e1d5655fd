// A complex FFT of one signal, vectorised within it. Its samples modulo 4 are four signals of size / 4, one in each
// lane, so all passes but the last work on whole vectors without a shuffle; the last combines the lanes. Every pass
// is radix 4 (the first radix 2 where the size asks for it) and puts its results in order (Stockham: from one buffer
// into another). One frame of 4096 is 32 KB and stays in the first-level cache.
//
//   planes   f32 x size: real parts, and imaginary parts, in the natural order, before and after
//   buffers  f32 x size x 2, element i: [ re of samples 4 i .. 4 i + 3 | im of the same ]
//
// Memory: the two buffers, and tables of turns, 8 bytes a sample.
// Cost: 28 % of a training step of linear loops (64 round trips of 533 samples, batch 8, N = 256, November 2026), the
// most after the loops' own sums; 14 % with a mixture of three filters.

import { allocate } from "../arena";
import { madd4 } from "../lanes";

@unmanaged
export class Fft {
  size: i32;
  twiddles: usize; // f32 x size / 4 x 2: cos, -sin of 2 pi k / (size / 4)
  lastTwiddles: usize; // f32 x size / 16 x 24: for four k at a time, cos and -sin of 2 pi l k / size for l = 1, 2, 3
  a: usize; // buffers
  b: usize;
}

/** Make the tables. @param size a power of two, at least 16 */
export function createFft(size: i32): Fft {
  if (size < 16) unreachable(); // the last pass takes four vectors at a time
  const fft = changetype<Fft>(allocate(offsetof<Fft>()));
  const quarter = size / 4;
  fft.size = size;
  fft.twiddles = allocate((<usize>size) << 1);
  for (let k = 0; k < quarter; ++k) storeTwiddle(fft.twiddles + ((<usize>k) << 3), 4, k, quarter);
  fft.lastTwiddles = allocate((<usize>size) * 6);
  for (let k = 0; k < quarter; ++k) {
    const group = fft.lastTwiddles + <usize>(k / 4) * 96 + ((<usize>(k % 4)) << 2);
    for (let l = 1; l < 4; ++l) storeTwiddle(group + <usize>(l - 1) * 32, 16, l * k, size);
  }
  fft.a = allocate((<usize>size) << 3);
  fft.b = allocate((<usize>size) << 3);
  return fft;
}

function storeTwiddle(at: usize, imOffset: usize, k: i32, size: i32): void {
  const angle = (2 * Math.PI * <f64>k) / <f64>size;
  store<f32>(at, <f32>Math.cos(angle));
  store<f32>(at + imOffset, <f32>-Math.sin(angle));
}

/** Transform two planes in place. */
export function transform(fft: Fft, re: usize, im: usize): void {
  const quarter = fft.size / 4;
  let from = fft.a;
  let to = fft.b;
  // quarter is a power of 4, or twice one
  let done = ctz(quarter) & 1 ? firstPass2(fft, re, im, from) : firstPass4(fft, re, im, from);
  for (; done < quarter; done *= 4) {
    pass4(fft, from, to, done);
    const swap = from;
    from = to;
    to = swap;
  }
  combineLanes(fft, from, re, im);
}

/** The first pass, radix 2, from planes. @returns 2, the signals there are now */
function firstPass2(fft: Fft, re: usize, im: usize, to: usize): i32 {
  const halfBytes = (<usize>fft.size) << 1; // half a plane
  const end = re + halfBytes;
  for (let w = fft.twiddles; re < end; w += 8) {
    const ar = v128.load(re);
    const ai = v128.load(im);
    const br = v128.load(re + halfBytes);
    const bi = v128.load(im + halfBytes);
    v128.store(to, f32x4.add(ar, br));
    v128.store(to, f32x4.add(ai, bi), 16);
    storeTurned(to + 32, f32x4.sub(ar, br), f32x4.sub(ai, bi), w);
    re += 16;
    im += 16;
    to += 64;
  }
  return 2;
}

/** The first pass, radix 4, from planes. @returns 4 */
function firstPass4(fft: Fft, re: usize, im: usize, to: usize): i32 {
  const stride = <usize>fft.size; // a quarter of a plane
  const end = re + stride;
  let w: usize = 0;
  while (re < end) {
    const ar = v128.load(re);
    const ai = v128.load(im);
    const br = v128.load(re + stride);
    const bi = v128.load(im + stride);
    const cr = v128.load(re + 2 * stride);
    const ci = v128.load(im + 2 * stride);
    const dr = v128.load(re + 3 * stride);
    const di = v128.load(im + 3 * stride);
    butterfly(fft.twiddles, w, ar, ai, br, bi, cr, ci, dr, di, to, 32);
    re += 16;
    im += 16;
    to += 128;
    w += 8;
  }
  return 4;
}

/** Radix 4 on `done` signals interleaved. */
function pass4(fft: Fft, from: usize, to: usize, done: i32): void {
  const stride = (<usize>fft.size) << 1; // a quarter of a buffer
  const run = (<usize>done) << 5;
  const step = (<usize>done) << 3;
  const last = step * <usize>(fft.size / 16 / done);
  for (let w: usize = 0; w < last; w += step) {
    for (const end = from + run; from < end; from += 32) {
      const ar = v128.load(from);
      const ai = v128.load(from, 16);
      const b = from + stride;
      const br = v128.load(b);
      const bi = v128.load(b, 16);
      const c = b + stride;
      const cr = v128.load(c);
      const ci = v128.load(c, 16);
      const d = c + stride;
      const dr = v128.load(d);
      const di = v128.load(d, 16);
      butterfly(fft.twiddles, w, ar, ai, br, bi, cr, ci, dr, di, to, run);
      to += 32;
    }
    to += 3 * run;
  }
}

/** Four results at to, to + run, ...; the last three turned by w, 2 w, 3 w (offsets into the twiddles). */
// @ts-ignore: decorator
@inline
function butterfly(
  twiddles: usize,
  w: usize,
  ar: v128,
  ai: v128,
  br: v128,
  bi: v128,
  cr: v128,
  ci: v128,
  dr: v128,
  di: v128,
  to: usize,
  run: usize,
): void {
  const pr = f32x4.add(ar, cr);
  const pi = f32x4.add(ai, ci);
  const mr = f32x4.sub(ar, cr);
  const mi = f32x4.sub(ai, ci);
  const qr = f32x4.add(br, dr);
  const qi = f32x4.add(bi, di);
  const nr = f32x4.sub(br, dr);
  const ni = f32x4.sub(bi, di);
  v128.store(to, f32x4.add(pr, qr));
  v128.store(to, f32x4.add(pi, qi), 16);
  storeTurned(to + run, f32x4.add(mr, ni), f32x4.sub(mi, nr), twiddles + w);
  storeTurned(to + 2 * run, f32x4.sub(pr, qr), f32x4.sub(pi, qi), twiddles + 2 * w);
  storeTurned(to + 3 * run, f32x4.sub(mr, ni), f32x4.add(mi, nr), twiddles + 3 * w);
}

/** Store (re + j im) times one twiddle factor. */
// @ts-ignore: decorator
@inline
function storeTurned(to: usize, re: v128, im: v128, twiddle: usize): void {
  const c = v128.load_splat<f32>(twiddle);
  const s = v128.load_splat<f32>(twiddle, 4);
  v128.store(to, turnedRe(re, im, c, s));
  v128.store(to, turnedIm(re, im, c, s), 16);
}

// @ts-ignore: decorator
@inline
function turnedRe(re: v128, im: v128, c: v128, s: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_nmadd(im, s, f32x4.mul(re, c));
  return f32x4.sub(f32x4.mul(re, c), f32x4.mul(im, s));
}

// @ts-ignore: decorator
@inline
function turnedIm(re: v128, im: v128, c: v128, s: v128): v128 {
  return madd4(re, s, f32x4.mul(im, c));
}

/** The last pass: from four signals' spectra, side by side in the lanes, to the spectrum of all. */
function combineLanes(fft: Fft, from: usize, re: usize, im: usize): void {
  const stride = <usize>fft.size; // a quarter of a plane
  let w = fft.lastTwiddles;
  for (const end = re + stride; re < end; re += 16, im += 16, from += 128, w += 96) {
    // four k in four vectors become one signal in each
    const r0 = v128.load(from);
    const r1 = v128.load(from, 32);
    const r2 = v128.load(from, 64);
    const r3 = v128.load(from, 96);
    const rl = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
    const rh = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    const sl = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
    const sh = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    const i0 = v128.load(from, 16);
    const i1 = v128.load(from, 48);
    const i2 = v128.load(from, 80);
    const i3 = v128.load(from, 112);
    const jl = v128.shuffle<f32>(i0, i1, 0, 4, 1, 5);
    const jh = v128.shuffle<f32>(i0, i1, 2, 6, 3, 7);
    const kl = v128.shuffle<f32>(i2, i3, 0, 4, 1, 5);
    const kh = v128.shuffle<f32>(i2, i3, 2, 6, 3, 7);
    const ar = v128.shuffle<f32>(rl, sl, 0, 1, 4, 5);
    const ai = v128.shuffle<f32>(jl, kl, 0, 1, 4, 5);
    const ur = v128.shuffle<f32>(rl, sl, 2, 3, 6, 7);
    const ui = v128.shuffle<f32>(jl, kl, 2, 3, 6, 7);
    const vr = v128.shuffle<f32>(rh, sh, 0, 1, 4, 5);
    const vi = v128.shuffle<f32>(jh, kh, 0, 1, 4, 5);
    const wr = v128.shuffle<f32>(rh, sh, 2, 3, 6, 7);
    const wi = v128.shuffle<f32>(jh, kh, 2, 3, 6, 7);

    const br = turnedRe(ur, ui, v128.load(w), v128.load(w, 16));
    const bi = turnedIm(ur, ui, v128.load(w), v128.load(w, 16));
    const cr = turnedRe(vr, vi, v128.load(w, 32), v128.load(w, 48));
    const ci = turnedIm(vr, vi, v128.load(w, 32), v128.load(w, 48));
    const dr = turnedRe(wr, wi, v128.load(w, 64), v128.load(w, 80));
    const di = turnedIm(wr, wi, v128.load(w, 64), v128.load(w, 80));

    const pr = f32x4.add(ar, cr);
    const pi = f32x4.add(ai, ci);
    const mr = f32x4.sub(ar, cr);
    const mi = f32x4.sub(ai, ci);
    const qr = f32x4.add(br, dr);
    const qi = f32x4.add(bi, di);
    const nr = f32x4.sub(br, dr);
    const ni = f32x4.sub(bi, di);
    v128.store(re, f32x4.add(pr, qr));
    v128.store(im, f32x4.add(pi, qi));
    v128.store(re + stride, f32x4.add(mr, ni));
    v128.store(im + stride, f32x4.sub(mi, nr));
    v128.store(re + 2 * stride, f32x4.sub(pr, qr));
    v128.store(im + 2 * stride, f32x4.sub(pi, qi));
    v128.store(re + 3 * stride, f32x4.sub(mr, ni));
    v128.store(im + 3 * stride, f32x4.add(mi, nr));
  }
}
