// A rollout of the linear passive string, and its gradient: started on a recorded past, two loops in cascade run on
// their own output, D = near samples at a time, since no tap is nearer than that.
//
//   u[n] = (hb * u)[n]                 second loop; before the start, what the first loop does not explain of the past
//   y[n] = (h * y)[n] + u[n]           first loop       (h * y)[n] = sum over j < N of h[j] y[n - near - j]
//
//   memory   y:  [ past, 2 F samples | count samples ]        F = near + N - 1, the longest delay
//            u:  [ past,   F samples | count samples ]
//
// Backwards, with g = dL/dy given:   gy[n] = g[n] + sum of h[j] gy[n + near + j]
//                                    gu[n] = gy[n] + sum of hb[j] gu[n + near + j]      (before the start: no gy)
//   dL/dh[j]  = sum over n >= 0 of gy[n] y[n - near - j]  -  sum over n < 0 of gu[n] y[n - near - j]
//   dL/dhb[j] = sum over n >= 0 of gu[n] u[n - near - j]

import { firAdjoint, firCorrelate, firForward } from "./fir";

/**
 * Run both loops.
 * @param y f32 x (2 F + count), the past first; the rest is written
 * @param u f32 x (F + count), all written
 * @param h @param hb f32 x taps
 */
export function rolloutForward(
  y: usize,
  u: usize,
  h: usize,
  hb: usize,
  taps: i32,
  near: i32,
  count: i32,
): void {
  const longest = near + taps - 1;
  const longestBytes = (<usize>longest) << 2;
  const nearBytes = (<usize>near) << 2;

  // what the first loop does not explain: u = y - h * y, by adding (h * y) to -y and turning the sign
  const yPast = y + longestBytes;
  for (let n = 0; n < longest; ++n) {
    const at = (<usize>n) << 2;
    store<f32>(u + at, -load<f32>(yPast + at));
  }
  firForward(yPast - nearBytes, h, taps, u, longest);
  for (let n = 0; n < longest; ++n) {
    const at = u + ((<usize>n) << 2);
    store<f32>(at, -load<f32>(at));
  }

  const yStart = y + 2 * longestBytes;
  const uStart = u + longestBytes;
  for (let n = 0; n < count; n += near) {
    const block = min(near, count - n);
    const bytes = (<usize>block) << 2;
    const yn = yStart + ((<usize>n) << 2);
    const un = uStart + ((<usize>n) << 2);
    memory.fill(un, 0, bytes);
    firForward(un - nearBytes, hb, taps, un, block);
    memory.copy(yn, un, bytes);
    firForward(yn - nearBytes, h, taps, yn, block);
  }
}

/**
 * Add a rollout's gradient.
 * @param gy f32 x (count + F): dL/dy first, overwritten by the total gradient; the last F must be 0
 * @param gu f32 x (F + count + F): scratch, any content
 * @param gh @param ghb f64 x taps, added to
 */
export function rolloutBackward(
  y: usize,
  u: usize,
  h: usize,
  hb: usize,
  taps: i32,
  near: i32,
  count: i32,
  gy: usize,
  gu: usize,
  gh: usize,
  ghb: usize,
): void {
  const longest = near + taps - 1;
  const longestBytes = (<usize>longest) << 2;
  const nearBytes = (<usize>near) << 2;
  const yStart = y + 2 * longestBytes;
  const uStart = u + longestBytes;
  const guStart = gu + longestBytes;
  memory.fill(gu, 0, ((<usize>(2 * longest + count)) << 2));

  // from the end to the start, block by block
  const blocks = (count + near - 1) / near;
  for (let b = blocks - 1; b >= 0; --b) {
    const n = b * near;
    const block = min(near, count - n);
    const offset = (<usize>n) << 2;
    firAdjoint(gy + offset + nearBytes, h, taps, gy + offset, block);
    memory.copy(guStart + offset, gy + offset, (<usize>block) << 2);
    firAdjoint(guStart + offset + nearBytes, hb, taps, guStart + offset, block);
  }
  firCorrelate(gy, yStart - nearBytes, count, gh, taps, 1);
  firCorrelate(guStart, uStart - nearBytes, count, ghb, taps, 1);

  // the past of u was made with h: only samples that the second loop heard matter, n + near + j >= 0
  for (let n = 0; n < longest; ++n) {
    const at = gu + ((<usize>n) << 2);
    let sum: f32 = 0;
    const first = max(0, longest - near - n);
    for (let j = first; j < taps; ++j) {
      sum += load<f32>(hb + ((<usize>j) << 2)) * load<f32>(at + nearBytes + ((<usize>j) << 2));
    }
    store<f32>(at, sum);
  }
  firCorrelate(gu, yStart - longestBytes - nearBytes, longest, gh, taps, -1);
}
