// Short passes over signals that are not filters: weighting, mixing, and sums of products, for exactly count samples.
//
// Memory: none.
// Cost: under 1 % of a training step of linear loops (see fft.ts), 3 % with a mixture, which weights three lines.

import { madd1, madd4 } from "../lanes";

/** out[n] = scale * x[n]. */
export function lineScale(out: usize, x: usize, scale: f32, count: i32): void {
  const s = f32x4.splat(scale);
  const end = x + ((<usize>(count & ~3)) << 2);
  const stop = x + ((<usize>count) << 2);
  for (; x < end; x += 16, out += 16) v128.store(out, f32x4.mul(s, v128.load(x)));
  for (; x < stop; x += 4, out += 4) store<f32>(out, scale * load<f32>(x));
}

/** out[n] += scale * x[n]. */
export function lineAdd(out: usize, x: usize, scale: f32, count: i32): void {
  const s = f32x4.splat(scale);
  const end = x + ((<usize>(count & ~3)) << 2);
  const stop = x + ((<usize>count) << 2);
  for (; x < end; x += 16, out += 16) v128.store(out, madd4(s, v128.load(x), v128.load(out)));
  for (; x < stop; x += 4, out += 4) store<f32>(out, madd1(scale, load<f32>(x), load<f32>(out)));
}

/** Sum of a[n] b[n] in float64. */
export function lineDot(a: usize, b: usize, count: i32): f64 {
  let low = f64x2.splat(0);
  let high = low;
  const end = a + ((<usize>(count & ~3)) << 2);
  const stop = a + ((<usize>count) << 2);
  for (; a < end; a += 16, b += 16) {
    const x = v128.load(a);
    const y = v128.load(b);
    low = f64x2.add(low, f64x2.mul(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(y)));
    const xHigh = f64x2.promote_low_f32x4(v128.shuffle<f64>(x, x, 1, 1));
    high = f64x2.add(high, f64x2.mul(xHigh, f64x2.promote_low_f32x4(v128.shuffle<f64>(y, y, 1, 1))));
  }
  const four = f64x2.add(low, high);
  let sum = f64x2.extract_lane(four, 0) + f64x2.extract_lane(four, 1);
  for (; a < stop; a += 4, b += 4) sum += <f64>load<f32>(a) * <f64>load<f32>(b);
  return sum;
}
