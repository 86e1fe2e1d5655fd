// The discrete Fourier transform in float64, for filters that are made while others play: exact enough for a loop
// gain of 0.9997, and the same bits in every build. The vectorised float32 one of training is in train/fft.ts.
//
//   bits reversed, then log2(size) passes in place:   a' = a + w b,  b' = a - w b,   a and b half = 1, 2, 4 .. apart
//
// Memory: real and imaginary parts, f64 x size each; one table of cosines and one of sines, f64 x most / 2.
// Cost: 14 % of what tuning a string costs (passive-retune.ts).

import { allocate } from "./arena";
import { sine } from "./sine";

@unmanaged
export class FftTables {
  most: i32; // the longest transform
  cos: usize; // f64 x most / 2, of 2 pi i / most
  sin: usize;
}

/** Make tables for transforms up to a size. @param most a power of two */
export function createFftTables(most: i32): FftTables {
  const tables = changetype<FftTables>(allocate(offsetof<FftTables>()));
  tables.most = most;
  tables.cos = allocate((<usize>most) << 2);
  tables.sin = allocate((<usize>most) << 2);
  for (let i = 0; i < most / 2; ++i) {
    const angle = (2 * Math.PI * <f64>i) / <f64>most;
    store<f64>(tables.cos + ((<usize>i) << 3), Math.cos(angle));
    store<f64>(tables.sin + ((<usize>i) << 3), sine(angle));
  }
  return tables;
}

/**
 * X[k] = sum over n of x[n] e^(-+ j 2 pi k n / size), in place and not divided by anything.
 * @param size a power of two, at least 2, at most the tables'
 * @param re f64 x size @param im f64 x size
 * @param sign -1 forwards, 1 backwards
 */
export function fftDouble(tables: FftTables, size: i32, re: usize, im: usize, sign: f64): void {
  reverseBits(size, re, im);
  for (let half = 1; half < size; half *= 2) {
    const stride = (<usize>(tables.most / (2 * half))) << 3;
    const across = (<usize>half) << 3;
    for (let from = 0; from < size; from += 2 * half) {
      let a = re + ((<usize>from) << 3);
      let b = im + ((<usize>from) << 3);
      let turn: usize = 0;
      for (const end = a + across; a < end; a += 8, b += 8, turn += stride) {
        const c = load<f64>(tables.cos + turn);
        const s = sign * load<f64>(tables.sin + turn);
        const xr = load<f64>(a + across);
        const xi = load<f64>(b + across);
        const turnedRe = c * xr - s * xi;
        const turnedIm = c * xi + s * xr;
        const ar = load<f64>(a);
        const ai = load<f64>(b);
        store<f64>(a + across, ar - turnedRe);
        store<f64>(b + across, ai - turnedIm);
        store<f64>(a, ar + turnedRe);
        store<f64>(b, ai + turnedIm);
      }
    }
  }
}

/** Put element i where i with its bits reversed was. */
function reverseBits(size: i32, re: usize, im: usize): void {
  let j = 0;
  for (let i = 1; i < size; ++i) {
    let bit = size >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      swap(re, i, j);
      swap(im, i, j);
    }
  }
}

// @ts-ignore: decorator
@inline
function swap(x: usize, i: i32, j: i32): void {
  const a = x + ((<usize>i) << 3);
  const b = x + ((<usize>j) << 3);
  const kept = load<f64>(a);
  store<f64>(a, load<f64>(b));
  store<f64>(b, kept);
}
