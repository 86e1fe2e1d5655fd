// Four float32 lanes and their scalar twins. Every kernel is written against these few operations, so that the
// scalar and the SIMD build round alike (same operations, same order: equal bits) and only the relaxed build,
// whose multiply-add rounds once instead of twice, may differ.
//
//   v128    [ x0 | x1 | x2 | x3 ]      madd4: a b + c, one machine instruction with FMA, two without
//
// Memory: the bounds of what may be kept, 32 bytes. Cost: nothing is called, all of it is compiled into its callers;
// without FMA a network takes some 1.3 times as long, a passive string 1.2 times (docs/benchmarks.md).

/** a * b + c in four lanes: one rounding in the relaxed build where the machine has FMA, else two. */
// @ts-ignore: decorator
@inline
export function madd4(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** a * b + c, rounded as in a lane of madd4: what is left over of a vector gets the same bits. */
// @ts-ignore: decorator
@inline
export function madd1(a: f32, b: f32, c: f32): f32 {
  if (ASC_FEATURE_RELAXED_SIMD) {
    return f32x4.extract_lane(madd4(f32x4.splat(a), f32x4.splat(b), f32x4.splat(c)), 0);
  }
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

// Four times each, because V8 forms a vector constant anew wherever it is used.
const BOUNDS = memory.data<f32>([SMALLEST, SMALLEST, SMALLEST, SMALLEST, LARGEST, LARGEST, LARGEST, LARGEST], 16);

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
    f32x4.ge(magnitude, v128.load(BOUNDS)),
    f32x4.le(magnitude, v128.load(BOUNDS, 16)),
  );
  return v128.and(x, kept);
}

/** Copy samples (onto themselves, if asked), what may not be kept as silence. Returns how many of them had broken. */
export function keepAudible(from: usize, to: usize, count: i32): i32 {
  let broken = 0;
  let i = 0;
  if (ASC_FEATURE_SIMD) {
    for (; i + 4 <= count; i += 4) {
      const at = (<usize>i) << 2;
      const y = v128.load(from + at);
      v128.store(to + at, audible4(y));
      const sound = i32x4.bitmask(f32x4.le(f32x4.abs(y), v128.load(BOUNDS, 16)));
      broken += 4 - popcnt(sound);
    }
  }
  for (; i < count; ++i) {
    const at = (<usize>i) << 2;
    const y = load<f32>(from + at);
    if (isBroken1(y)) broken++;
    store<f32>(to + at, isAudible1(y) ? y : 0);
  }
  return broken;
}

/** Copy samples; short runs are faster so than by memory.copy, which is a call out of the engine's code. */
export function copySamples(from: usize, to: usize, count: i32): void {
  const end = to + ((<usize>count) << 2);
  const step = from - to;
  let p = to;
  if (ASC_FEATURE_SIMD) {
    for (; p + 64 <= end; p += 64) {
      v128.store(p, v128.load(p + step));
      v128.store(p, v128.load(p + step, 16), 16);
      v128.store(p, v128.load(p + step, 32), 32);
      v128.store(p, v128.load(p + step, 48), 48);
    }
    for (; p + 16 <= end; p += 16) v128.store(p, v128.load(p + step));
  }
  for (; p < end; p += 4) store<f32>(p, load<f32>(p + step));
}
