// A passive string: two string loops, whose loop filters have gain below 1 at every frequency. A mixture
// moves the first loop between K such filters, weighing what goes into each filter and what comes out of it alike:
// the sum s h s is a contraction however fast s moves (docs/how-the-passive-string-works.md), which it does in straight
// lines, once a hop (passive-mixture.ts).
//
// In cascade the second loop drives the first:
//
//   u[n] = (hb * u)[n] + e[n]                              (h * x)[n] = sum over j of h[j] x[n - near - j]
//   y[n] = sum_k s_k[n] (h_k * (s_k y))[n] + u[n]
//
//   e --> + --------------> u --> + --------+-------> y      every filter has a delay line of its own, which holds
//         ^                       ^  s_k    |  s_k           what was weighed when it was written
//         +-- hb <-- line <-- u   +-- h_k <-- line <-- y
//
// In parallel the loops are the two planes a string swings in. The pluck drives the first, a, and reaches the second
// through a coupling filter c of gain 1 or less, which is applied to the recorded pluck ahead of time:
//
//   a[n] = sum_k s_k[n] (h_k * (s_k a))[n] + e[n]
//   u[n] = (hb * u)[n] + (c * e)[n]
//   y[n] = a[n] + u[n]
//
//   e -----> + ----------------------+----> a          c * e --> + --------+---> u         y = a + u
//            ^  s_k                  | s_k                       ^         |
//            +-- h_k <-- line <------+                           +-- hb <--+
//
// What is heard is y, and what the guard holds; both planes shrink with it. a is kept nowhere: it is y - u.
//
// Steps are counted from the note's start: 32 samples, the first tap's delay, or what is left of the hop if that is
// less. So the sound does not depend on how the host cuts its blocks, and no filter needs what its step computes.
//
// Memory: y and u, which a step computes in place, and a line per filter, linear histories (history.ts).
// Cost: (1 + K) N MACs a sample, with everything (K = 3, N = 256) 0.72 of this core's FMA peak (docs/benchmarks.md):
// five sixths of the time is shifted-sums.ts, the rest some ten passes over blocks.

import {
  BLOCK,
  BLOCK_BYTES,
  BLOCK_ROOM,
  blockAdd,
  blockClear,
  blockCopy,
  isSilent,
  weighInto,
} from "./block";
import { EnergyGuard, energyGuardApply } from "./energy-guard";
import { History, historyClear, historyEnd, historyReserve } from "./history";
import { copySamples, keepAudible } from "./lanes";
import { rowTaps } from "./loop-filters";
import { Bank, Fade, bankClear, fadeBegin, fadeEnd, fadeStep, fillWeights, rowWeights } from "./passive-banks";
import {
  Bend,
  bendBegin,
  bendEnd,
  bendFits,
  bendInto,
  bendKnown,
  bendMost,
  bendNeeds,
  bendRoom,
} from "./passive-bend";
import { DenseForm } from "./passive-dense";
import { dampStep, passiveTuned } from "./passive-hand";
import { Mixture, mixtureHop, mixtureUpdate } from "./passive-mixture";
import { plucksInto, plucksPlay } from "./passive-pluck";
import { LoopSpectra } from "./passive-synthesis";
import { addSumsBackwards } from "./shifted-sums";

// Samples rendered before they are copied to the reader; less than the room of a history.
const LONGEST_RUN: i32 = 1024;

@unmanaged
export class PassiveString {
  rows: i32; // 1 + K
  parallel: i32; // 1 = parallel planes, 0 = cascade
  spectra: LoopSpectra;
  dense: DenseForm;
  fade: Fade; // the bank that plays, and the one it fades to
  mixture: Mixture;
  y: History; // what is heard, and the mixture and the guard listen to
  u: History;
  untilHop: i32; // samples before the weights are due
  moved: bool; // whether the filters' weights moved within the last step, or a note begins
  ready: i32; // samples rendered but not read
  silence: i32; // samples since anything but 0 was rendered
  broken: i32; // samples that were not finite, or absurdly large, and became silence
  dampSeconds: f64; // T60 that the damper alone would give
  damp: f64; // the factor per round trip, as it stands
  dampLead: f64; // what it follows
  dampTo: f64; // what follows from dampSeconds; both are on their way there
  dampRamp: usize; // f32 x 32, the way it goes within a block
  bend: Bend;
  bendCents: f64;
  softSeconds: f64; // T60 that the softening alone would give at 4 kHz
  guardOn: i32;
  guardHeadroom: f64;
  guard: EnergyGuard;
  plucks: usize;
  uBlock: usize; // f32 x 32, scratch at a note's start; while the damper moves one filter's weights times its
  yBlock: usize; // the same; while planes are parallel what the first of them does
  weight: usize; // f32 x 32, one filter's weights at the step's samples, or what a bent loop returns
}

