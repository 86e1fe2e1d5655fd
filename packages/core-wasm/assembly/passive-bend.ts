// Bends the pitch of a passive string while it rings, and softens its tone: what the loops return passes a short
// filter, which reads it some samples early or late and takes a little off the top. So nothing has to be fitted anew,
// and the certificate stays: a loop of gain g followed by a filter of gain 1 or less is a loop of gain g.
//
//   y[n] = (B r)[n] + u[n],   r = what the loop filters return, known `near` samples ahead, since no tap is nearer
//
// A term of B is one still filter K_i of gain 1 or less, which reads d_i samples early (bend-terms.ts). To move is to
// pass from term to term, one a hop of 32 samples, never by more than DELAY_SLEW. As with the mixture the weights stand
// on both sides, so that for any movement B is a contraction (docs/how-the-passive-string-works.md, 3.1):
//
//   (B r)[n] = sum_i a_i[n] (K_i (b_i r))[n],   sum_i a_i[n]^2 = 1,   sum_i b_i[m]^2 <= 1
//
// a_i is 1 while a term holds, and falls and rises as a cosine and a sine where one gives way to the next (roots of
// straight lines lost half a percent at every hop's border, which buzzed). b_i is a_i at the time that reads m, m - d_i,
// or moving would cost what a fade of tunings costs. Those times lie a hop's change c apart, so sum_i a_i(m - d_i)^2 may
// exceed 1 by pi / 2 c / 32; 1 - MARGIN c / 32 takes it off.
//
//            hop before        this hop         next hop
//   d0 ------------------ d1 ------------ d2 -------------- d3      chosen a hop ahead, because the margin
//          falls  \/ rises      \/              \/                  of the next must be known in this one
//
// A tuning that has less room than what is bent waits until the bend has moved there (bendFits).
//
// Memory: per loop what the filters return, ahead of time, and one line per term. Cost: 22 ns a sample while the string
// is bent or softened, 89 while that moves, beside 87 without (a piano of three filters of 512 taps; AMD EPYC at
// 3.1 GHz, relaxed build, November 2026).

import { allocate } from "./arena";
import { BLOCK, BLOCK_ROOM } from "./block";
import {
  AFTER,
  BEFORE,
  FRACTIONS,
  TAPS,
  Term,
  copyTerm,
  createTerms,
  isIdentity,
  isSame,
  setTerm,
  termAt,
  termSample,
} from "./bend-terms";
import { History, createHistory, historyClear, historyEnd, historyReserve } from "./history";

const HOP: i32 = BLOCK;

// In 1/256 of a sample per hop: a tone at 82 Hz takes some 100 ms. Faster, and high partials pay for it.
const DELAY_SLEW: i32 = 96;
const SOFT_SLEW: f32 = 0.0625;
const MARGIN: f32 = 1.625;

/** A step needs this many samples. */
const LEAST_STEP: i32 = 4;

@unmanaged
export class Bend {
  on: i32; // 0 = nothing is bent, and the loops return what they return
  mostEarly: i32; // samples, either way
  early: i32; // 1/256 samples, where it is to go
  soft: f32; // where it is to go
  terms: usize; // Term x 4: before, falling, rising, next
  at: i32; // samples of this hop that are over
  ahead: i32; // samples of r that are known from the next sample on; the same for both loops
  lines: usize; // History x 2, r of the second loop and of the first
  weighed: usize; // f32 x (HOP + TAPS), one term's b r
}

/** Make room. @param mostPeriod of any tuning (samples) */
export function createBend(mostPeriod: i32): Bend {
  const bend = changetype<Bend>(allocate(offsetof<Bend>()));
  bend.mostEarly = mostPeriod / 8;
  bend.terms = createTerms(4);
  bend.lines = allocate(2 * sizeof<usize>());
  for (let loop = 0; loop < 2; ++loop) {
    const line = createHistory(2 * bend.mostEarly + 2 * BLOCK + 2 * TAPS);
    store<usize>(bend.lines + <usize>loop * sizeof<usize>(), changetype<usize>(line));
  }
  bend.weighed = allocate(4 * (HOP + TAPS));
  return bend;
}

/** Say where to go. @param early samples by which a trip is to be shorter @param soft b, 0 .. 1 */
export function bendTo(bend: Bend, early: f64, soft: f64): void {
  const most = <f64>bend.mostEarly;
  bend.early = <i32>Math.round(max<f64>(-most, min<f64>(most, early)) * <f64>FRACTIONS);
  bend.soft = <f32>soft;
}

