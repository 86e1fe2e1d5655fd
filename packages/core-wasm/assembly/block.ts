// What a passive string does with the samples of one step besides filtering them. A step has 32 samples or fewer, but
// these passes always go over 32, eight vectors: what lies behind a step's last sample may be anything.
//
// Blocks are f32 x 32, at any alignment.
//
//   [ . . . . | . . . . | . . . . | . . . . | . . . . | . . . . | . . . . | . . . . ]    one vector at a time, in order
//
// Memory: none of its own. Cost: all of them together a tenth of a passive string's time (profile, AMD EPYC, November
// 2026).

import { audible4, isAudible1 } from "./lanes";

/** Most samples of one step. */
export const BLOCK: i32 = 32;

/** Bytes of a block. */
export const BLOCK_BYTES: usize = 4 * BLOCK;

/** Samples a delay line must be able to hold past its end, because whole blocks are read and written. */
export const BLOCK_ROOM: i32 = 2 * BLOCK;

/** Copy a block. */
export function blockCopy(from: usize, to: usize): void {
  for (let at: usize = 0; at < BLOCK_BYTES; at += 16) {
    if (ASC_FEATURE_SIMD) {
      v128.store(to + at, v128.load(from + at));
    } else {
      store<u64>(to + at, load<u64>(from + at));
      store<u64>(to + at, load<u64>(from + at, 8), 8);
    }
  }
}

/** Silence a block. */
export function blockClear(to: usize): void {
  for (let at: usize = 0; at < BLOCK_BYTES; at += 8) store<u64>(to + at, 0);
}

/** Weigh a block into a delay line, what has decayed as silence. Audio thread: allocates nothing. */
export function weighInto(to: usize, weight: usize, from: usize): void {
  for (let at: usize = 0; at < BLOCK_BYTES; at += 16) {
    if (ASC_FEATURE_SIMD) {
      v128.store(to + at, audible4(f32x4.mul(v128.load(weight + at), v128.load(from + at))));
    } else {
      for (let lane = at; lane < at + 16; lane += 4) {
        const x = load<f32>(weight + lane) * load<f32>(from + lane);
        store<f32>(to + lane, isAudible1(x) ? x : 0);
      }
    }
  }
}

/** to += factor * from. Audio thread: allocates nothing. */
export function blockAdd(to: usize, factor: f32, from: usize): void {
  for (let at: usize = 0; at < BLOCK_BYTES; at += 16) {
    if (ASC_FEATURE_SIMD) {
      const x = f32x4.mul(f32x4.splat(factor), v128.load(from + at));
      v128.store(to + at, f32x4.add(v128.load(to + at), x));
    } else {
      for (let lane = at; lane < at + 16; lane += 4) {
        store<f32>(to + lane, load<f32>(to + lane) + factor * load<f32>(from + lane));
      }
    }
  }
}

/** True where all of the first `count` samples are 0. */
export function isSilent(block: usize, count: i32): bool {
  for (let i = 0; i < count; ++i) if (load<f32>(block + ((<usize>i) << 2)) != 0) return false;
  return true;
}
