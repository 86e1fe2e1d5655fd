// What both loops of a string must have held when all that is known is what was heard. With 2 F samples of y (F the
// longest delay) it follows, up to what the recording holds that the model does not:
//
//   u[n] = y[n] - sum_k s_k^2 (h_k * y)[n]       for the last F samples
//
// A parallel string's second loop cannot be told from its first so soon: it is taken for silent (state-estimate.ts of
// the host follows it along a longer past).
//
// With fewer, something has to be guessed; with more, a better estimate is possible, and its place is here.
//
//   y   [ F samples | F samples ]           u              [ F samples ]
//         heard by h_k for  ------------------------------->  u
//
// Memory: the string's lines and blocks; K filters' taps reversed, f32 x N each, until it is done.
// Cost: K FIRs over F samples: most of the 32 us that a start from 2 F = 1196 samples takes (AMD EPYC at 3.1 GHz,
// relaxed build, November 2026); more where the past is short.

import { allocate, arenaMark, arenaRelease } from "./arena";
import { historyClear, historyEnd } from "./history";
import { BLOCK, blockClear, blockCopy } from "./block";
import { isAudible1, keepAudible } from "./lanes";
import { longestDelay, rowTaps } from "./loop-filters";
import { fillWeights } from "./passive-banks";
import { PassiveString, askMixture } from "./passive-string";
import { synthesiseBackwards } from "./passive-synthesis";
import { addSumsBackwards } from "./shifted-sums";

/** Fill u's line, and the mixture's weights at the start. @param known samples of y, F or more */
export function estimateState(string: PassiveString, known: i32): void {
  const wanted = 2 * longestDelay(string.fade.current.filters);
  if (known < wanted) extendBackwards(string, known, wanted);
  secondLoop(string);
  if (known < wanted && !string.parallel) guessSecondLoop(string, known);
}

/** u from y, with the weights that hold at the start. */
function secondLoop(string: PassiveString): void {
  const filters = string.fade.current.filters;
  const y = historyEnd(string.y);
  askMixture(string);
  historyClear(string.u);
  if (string.parallel) return;
  const count = longestDelay(filters);
  for (let n = 0; n < count; n += BLOCK) {
    const take = min(BLOCK, count - n);
    const back = (<usize>(count - n)) << 2;
    blockCopy(y - back, string.uBlock);
    for (let row = 1; row < string.rows; ++row) {
      const s = mixtureWeight(string, row);
      fillWeights(string.weight, -(s * s), 0, 0);
      const x = y - back - ((<usize>filters.near) << 2);
      addSumsBackwards(x, rowTaps(filters, row), filters.taps, string.weight, 1, string.uBlock);
    }
    keepAudible(string.uBlock, historyEnd(string.u) - back, take);
  }
}

/**
 * Where u followed from samples that were themselves estimated it says nothing: there the second loop is taken to hold
 * the same part of y as it does in the newest samples, where it is known (least squares, over all partials alike).
 */
function guessSecondLoop(string: PassiveString, known: i32): void {
  const filters = string.fade.current.filters;
  const count = longestDelay(filters);
  // taps far behind the period hold next to nothing
  const sure = known - filters.period - (filters.taps - filters.ahead) / 2;
  if (sure >= count) return;
  let part: f64 = 0;
  if (sure > filters.period >> 5) {
    let shared: f64 = 0;
    let power: f64 = 1e-30;
    for (let n = 1; n <= sure; ++n) {
      const y = <f64>load<f32>(historyEnd(string.y) - ((<usize>n) << 2));
      shared += y * <f64>load<f32>(historyEnd(string.u) - ((<usize>n) << 2));
      power += y * y;
    }
    part = shared / power;
  }
  for (let n = max(0, sure) + 1; n <= count; ++n) {
    const back = (<usize>n) << 2;
    const u = <f32>(part * <f64>load<f32>(historyEnd(string.y) - back));
    store<f32>(historyEnd(string.u) - back, isAudible1(u) ? u : 0);
  }
}

/**
 * Estimate what was heard before the `known` last samples of y, as far back as `wanted`: each sample from those one
 * round trip later, through the first loop's filters with their damping undone (up to 0.25 nepers) and their phase
 * reversed. The second loop is taken for silent there, so beating that a short past does not show is not invented.
 */
function extendBackwards(string: PassiveString, known: i32, wanted: i32): void {
  const filters = string.fade.current.filters;
  const end = historyEnd(string.y);
  // the mixture asks how loud the string was: one period earlier as loud as now, until better is known
  for (let n = known; n < wanted; ++n) {
    const at = end - ((<usize>(n + 1)) << 2);
    store<f32>(at, load<f32>(at + ((<usize>filters.period) << 2)));
  }
  askMixture(string);

  const mark = arenaMark();
  const bytes = (<usize>filters.taps) << 2;
  const backwards = allocate(<usize>string.rows * bytes);
  for (let row = 1; row < string.rows; ++row) {
    synthesiseBackwards(string.spectra, filters, row, backwards + <usize>row * bytes);
  }
  const most = min(BLOCK, filters.near);
  const reach = (<usize>longestDelay(filters)) << 2;
  for (let n = known; n < wanted; ) {
    const take = min(most, wanted - n);
    const at = end - ((<usize>(n + take)) << 2);
    blockClear(string.yBlock);
    for (let row = 1; row < string.rows; ++row) {
      const s = mixtureWeight(string, row);
      fillWeights(string.weight, s * s, 0, 0);
      addSumsBackwards(at + reach, backwards + <usize>row * bytes, filters.taps, string.weight, 1, string.yBlock);
    }
    keepAudible(string.yBlock, at, take);
    n += take;
  }
  arenaRelease(mark);
}

/** A row's weight: 1 of the second loop's, s_k of row k. */
// @ts-ignore: decorator
@inline
export function mixtureWeight(string: PassiveString, row: i32): f32 {
  return load<f32>(string.mixture.weights + ((<usize>row) << 2));
}