/** A note begins in silence: bent from its first sample on. */
export function bendReset(bend: Bend, near: i32): void {
  bend.on = 0;
  settle(bend, earlyWithin(bend, near), softWithin(bend, near));
  if (!isIdentity(term(bend, 3))) engage(bend, 0);
}

/** A note begins with a past: it is bent from here on. */
export function bendFromPast(bend: Bend): void {
  bend.on = 0;
  settle(bend, 0, 0);
}

/**
 * The next step begins.
 * @param near delay of the loops' first tap (samples) @param nextNear that of the tuning that waits, or the same: it goes
 * where there is room in both
 * @param mayEnd false while the damper moves: it is ahead by what is known of r, and off, it would skip that
 * @returns whether what the loops return passes through here; off, nothing of it costs anything
 */
export function bendBegin(bend: Bend, near: i32, nextNear: i32, mayEnd: bool): bool {
  const room = min(near, nextNear);
  const early = earlyWithin(bend, room);
  const soft = softWithin(bend, room);
  if (!bend.on) {
    if (early == 0 && soft == 0) return false;
    settle(bend, 0, 0);
    // what a term reads behind the next sample was returned already, and is looked at again
    engage(bend, -BEFORE);
    choose(bend, early, soft);
  } else if (bend.at == HOP) {
    shift(bend);
    choose(bend, early, soft);
    let idle = mayEnd;
    for (let i = 0; i < 4; ++i) if (!isIdentity(term(bend, i))) idle = false;
    if (idle) {
      bend.on = 0;
      return false;
    }
  }
  return true;
}

/** Whether a tuning has room for what is bent now; it makes room as it moves, while the tuning waits. */
export function bendFits(bend: Bend, near: i32): bool {
  let most = 0;
  for (let i = 0; i < 4; ++i) most = max(most, term(bend, i).early >> 8);
  return !bend.on || (hasRoom(near) && most <= near - AFTER - LEAST_STEP);
}

/** Whether a string so short can be bent at all. */
function hasRoom(near: i32): bool {
  return near >= LEAST_STEP + AFTER;
}

/** Samples this step may have. */
export function bendMost(bend: Bend, near: i32): i32 {
  const most = min(HOP - bend.at, near - AFTER - furthest(bend));
  // as many as one more block of r is enough for: a second would begin with the step's first weights again
  const known = BLOCK + bend.ahead - max(0, furthest(bend) + AFTER);
  return known > 0 ? min(most, known) : most;
}

/** Samples of r to be known for this step, counted from its first; where it reads late, no later than it would be. */
export function bendNeeds(bend: Bend, step: i32): i32 {
  return step + max(0, furthest(bend) + AFTER);
}

/** Where the next BLOCK samples of r are to be written (16-byte alignment is not given). */
export function bendRoom(bend: Bend, loop: i32): usize {
  const line = lineOf(bend, loop);
  historyReserve(line, BLOCK_ROOM);
  return historyEnd(line);
}

/** So many more samples of r are known. */
export function bendKnown(bend: Bend, loop: i32, count: i32): void {
  lineOf(bend, loop).end += count;
}

/** out = B r, f32 x step. */
export function bendInto(bend: Bend, loop: i32, ahead: i32, out: usize, step: i32): void {
  memory.fill(out, 0, (<usize>step) << 2);
  // address of r at the step's first sample
  const r = historyEnd(lineOf(bend, loop)) - ((<usize>ahead) << 2);
  const falling = term(bend, 1);
  const rising = term(bend, 2);
  if (isSame(falling, rising)) {
    addTerm(bend, 1, r, out, step, 0);
  } else {
    addTerm(bend, 1, r, out, step, 1);
    addTerm(bend, 2, r, out, step, 2);
  }
}

/** The step is over. */
export function bendEnd(bend: Bend, step: i32): void {
  bend.at += step;
  bend.ahead -= step;
}

