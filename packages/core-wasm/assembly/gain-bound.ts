// Proves that a re-tuned loop filter's gain stays below a bound at every frequency. src/certificate.ts does so for
// the file's taps with one long FFT; here the grid is coarse, and only where the gain comes near the bound does one
// look closer, so that a note can be re-tuned while others play.
//
// p(w) = |H|^2 is a trigonometric polynomial of degree n = N - 1. With M points around the circle its largest value
// S is at most (largest on the grid) / cos(pi n / M) (Ehlich and Zeller 1964). p - S / 2 lies within S / 2 of zero,
// so |p''| <= n^2 S / 2 (Bernstein), and between two points a distance d apart
//
//   p <= max(p at both) + d^2 / 8 * n^2 S / 2
//
// The grid has 8 N points; an interval that is not below the limit by this is halved, five times at most, when what
// remains uncertain is 4e-5 of p, 2e-5 of the gain.
//
// Memory: p at the grid's points, f64 x (4 N + 8). Cost: 59 % of what tuning a string costs (passive-retune.ts).

const POINTS_PER_TAP: i32 = 8;
const HALVINGS: i32 = 5;

/** Bytes of scratch that boundGain needs for so many taps. */
export function gainScratchBytes(taps: i32): usize {
  return (<usize>(taps * (POINTS_PER_TAP / 2) + 8)) << 3;
}

/**
 * Bound a filter's gain from above, over all frequencies.
 * @param h f32 x count
 * @param enough a gain; where the filter stays below it, this is what is returned
 * @param scratch gainScratchBytes(count) bytes
 * @returns a gain that |H(w)| exceeds at no w: `enough`, or within 3e-5 of the true maximum above it
 */
export function boundGain(h: usize, count: i32, enough: f64, scratch: usize): f64 {
  const intervals = count * (POINTS_PER_TAP / 2); // from DC to half the sample rate
  const width = Math.PI / <f64>intervals;
  let largest: f64 = 0;
  for (let i = 0; i <= intervals; i += 4) {
    const at = scratch + ((<usize>i) << 3);
    powerAtFour(h, count, width * <f64>i, width, at);
    for (let lane = 0; lane < 4 && i + lane <= intervals; ++lane) {
      largest = max(largest, load<f64>(at + ((<usize>lane) << 3)));
    }
  }
  const degree = <f64>(count - 1);
  const most = largest / Math.cos((Math.PI * degree) / <f64>(2 * intervals));
  const rise = (width * width * degree * degree * most) / 16;
  let limit = max(enough * enough, largest);
  for (let i = 0; i < intervals; ++i) {
    const a = load<f64>(scratch + ((<usize>i) << 3));
    const b = load<f64>(scratch + ((<usize>(i + 1)) << 3));
    limit = boundWithin(h, count, width * <f64>i, width, a, b, rise, limit, HALVINGS);
  }
  return sqrt(limit);
}

/** The limit, or what p may reach between two points if that is more. */
function boundWithin(
  h: usize,
  count: i32,
  from: f64,
  width: f64,
  a: f64,
  b: f64,
  rise: f64,
  limit: f64,
  halvings: i32,
): f64 {
  const most = max(a, b) + rise;
  if (most <= limit || halvings == 0) return max(limit, most);
  const half = 0.5 * width;
  const middle = powerAt(h, count, from + half);
  const left = boundWithin(h, count, from, half, a, middle, 0.25 * rise, limit, halvings - 1);
  return boundWithin(h, count, from + half, half, middle, b, 0.25 * rise, left, halvings - 1);
}

/** |H(w)|^2, by Goertzel's recursion. */
function powerAt(h: usize, count: i32, w: f64): f64 {
  const turn = 2 * Math.cos(w);
  let before: f64 = 0;
  let now: f64 = 0;
  for (let j = 0; j < count; ++j) {
    const next = <f64>load<f32>(h + ((<usize>j) << 2)) + turn * now - before;
    before = now;
    now = next;
  }
  return now * now + before * before - turn * now * before;
}

/** |H|^2 at four frequencies a step apart: four recursions hide each other's latency. */
function powerAtFour(h: usize, count: i32, w: f64, step: f64, out: usize): void {
  const turn0 = 2 * Math.cos(w);
  const turn1 = 2 * Math.cos(w + step);
  const turn2 = 2 * Math.cos(w + 2 * step);
  const turn3 = 2 * Math.cos(w + 3 * step);
  let before0: f64 = 0;
  let before1: f64 = 0;
  let before2: f64 = 0;
  let before3: f64 = 0;
  let now0: f64 = 0;
  let now1: f64 = 0;
  let now2: f64 = 0;
  let now3: f64 = 0;
  for (let j = 0; j < count; ++j) {
    const tap = <f64>load<f32>(h + ((<usize>j) << 2));
    const next0 = tap + turn0 * now0 - before0;
    const next1 = tap + turn1 * now1 - before1;
    const next2 = tap + turn2 * now2 - before2;
    const next3 = tap + turn3 * now3 - before3;
    before0 = now0;
    before1 = now1;
    before2 = now2;
    before3 = now3;
    now0 = next0;
    now1 = next1;
    now2 = next2;
    now3 = next3;
  }
  store<f64>(out, now0 * now0 + before0 * before0 - turn0 * now0 * before0);
  store<f64>(out, now1 * now1 + before1 * before1 - turn1 * now1 * before1, 8);
  store<f64>(out, now2 * now2 + before2 * before2 - turn2 * now2 * before2, 16);
  store<f64>(out, now3 * now3 + before3 * before3 - turn3 * now3 * before3, 24);
}
