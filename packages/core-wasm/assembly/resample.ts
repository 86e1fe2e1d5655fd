// Brings an excitation to another length, so that the pluck of one note plays where the string is tuned: band-limited,
// because what a shorter one cannot hold would come back as noise and as an offset (reading every sixth sample of a
// guitar's pluck made an offset that outlasted the note at C5). In here and not in the host, since Math.sin differs
// between browsers.
//
//   out[n] = min(1, ratio) * sum over k of x[k] sinc(t) cos^2(pi t / 2 W),   t = min(1, ratio) (k - n / ratio), |t| < W
//
// Memory: f32 in, f32 out. Cost: 156 ns a sample out (24 of the kernel's points a sample in), 6.5 ns for removeSwell
// (AMD EPYC at 3.1 GHz, relaxed build, November 2026).

import { sine } from "./sine";

/** Zero crossings of the kernel to either side. */
const WIDTH: i32 = 12;

/**
 * Resample.
 * @param from f32 x count, silence around it
 * @param ratio new length over the old
 * @param out f32 x length; its first sample falls on the first of the old ones
 */
export function resample(from: usize, count: i32, ratio: f64, out: usize, length: i32): void {
  const band = min<f64>(1, ratio);
  const reach = <f64>WIDTH / band;
  // sine and window advance by a constant angle from one sample to the next: two rotations instead of calls
  const turn = Math.PI * band;
  const bend = turn / <f64>WIDTH;
  const turnCos = Math.cos(turn);
  const turnSin = sine(turn);
  const bendCos = Math.cos(bend);
  const bendSin = sine(bend);
  for (let n = 0; n < length; ++n) {
    const at = <f64>n / ratio;
    const first = max(0, <i32>Math.ceil(at - reach));
    const last = min(count - 1, <i32>Math.floor(at + reach));
    let x = turn * (<f64>first - at);
    let s = sine(x);
    let c = Math.cos(x);
    let ws = sine(x / <f64>WIDTH);
    let wc = Math.cos(x / <f64>WIDTH);
    let sum: f64 = 0;
    for (let k = first; k <= last; ++k) {
      const sinc = abs(x) < 1e-9 ? 1 : s / x;
      sum += <f64>load<f32>(from + ((<usize>k) << 2)) * sinc * (0.5 + 0.5 * wc);
      const nextS = s * turnCos + c * turnSin;
      c = c * turnCos - s * turnSin;
      s = nextS;
      const nextWs = ws * bendCos + wc * bendSin;
      wc = wc * bendCos - ws * bendSin;
      ws = nextWs;
      x += turn;
    }
    store<f32>(out + ((<usize>n) << 2), <f32>(band * sum));
  }
}

/**
 * Take from an excitation what swells more slowly than the string can: out[n] = x[n] - sum of x[n - j] w_j over
 * j = 1 .. width, w a Hann window of sum 1. With a width of four periods no harmonic changes (they are the window's
 * zeros), 0 Hz is gone exactly, and nothing sounds before the onset; what is taken comes back after, as slowly.
 *
 * A loop resonates at 0 Hz as at every harmonic, and how it decays there nobody has taught it: at its own pitch the
 * excitation undoes that, at another it would leave an offset.
 * @param samples f32 x length, in place; its last `width` samples silence
 */
export function removeSwell(samples: usize, length: i32, width: i32): void {
  // sums over the window's span, plain and turned by the window's angle, from the end, where both are 0, backwards:
  // z(n) = sum over j of x[n - j] e^(j turn) = e^(-turn) z(n + 1) - x[n] + x[n - width]
  const turn = (2 * Math.PI) / <f64>width;
  const c = Math.cos(turn);
  const s = sine(turn);
  let plain: f64 = 0;
  let re: f64 = 0;
  let im: f64 = 0;
  for (let n = length - 1; n >= 0; --n) {
    const at = samples + ((<usize>n) << 2);
    const x = <f64>load<f32>(at);
    const change = (n >= width ? <f64>load<f32>(at - ((<usize>width) << 2)) : 0) - x;
    plain += change;
    const turned = c * re + s * im + change;
    im = c * im - s * re;
    re = turned;
    store<f32>(at, <f32>(x - (plain - re) / <f64>width));
  }
}
