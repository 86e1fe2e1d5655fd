// The still filters between which a bend moves (passive-bend.ts): each reads a signal d samples early, d not whole, and
// takes a little off the top. None has a gain above 1 anywhere.
//
//   (K x)[n] = sum over j of k[j] x[n + whole - 4 + j],  j = 0 .. 9,   d = whole + fraction / 256
//
//   k = row[fraction] * (b/4, 1 - b/2, b/4)      row    Lagrange's eight points, read in the middle interval, where they
//                                                       nowhere exceed 1 (tested with the certificate)
//                                                b      softening, 0 .. 1: gain 1 - b (1 - cos w) / 2
//
// Memory: one table of all rows, f32 [256, 8], for all strings; ten taps a term.
// Cost: 10 MACs per sample and term, one after the other: a string pays for them only while it is bent or softened.

import { allocate } from "./arena";

export const FRACTIONS: i32 = 256;
const POINTS: i32 = 8; // of Lagrange's
export const TAPS: i32 = POINTS + 2; // and one to either side, for the softening
export const BEFORE: i32 = POINTS / 2; // taps before the one at `whole`

/** Samples behind the newest that a step reads. */
export const AFTER: i32 = TAPS - 1 - BEFORE;

// float32 rounding of a row may lift its gain by 1e-7
const HAIR: f64 = 1 - 1e-6;

const table = memory.data(4 * 256 * 8, 16); // f32 [FRACTIONS, POINTS]
let tableIsMade = false;

/** One term of B. */
@unmanaged
export class Term {
  early: i32; // 1/256 samples
  soft: f32; // b
  kernel: usize; // f32 x TAPS
}

/** Make room for some, all zero. @returns Term x count */
export function createTerms(count: i32): usize {
  if (!tableIsMade) {
    for (let f = 0; f < FRACTIONS; ++f) lagrange(table + 4 * (<usize>(f * POINTS)), f);
    tableIsMade = true;
  }
  const terms = allocate(<usize>count * offsetof<Term>());
  for (let i = 0; i < count; ++i) termAt(terms, i).kernel = allocate(4 * TAPS);
  return terms;
}

export function termAt(terms: usize, index: i32): Term {
  return changetype<Term>(terms + <usize>index * offsetof<Term>());
}

/** The row of the table for a fraction f / 256 after its fourth point: it reads what lies there, of gain 1 or less. */
function lagrange(row: usize, f: i32): void {
  const x = <f64>(POINTS / 2 - 1) + <f64>f / <f64>FRACTIONS;
  for (let k = 0; k < POINTS; ++k) {
    let h: f64 = f == 0 ? 1 : HAIR;
    for (let j = 0; j < POINTS; ++j) if (j != k) h *= (x - <f64>j) / <f64>(k - j);
    store<f32>(row + ((<usize>k) << 2), <f32>h);
  }
}

/** Make a term. @param early 1/256 samples @param soft b, 0 .. 1 */
export function setTerm(one: Term, early: i32, soft: f32): void {
  one.early = early;
  one.soft = soft;
  const row = table + 4 * (<usize>((early & (FRACTIONS - 1)) * POINTS));
  const side: f32 = 0.25 * soft;
  const middle: f32 = 1 - 0.5 * soft;
  for (let j = 0; j < TAPS; ++j) {
    // k[j] = side row[j - 2] + middle row[j - 1] + side row[j]
    const left: f32 = j >= 2 ? load<f32>(row + 4 * (<usize>(j - 2))) : 0;
    const here: f32 = j >= 1 && j <= POINTS ? load<f32>(row + 4 * (<usize>(j - 1))) : 0;
    const right: f32 = j < POINTS ? load<f32>(row + 4 * (<usize>j)) : 0;
    store<f32>(one.kernel + 4 * (<usize>j), side * (left + right) + middle * here);
  }
}

export function copyTerm(to: Term, from: Term): void {
  to.early = from.early;
  to.soft = from.soft;
  memory.copy(to.kernel, from.kernel, 4 * TAPS);
}

/** One sample of K x. @param x address of the first that it reads */
// @ts-ignore: decorator
@inline
export function termSample(one: Term, x: usize): f32 {
  let sum: f32 = 0;
  for (let j: usize = 0; j < 4 * TAPS; j += 4) sum += load<f32>(one.kernel + j) * load<f32>(x + j);
  return sum;
}

export function isIdentity(one: Term): bool {
  return one.early == 0 && one.soft == 0;
}

export function isSame(one: Term, other: Term): bool {
  return one.early == other.early && one.soft == other.soft;
}
