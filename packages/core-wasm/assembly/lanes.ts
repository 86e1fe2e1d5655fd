// Four float32 lanes and their scalar twins. Every kernel is written against these few operations, so that the
// scalar and the SIMD build round alike (same operations, same order: equal bits) and only the relaxed build,
// whose multiply-add rounds once instead of twice, may differ.

/** a * b + c in four lanes: one rounding in the relaxed build where the machine has FMA, else two. */
// @ts-ignore: decorator
@inline
export function madd4(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** a * b + c, two roundings. */
// @ts-ignore: decorator
@inline
export function madd1(a: f32, b: f32, c: f32): f32 {
  return a * b + c;
}

/** Samples a time tile holds: two vectors of four. */
export const TILE: i32 = 8;

/** Neurons a packed weight group holds. */
export const GROUP: i32 = 4;

/** n rounded up to a multiple of GROUP. */
// @ts-ignore: decorator
@inline
export function roundUpToGroup(n: i32): i32 {
  return (n + GROUP - 1) & ~(GROUP - 1);
}

// A string that has decayed below this is silence. WASM cannot flush subnormals to zero in hardware, and a loop
// that runs on subnormals is some hundred times slower, so we stop long before them (-300 dB).
const SMALLEST: f32 = 1e-15;

// Nothing that sounds is larger: above this (and for infinity and NaN) the loop has broken.
const LARGEST: f32 = 1e15;

/** 1 where x may be kept in a delay line, 0 where it must become silence. */
// @ts-ignore: decorator
@inline
export function isAudible1(x: f32): bool {
  const magnitude = abs<f32>(x);
  return magnitude >= SMALLEST && magnitude <= LARGEST;
}

/** True where x is infinite, not a number, or so large that the loop has broken. */
// @ts-ignore: decorator
@inline
export function isBroken1(x: f32): bool {
  return !(abs<f32>(x) <= LARGEST);
}

/** x where it may be kept in a delay line, 0 where it must become silence, in four lanes. */
// @ts-ignore: decorator
@inline
export function audible4(x: v128): v128 {
  const magnitude = f32x4.abs(x);
  const kept = v128.and(
    f32x4.ge(magnitude, f32x4.splat(SMALLEST)),
    f32x4.le(magnitude, f32x4.splat(LARGEST)),
  );
  return v128.and(x, kept);
}

/** Copy samples (onto themselves, if asked), what may not be kept as silence. Returns how many of them had broken. */
export function keepAudible(from: usize, to: usize, count: i32): i32 {
  let broken = 0;
  for (let i = 0; i < count; ++i) {
    const at = (<usize>i) << 2;
    const y = load<f32>(from + at);
    const audible = isAudible1(y);
    if (!audible && isBroken1(y)) broken++;
    store<f32>(to + at, audible ? y : 0);
  }
  return broken;
}
