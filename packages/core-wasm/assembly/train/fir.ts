// The three sums a rollout and its gradient are made of, over a string loop's FIR h of N taps at the delays
// near .. near + N - 1:
//
//   forward    out[n] = init[n] + sum over j of h[j] x[n - near - j]     the loop's next samples from its past
//   adjoint    out[n] = init[n] + sum over j of h[j] g[n + near + j]     how a sample matters through those that follow
//   correlate  out[j] += sum over n of g[n] x[n - near - j]              how a tap matters
//
// All are dense and long, and all are tiles of 32 results (shifted-sums.ts). A ragged last tile is computed whole, on samples up to 31 beyond those it needs (lines are padded by
// that much; what stands there does not matter), and only the results that exist are kept.
//
// Sums over time are formed in float32 over stretches of 512 and carried on in float64: a rollout is 10^4 to 10^5
// samples long, and float32 alone would lose three digits of a gradient.

import { SUMS, ZEROS, shiftedSums } from "../shifted-sums";

/** Samples a line must have to spare at either end. */
export const PADDING: i32 = 32;

const TILE: i32 = SUMS;
const STRETCH: i32 = 512;
const scratch = memory.data(128, 16); // a ragged tile

/**
 * A block of one FIR's output.
 * @param x address of x[n - near] for the block's first n
 * @param h f32 x taps
 * @param init f32 x count to start from, or 0 for silence; may be out
 * @param out f32 x count
 */
export function firForward(x: usize, h: usize, taps: i32, init: usize, out: usize, count: i32): void {
  shiftedSum(x, -4, h, taps, init, out, count);
}

/** A block of the adjoint's output. @param g address of g[n + near] for the block's first n; the rest as above */
export function firAdjoint(g: usize, h: usize, taps: i32, init: usize, out: usize, count: i32): void {
  shiftedSum(g, 4, h, taps, init, out, count);
}

/** out[n] = init[n] + sum over j of h[j] x[n + j * step / 4]; step in bytes. */
function shiftedSum(x: usize, step: i32, h: usize, taps: i32, init: usize, out: usize, count: i32): void {
  const whole = count & ~(TILE - 1);
  for (let n = 0; n < whole; n += TILE) {
    const at = (<usize>n) << 2;
    shiftedSums(init ? init + at : ZEROS, x + at, step, h, taps, out + at);
  }
  if (whole == count) return;
  const at = (<usize>whole) << 2;
  const bytes = (<usize>(count - whole)) << 2;
  memory.fill(scratch, 0, 128);
  if (init) memory.copy(scratch, init + at, bytes);
  shiftedSums(scratch, x + at, step, h, taps, scratch);
  memory.copy(out + at, scratch, bytes);
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
    for (let j = 0; j < taps; j += TILE) {
      // lags lie backwards: result i is the sum at lag j + 31 - i
      const last = j + TILE - 1;
      shiftedSums(ZEROS, x + offset - ((<usize>last) << 2), 4, g + offset, length, scratch);
      const stop = min(last, taps - 1);
      for (let lag = j; lag <= stop; ++lag) {
        const o = out + ((<usize>lag) << 3);
        store<f64>(o, load<f64>(o) + <f64>load<f32>(scratch + ((<usize>(last - lag)) << 2)));
      }
    }
  }
}
