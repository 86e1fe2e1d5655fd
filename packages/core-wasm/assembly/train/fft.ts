// A complex FFT of four signals at once, one in each lane: no shuffles, and the spectral loss has many frames to
// transform anyway. Radix 2, decimation in time, in place; sizes are powers of two.
//
//   data: f32 x size x 8, element i: [ re of signals 0..3 | im of signals 0..3 ]

import { allocate } from "../arena";

const ELEMENT: usize = 32;

/** Make a table of twiddle factors: f32 x size, pairs cos, -sin of 2 pi k / size for k < size / 2. */
export function createTwiddles(size: i32): usize {
  const table = allocate((<usize>size) << 2);
  for (let k = 0; k < size / 2; ++k) {
    const angle = (2 * Math.PI * <f64>k) / <f64>size;
    store<f32>(table + ((<usize>k) << 3), <f32>Math.cos(angle));
    store<f32>(table + ((<usize>k) << 3), <f32>-Math.sin(angle), 4);
  }
  return table;
}

/** Transform in place. @param twiddles of the same size */
export function fft(data: usize, size: i32, twiddles: usize): void {
  reorder(data, size);
  for (let half = 1; half < size; half <<= 1) {
    const stride = (<usize>(size / (2 * half))) << 3;
    const halfBytes = <usize>half * ELEMENT;
    for (let k = 0; k < half; ++k) {
      const twiddle = twiddles + <usize>k * stride;
      const c = v128.load_splat<f32>(twiddle);
      const s = v128.load_splat<f32>(twiddle, 4);
      for (let i = k; i < size; i += 2 * half) {
        const a = data + <usize>i * ELEMENT;
        const b = a + halfBytes;
        const re = v128.load(b);
        const im = v128.load(b, 16);
        const tr = f32x4.sub(f32x4.mul(re, c), f32x4.mul(im, s));
        const ti = f32x4.add(f32x4.mul(re, s), f32x4.mul(im, c));
        const ar = v128.load(a);
        const ai = v128.load(a, 16);
        v128.store(a, f32x4.add(ar, tr));
        v128.store(a, f32x4.add(ai, ti), 16);
        v128.store(b, f32x4.sub(ar, tr));
        v128.store(b, f32x4.sub(ai, ti), 16);
      }
    }
  }
}

/** Put elements in bit-reversed order. */
function reorder(data: usize, size: i32): void {
  let j = 0;
  for (let i = 0; i < size - 1; ++i) {
    if (i < j) {
      const a = data + <usize>i * ELEMENT;
      const b = data + <usize>j * ELEMENT;
      const re = v128.load(a);
      const im = v128.load(a, 16);
      v128.store(a, v128.load(b));
      v128.store(a, v128.load(b, 16), 16);
      v128.store(b, re);
      v128.store(b, im, 16);
    }
    let bit = size >> 1;
    while (j & bit) {
      j ^= bit;
      bit >>= 1;
    }
    j |= bit;
  }
}
