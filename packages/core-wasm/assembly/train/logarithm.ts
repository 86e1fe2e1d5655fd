// The natural logarithm in four lanes. x = m 2^e with m in [0.707, 1.414); ln m by its series in s = (m - 1) / (m + 1),
// |s| < 0.172, whose first term left out is below 1e-9:
//
//   ln x = e ln 2 + 2 (s + s^3 / 3 + s^5 / 5 + s^7 / 7 + s^9 / 9)
//
// Memory: none.
// Cost: most of spectral-loss.ts, into which it is compiled.

const MANTISSA: i32 = 0x007fffff; // 8388607
const HALF_SQRT: i32 = 0x3f3504f3; // 1060439283, the bits of 0.70710677

/** ln in four lanes, |error| < 2e-7 (1 + |ln x|) for normal x > 0; anything finite for x = 0. */
// @ts-ignore: decorator
@inline
export function ln4(x: v128): v128 {
  const shifted = i32x4.sub(x, i32x4.splat(HALF_SQRT));
  const exponent = f32x4.convert_i32x4_s(i32x4.shr_s(shifted, 23));
  const m = i32x4.add(v128.and(shifted, i32x4.splat(MANTISSA)), i32x4.splat(HALF_SQRT));
  const s = f32x4.div(f32x4.sub(m, f32x4.splat(1)), f32x4.add(m, f32x4.splat(1)));
  const z = f32x4.mul(s, s);
  let p = f32x4.splat(2.0 / 9.0);
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(2.0 / 7.0));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(2.0 / 5.0));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(2.0 / 3.0));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(2.0));
  return f32x4.add(f32x4.mul(exponent, f32x4.splat(0.6931471805599453)), f32x4.mul(p, s));
}