/** Add one term. @param way 0 = it holds throughout this hop, 1 = it falls, 2 = it rises */
function addTerm(bend: Bend, index: i32, r: usize, out: usize, step: i32, way: i32): void {
  const one = term(bend, index);
  const whole = one.early >> 8;
  const from = r + ((<usize>(whole - BEFORE)) << 2);
  const count = step + TAPS - 1;
  const weighed = bend.weighed;
  const fraction = <f32>(one.early & (FRACTIONS - 1)) / <f32>FRACTIONS;
  const still = isStill(bend);
  const rose = way != 2 && !isSame(term(bend, 0), term(bend, 1));
  const willFall = way != 1 && !isSame(term(bend, 2), term(bend, 3));
  const here = change(bend, 1);
  const first = max<f32>(change(bend, 0), here);
  const last = max<f32>(here, change(bend, 2));
  for (let i = 0; i < count; ++i) {
    // the time that reads this sample, in hops from this one's start
    const t = (<f32>(bend.at + i - BEFORE) - fraction) / <f32>HOP;
    const at = (<usize>i) << 2;
    let b: f32 = 1;
    if (!still) {
      // how much of the term holds: 1 = all
      const rises: f32 = way == 2 ? t : rose ? t + 1 : 1;
      const falls: f32 = way == 1 ? 1 - t : willFall ? 2 - t : 1;
      const share = max<f32>(0, min<f32>(1, min<f32>(rises, falls)));
      b = quarterSine(share) * sqrt<f32>(kept(first, last, t));
    }
    store<f32>(weighed + at, b * load<f32>(from + at));
  }
  for (let n = 0; n < step; ++n) {
    const sum = termSample(one, weighed + ((<usize>n) << 2));
    const x = <f32>(bend.at + n) / <f32>HOP;
    const a: f32 = way == 0 ? 1 : quarterSine(way == 1 ? 1 - x : x);
    const at = out + ((<usize>n) << 2);
    store<f32>(at, load<f32>(at) + a * sum);
  }
}

/** sin(pi x / 2), x in 0 .. 1, within float32's rounding: Hastings' five terms. */
function quarterSine(x: f32): f32 {
  const xx = x * x;
  let sum: f32 = -0.00467376557 + <f32>0.00015148419 * xx;
  sum = <f32>0.07968967928 + sum * xx;
  sum = <f32>-0.64596371106 + sum * xx;
  return x * (<f32>1.57079631847 + sum * xx);
}

/**
 * What the margin leaves, at t hops from this one's start: a straight line between the hops' borders, and level around
 * them, where both hops read the same samples.
 * @param first @param last what changes there (1/256 samples), of the hops on either side the more
 */
function kept(first: f32, last: f32, t: f32): f32 {
  const x: f32 = max<f32>(0, min<f32>(1, <f32>2 * t - <f32>0.5));
  const most: f32 = (<f32>1 - x) * first + x * last;
  return <f32>1 - (MARGIN * most) / <f32>(HOP * FRACTIONS);
}

/** True where one term has been and will be all of B. */
function isStill(bend: Bend): bool {
  for (let i = 0; i < 3; ++i) if (!isSame(term(bend, i), term(bend, i + 1))) return false;
  return true;
}

/** 1/256 samples between a term and the next. */
function change(bend: Bend, index: i32): f32 {
  return <f32>abs(term(bend, index + 1).early - term(bend, index).early);
}

/** A hop is over: every term is one nearer. */
function shift(bend: Bend): void {
  bend.at = 0;
  for (let i = 0; i < 3; ++i) copyTerm(term(bend, i), term(bend, i + 1));
}

/** The term after the next. */
function choose(bend: Bend, early: i32, softTo: f32): void {
  const from = term(bend, 2);
  const by = max(-DELAY_SLEW, min(DELAY_SLEW, early - from.early));
  const soft = from.soft + max<f32>(-SOFT_SLEW, min<f32>(SOFT_SLEW, softTo - from.soft));
  setTerm(term(bend, 3), from.early + by, soft);
}

function settle(bend: Bend, early: i32, soft: f32): void {
  for (let i = 0; i < 4; ++i) setTerm(term(bend, i), early, soft);
}

function engage(bend: Bend, ahead: i32): void {
  bend.on = 1;
  bend.at = 0;
  bend.ahead = ahead;
  for (let loop = 0; loop < 2; ++loop) historyClear(lineOf(bend, loop));
}

/** What there is time for: no further than the loops know what they return. */
function earlyWithin(bend: Bend, near: i32): i32 {
  return hasRoom(near) ? min(bend.early, (near - AFTER - LEAST_STEP) * FRACTIONS) : 0;
}

function softWithin(bend: Bend, near: i32): f32 {
  return hasRoom(near) ? bend.soft : 0;
}

/** Whole samples that this hop's terms read ahead, at most. */
function furthest(bend: Bend): i32 {
  return max(term(bend, 1).early, term(bend, 2).early) >> 8;
}

function term(bend: Bend, index: i32): Term {
  return termAt(bend.terms, index);
}

function lineOf(bend: Bend, loop: i32): History {
  return changetype<History>(load<usize>(bend.lines + <usize>loop * sizeof<usize>()));
}