/**
 * Render the next samples.
 * @param outPtr f32 x frames
 * Audio thread: allocates nothing.
 */
export function passiveRender(handle: usize, outPtr: usize, frames: i32): void {
  const string = changetype<PassiveString>(handle);
  let out = outPtr;
  let left = frames;
  while (left > 0) {
    const take = min(left, LONGEST_RUN);
    reserveLines(string, take + BLOCK_ROOM);
    while (string.ready < take) {
      if (isAtRest(string)) restStep(string);
      else renderStep(string);
    }
    copySamples(historyEnd(string.y) - ((<usize>string.ready) << 2), out, take);
    string.ready -= take;
    out += (<usize>take) << 2;
    left -= take;
  }
}

/** Make room behind the last samples of all lines. */
function reserveLines(string: PassiveString, count: i32): void {
  historyReserve(string.y, count);
  historyReserve(string.u, count);
  for (let row = 0; row < string.rows; ++row) {
    historyReserve(bankLine(string.fade.current, row), count);
    historyReserve(bankLine(string.fade.target, row), count);
  }
}

/** True where the string has been silent for as long as anything in it remembers, and nothing drives it. */
export function isAtRest(string: PassiveString): bool {
  return string.silence >= string.y.keep && !plucksPlay(string.plucks);
}

/** Ask the mixture for the weights that follow from what was heard. */
export function askMixture(string: PassiveString): void {
  mixtureUpdate(string.mixture, historyEnd(string.y), string.fade.towards.period);
}

/** Make all lines silent. */
export function silenceLines(string: PassiveString): void {
  historyClear(string.y);
  historyClear(string.u);
  bankClear(string.fade.current, string.rows);
}

/** True where what the string is tuned to next may take over: what is bent would have to jump where it has no room. */
export function fadeIsNext(string: PassiveString): bool {
  const fade = string.fade;
  return fade.waiting != 0 && fade.length == 0 && bendFits(string.bend, fade.spare.near);
}

function restStep(string: PassiveString): void {
  blockClear(historyEnd(string.y));
  string.y.end += BLOCK;
  string.ready += BLOCK;
}

/** Render one step; there is room for it in all lines. */
function renderStep(string: PassiveString): void {
  const fade = string.fade;
  const isOver = fade.length > 0 && fade.done == fade.length;
  if (isOver) fadeEnd(fade);
  const begins = fadeIsNext(string);
  if (begins) fadeBegin(fade, string.rows);
  if (isOver || begins) passiveTuned(string);
  const fading = fade.length > 0;
  const filters = fade.towards;
  const near = min(fade.current.filters.near, filters.near);
  let step = min(BLOCK, near);
  const bent = bendBegin(string.bend, near, fade.waiting ? fade.spare.near : near, string.damp == string.dampTo);
  if (bent) step = min(step, bendMost(string.bend, near));

  // the mixture's weights, once per hop
  const mixture = string.mixture;
  if (mixture.hidden > 0) {
    if (string.untilHop == 0) {
      mixtureHop(mixture, filters.hop);
      askMixture(string);
      string.untilHop = filters.hop;
    }
    step = min(step, string.untilHop);
    string.untilHop -= step;
  }
  const moves = fading || mixture.lineLeft > 0;
  if (fading) {
    fadeStep(fade, step);
    weighRows(string, fade.target);
  }
  if (moves || string.moved) weighRows(string, fade.current);
  string.moved = moves;
  mixture.lineLeft = max(0, mixture.lineLeft - step);
  // bent, the loops return what is not known yet; where a bend begins they begin with what was returned already
  const first = bent ? string.bend.ahead : 0;
  const damping = dampStep(string, first, bent ? bendNeeds(string.bend, step) : step);

  // second loop
  const u = historyEnd(string.u);
  if (bent) {
    bentLoop(string, 0, u, step, damping);
  } else {
    blockClear(u);
    addRows(string, 0, 1, u, 0, damping);
  }
  // first loop, driven by the second or sounding beside it
  const y = historyEnd(string.y);
  const driven = plucksPlay(string.plucks);
  if (string.parallel) {
    blockClear(y);
    if (driven) plucksInto(string.plucks, y, u, step);
    string.broken += keepAudible(u, u, step);
    blockAdd(y, 1, u);
  } else {
    if (driven) plucksInto(string.plucks, u, 0, step);
    string.broken += keepAudible(u, u, step);
    blockCopy(u, y);
  }
  if (bent) {
    bentLoop(string, 1, string.weight, step, damping);
    blockAdd(y, 1, string.weight);
    bendEnd(string.bend, step);
  } else {
    addRows(string, 1, string.rows, y, 0, damping);
  }
  string.broken += keepAudible(y, y, step);
  if (string.guardOn) guardStep(string, y, u, step);

  // into the filters' lines, weighed as what will come out of them
  let own = y;
  if (string.parallel) {
    own = string.yBlock;
    blockCopy(y, own);
    blockAdd(own, -1, u);
  }
  for (let row = 0; row < string.rows; ++row) {
    const from = row == 0 ? u : own;
    writeLine(fade.current, row, from, step);
    if (fading) writeLine(fade.target, row, from, step);
  }
  string.y.end += step;
  string.u.end += step;
  string.ready += step;
  if (driven || !isSilent(y, step) || !isSilent(u, step)) string.silence = 0;
  else string.silence += step;
}

