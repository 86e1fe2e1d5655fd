// A tuning at work: its filters and their delay lines; and how one tuning gives way to the next while the string
// rings. A plain crossfade would be the switching of filters that is not safe: both tunings are terms of the sum
// s h s, with a cosine and a sine as weights on what goes in *and* what comes out.
//
//   old: c h c,  new: d h' d,   c = cos(t), d = sin(t), t from 0 to a quarter turn over twenty round trips
//
// Within a step c and d go straight from one point of the circle to the next, so that c^2 + d^2 never exceeds 1.
//
// Memory: a delay line per filter, f32 x (longest delay + room), and two blocks of weights per filter.
// Cost: while a fade lasts, a second set of filters and lines: twice the string; else nothing.

import { allocate } from "./arena";
import { BLOCK, BLOCK_BYTES } from "./block";
import { History, createHistory, historyClear } from "./history";
import { LoopFilters, createLoopFilters } from "./loop-filters";
import { sine } from "./sine";

/** Round trips of the longer period that a fade takes; over L of them it costs about pi^2 / (8 L) nepers. */
const FADE_TRIPS: i32 = 20;

@unmanaged
export class Bank {
  filters: LoopFilters;
  lines: usize; // History x rows
  weight: usize; // f32 x 32, the fade's weights at the step's samples; 1 while nothing fades
  rowWeights: usize; // f32 x rows x 32, the same times the mixture's weights
}

@unmanaged
export class Fade {
  current: Bank;
  target: Bank;
  towards: LoopFilters; // what the string is tuned to, or on its way to
  spare: LoopFilters; // what is synthesised next goes here
  waiting: i32; // 1 = the spare filters are next, when this fade is over and the bend has room in them
  done: i32; // samples
  length: i32; // samples; 0 = nothing fades
}

export function createBank(rows: i32, mostTaps: i32, mostDelay: i32): Bank {
  const bank = changetype<Bank>(allocate(offsetof<Bank>()));
  bank.filters = createLoopFilters(rows, mostTaps);
  bank.lines = allocate(<usize>rows * sizeof<usize>());
  for (let row = 0; row < rows; ++row) {
    const line = createHistory(mostDelay + BLOCK);
    store<usize>(bank.lines + <usize>row * sizeof<usize>(), changetype<usize>(line));
  }
  bank.weight = allocate(BLOCK_BYTES);
  bank.rowWeights = allocate(<usize>rows * BLOCK_BYTES);
  fillWeights(bank.weight, 1, 0, 0);
  return bank;
}

/** One filter's weights at the step's samples: f32 x 32. */
// @ts-ignore: decorator
@inline
export function rowWeights(bank: Bank, row: i32): usize {
  return bank.rowWeights + <usize>row * BLOCK_BYTES;
}

/** Make a bank's lines silent. */
export function bankClear(bank: Bank, rows: i32): void {
  for (let row = 0; row < rows; ++row) {
    historyClear(changetype<History>(load<usize>(bank.lines + <usize>row * sizeof<usize>())));
  }
}

/** Begin to fade to the spare filters. */
export function fadeBegin(fade: Fade, rows: i32): void {
  const filters = fade.spare;
  fade.spare = fade.target.filters;
  fade.target.filters = filters;
  fade.towards = filters;
  fade.waiting = 0;
  bankClear(fade.target, rows);
  fade.done = 0;
  fade.length = FADE_TRIPS * max(filters.period, fade.current.filters.period);
}

/** Take the newest filters at once; the lines are the caller's to fill. */
export function fadeSettle(fade: Fade): void {
  if (fade.length > 0) fadeEnd(fade);
  if (fade.waiting) {
    const filters = fade.spare;
    fade.spare = fade.current.filters;
    fade.current.filters = filters;
  }
  fade.waiting = 0;
  fade.towards = fade.current.filters;
}

/** The fade is over: its target plays. */
export function fadeEnd(fade: Fade): void {
  const target = fade.target;
  fade.target = fade.current;
  fade.current = target;
  fade.length = 0;
  fillWeights(target.weight, 1, 0, 0);
}

/** Set both banks' weights for the next step. Audio thread: allocates nothing. */
export function fadeStep(fade: Fade, step: i32): void {
  const from = (0.5 * Math.PI * <f64>fade.done) / <f64>fade.length;
  fade.done = min(fade.done + step, fade.length);
  const to = (0.5 * Math.PI * <f64>fade.done) / <f64>fade.length;
  fillBetween(fade.current.weight, Math.cos(from), Math.cos(to), step);
  fillBetween(fade.target.weight, sine(from), sine(to), step);
}

function fillBetween(weights: usize, from: f64, to: f64, step: i32): void {
  fillWeights(weights, <f32>to, <f32>((from - to) / <f64>step), step);
}

/**
 * A straight line of weights that ends `left` samples on, and stands from there.
 * @param weights f32 x 32
 * @param to where it ends
 * @param fall from one sample to the next
 */
export function fillWeights(weights: usize, to: f32, fall: f32, left: i32): void {
  for (let n = 0; n < BLOCK; ++n) store<f32>(weights + ((<usize>n) << 2), to + fall * <f32>max(left - n, 0));
}
