// A loop filter over its delay line, weighed and added to what other filters gave, for the samples of one step:
//
//   out[n] += factor * weight[n] * sum over j of h[j] x[n - near - j],  n = 0 .. 31
//
// No tap is nearer than a step, so all 32 results can be formed at once (shifted-sums.ts). A step that is shorter costs
// as much as one of 32; what is computed beyond its end is not used.
//
// Memory: 32 sums on their way. Cost: that of shifted-sums.ts, and 3 % of a passive string's time for weighing.

import { BLOCK_BYTES } from "./block";
import { madd1, madd4 } from "./lanes";
import { ZEROS, sumsBackwards } from "./shifted-sums";

const sums = memory.data(128, 16); // one filter's output

/**
 * Add a loop filter's output to a block.
 * @param x address of x[n - near] for the block's first sample
 * @param h f32 x taps
 * @param weight f32 x 32, 16-byte aligned
 * @param factor of all weights
 * @param out f32 x 32, 16-byte aligned
 * Audio thread: allocates nothing.
 */
export function loopFir(x: usize, h: usize, taps: i32, weight: usize, factor: f32, out: usize): void {
  sumsBackwards(ZEROS, x, h, taps, sums);
  for (let at: usize = 0; at < BLOCK_BYTES; at += 16) {
    if (ASC_FEATURE_SIMD) {
      const w = f32x4.mul(v128.load(weight + at), f32x4.splat(factor));
      v128.store(out + at, madd4(w, v128.load(sums + at), v128.load(out + at)));
    } else {
      for (let lane = at; lane < at + 16; lane += 4) {
        const w = load<f32>(weight + lane) * factor;
        store<f32>(out + lane, madd1(w, load<f32>(sums + lane), load<f32>(out + lane)));
      }
    }
  }
}
