// The three sums a rollout and its gradient are made of, over a string loop's FIR h of N taps at the delays
// near .. near + N - 1:
//
//   forward    out[n] = init[n] + sum over j of h[j] x[n - near - j]     the loop's next samples from its past
//   adjoint    out[n] = init[n] + sum over j of h[j] g[n + near + j]     how a sample matters through those that follow
//   correlate  out[j] += sum over n of g[n] x[n - near - j]              how a tap matters
//
// All are dense and long, and all are tiles of 32 results (shifted-sums.ts). A ragged last tile is computed whole, on
// samples up to 31 beyond those it needs (lines are padded by that much; what stands there does not matter), and only
// the results that exist are kept.
//
// Sums over time are formed in float32 over stretches of 512 and carried on in float64: a rollout is 10^4 to 10^5
// samples long, and float32 alone would lose three digits of a gradient.
//
// Memory: one tile of 32 results, for what is ragged; all else is the caller's.
// Cost: shifted-sums.ts takes 47 % of a training step of linear loops (see fft.ts), 68 % of one with three filters;
// what is here, around it, 1 %.

import { SUMS, ZEROS, sumsBackwards, sumsForwards } from "../shifted-sums";

/** Samples a line must have to spare at either end. */
export const PADDING: i32 = 32;

const STRETCH: i32 = 512;
const TILE_BYTES: usize = 4 * SUMS;
const scratch = memory.data(128, 16); // a ragged tile

/**
 * A block of one FIR's output.
 * @param x address of x[n - near] for the block's first n
 * @param h f32 x taps
 * @param init f32 x count to start from, or 0 for silence; may be out
 * @param out f32 x count
 */
export function firForward(x: usize, h: usize, taps: i32, init: usize, out: usize, count: i32): void {
  let at: usize = 0;
  for (const whole = wholeTiles(count); at < whole; at += TILE_BYTES) {
    sumsBackwards(init ? init + at : ZEROS, x + at, h, taps, out + at);
  }
  const rest = ((<usize>count) << 2) - at;
  if (rest == 0) return;
  sumsBackwards(raggedInit(init, at, rest), x + at, h, taps, scratch);
  memory.copy(out + at, scratch, rest);
}

/** A block of the adjoint's output. @param g address of g[n + near] for the block's first n; the rest as above */
export function firAdjoint(g: usize, h: usize, taps: i32, init: usize, out: usize, count: i32): void {
  let at: usize = 0;
  for (const whole = wholeTiles(count); at < whole; at += TILE_BYTES) {
    sumsForwards(init ? init + at : ZEROS, g + at, h, taps, out + at);
  }
  const rest = ((<usize>count) << 2) - at;
  if (rest == 0) return;
  sumsForwards(raggedInit(init, at, rest), g + at, h, taps, scratch);
  memory.copy(out + at, scratch, rest);
}

/** Bytes of the whole tiles among count results. */
// @ts-ignore: decorator
@inline
function wholeTiles(count: i32): usize {
  return (<usize>(count & ~(SUMS - 1))) << 2;
}

/** What the last tile starts from, where it has only so many bytes. */
function raggedInit(init: usize, at: usize, bytes: usize): usize {
  if (!init) return ZEROS;
  memory.copy(scratch, init + at, bytes);
  return scratch;
}

/**
 * Add a FIR's gradient.
 * @param g f32 x count
 * @param x address of x[n - near] for n = 0
 * @param out f64 x taps, added to
 */
export function firCorrelate(g: usize, x: usize, count: i32, out: usize, taps: i32): void {
  for (let start = 0; start < count; start += STRETCH) {
    const length = min(STRETCH, count - start);
    const offset = (<usize>start) << 2;
    for (let j = 0; j < taps; j += SUMS) {
      // lags lie backwards: result i is the sum at lag j + 31 - i
      const last = j + SUMS - 1;
      sumsForwards(ZEROS, x + offset - ((<usize>last) << 2), g + offset, length, scratch);
      const stop = min(last, taps - 1);
      for (let lag = j; lag <= stop; ++lag) {
        const o = out + ((<usize>lag) << 3);
        store<f64>(o, load<f64>(o) + <f64>load<f32>(scratch + ((<usize>(last - lag)) << 2)));
      }
    }
  }
}