/** Hold the energy of y; u, which drives it, shrinks alike. */
function guardStep(string: PassiveString, at: usize, u: usize, step: i32): void {
  const gain = <f32>energyGuardApply(string.guard, at, step);
  if (gain == 1) return;
  fillWeights(string.weight, gain, 0, 0);
  weighInto(u, string.weight, u);
}

/** Every filter's weights at the step's samples: the mixture's times the fade's. */
function weighRows(string: PassiveString, bank: Bank): void {
  const mixture = string.mixture;
  const left = mixture.lineLeft;
  for (let row = 0; row < string.rows; ++row) {
    const at = (<usize>row) << 2;
    const weights = rowWeights(bank, row);
    const to = load<f32>(mixture.weights + at);
    // what was not finite before stays so for as long as the line does
    const fall: f32 = left > 0 ? (load<f32>(mixture.before + at) - to) / <f32>mixture.line : 0;
    fillWeights(weights, to, fall, left);
    if (string.fade.length == 0) continue;
    for (let p: usize = 0; p < BLOCK_BYTES; p += 4) {
      store<f32>(weights + p, load<f32>(weights + p) * load<f32>(bank.weight + p));
    }
  }
}

/** What a loop returns in this step, bent. */
function bentLoop(string: PassiveString, loop: i32, block: usize, step: i32, damping: bool): void {
  const bend = string.bend;
  let ahead = bend.ahead;
  let moves = damping;
  for (const needs = bendNeeds(bend, step); ahead < needs; ) {
    const count = min(BLOCK, needs - ahead);
    const r = bendRoom(bend, loop);
    blockClear(r);
    addRows(string, loop, loop == 0 ? 1 : string.rows, r, ahead, moves);
    bendKnown(bend, loop, count);
    ahead += count;
    moves = false;
  }
  bendInto(bend, loop, ahead, block, step);
  // both loops are read alike
  if (loop == 1) bend.ahead = ahead;
}

/**
 * Add to a block what filters return, of every tuning that sounds.
 * @param from @param to rows
 * @param ahead samples between the step's first and the block's
 * @param damping whether the damper moves within this block
 */
function addRows(
  string: PassiveString,
  from: i32,
  to: i32,
  block: usize,
  ahead: i32,
  damping: bool,
): void {
  const fade = string.fade;
  for (let row = from; row < to; ++row) {
    addLoop(string, fade.current, row, block, ahead, damping);
    if (fade.length > 0) addLoop(string, fade.target, row, block, ahead, damping);
  }
}

function addLoop(
  string: PassiveString,
  bank: Bank,
  row: i32,
  block: usize,
  ahead: i32,
  damping: bool,
): void {
  const filters = bank.filters;
  const x = historyEnd(bankLine(bank, row)) + ((<usize>(ahead - filters.near)) << 2);
  let weights = rowWeights(bank, row);
  if (damping) {
    weighInto(string.uBlock, string.dampRamp, weights);
    weights = string.uBlock;
  }
  addSumsBackwards(x, rowTaps(filters, row), filters.taps, weights, damping ? 1 : <f32>string.damp, block);
}

/** Write a step into one filter's delay line. */
function writeLine(bank: Bank, row: i32, from: usize, step: i32): void {
  const line = bankLine(bank, row);
  weighInto(historyEnd(line), rowWeights(bank, row), from);
  line.end += step;
}

/** The delay line of one filter. */
// @ts-ignore: decorator
@inline
export function bankLine(bank: Bank, row: i32): History {
  return changetype<History>(load<usize>(bank.lines + <usize>row * sizeof<usize>()));
}
