// How a passive string begins to sound: from a recorded past, from a known state of both loops, from a pluck, or not
// at all. A recorded past is y only; passive-estimate.ts says what the second loop must have held.
//
//   y    [ .. recorded past .. ] |           line k   [ s_k y ]        each filter's line holds what was weighed
//   u    [ .. estimated ..     ] | n = 0     line b   [ u ]
//
// Memory: the string's own lines and blocks. Cost: 32 us from a past of 2 F = 1196 samples (AMD EPYC at 3.1 GHz, relaxed
// build, November 2026).

import { BLOCK, blockAdd, blockCopy, weighInto } from "./block";
import { energyGuardArm } from "./energy-guard";
import { sumOfSquares } from "./energy-meter";
import { History, historyClear, historyEnd, historyLoad } from "./history";
import { copySamples, keepAudible } from "./lanes";
import { Bank, fadeSettle, fillWeights } from "./passive-banks";
import { longestDelay } from "./loop-filters";
import { bendFromPast, bendReset } from "./passive-bend";
import { estimateState, mixtureWeight } from "./passive-estimate";
import { gatheredRoot, plucksPlay, plucksStart, plucksStop } from "./passive-pluck";
import { passiveDamp, passiveTuned } from "./passive-hand";
import { PassiveString, askMixture, bankLine, isAtRest, silenceLines } from "./passive-string";

/** Silence: the string at rest. Audio thread: allocates nothing. */
export function passiveReset(handle: usize): void {
  const string = changetype<PassiveString>(handle);
  begin(string);
  silenceLines(string);
  string.guardOn = 0;
  string.silence = string.y.keep;
}

/**
 * Replace the string's past by recorded samples. (A parallel string takes all of it for its first loop's.) The last 2 F of
 * them count (F the longest delay); where there are fewer, the missing ones are estimated by running the loop backwards.
 * Not-finite samples become silence and are counted.
 * @param samplesPtr f32 x count, count >= F
 * @param guardHeadroom ratio of energies the guard allows over the loudest period of the past and what the second loop
 *   may yet add to it; 0 = guard off
 */
export function passiveExcite(handle: usize, samplesPtr: usize, count: i32, guardHeadroom: f64): void {
  const string = changetype<PassiveString>(handle);
  begin(string);
  loadPast(string, string.y, samplesPtr, count);
  estimateState(string, count);
  start(string, count, guardHeadroom);
}

/**
 * Replace the past of both loops by known samples.
 * @param yPtr f32 x count, what was heard, count >= F; the mixture listens to 2 P of them
 * @param uPtr f32 x count, what the second loop held
 * @param comingPtr f32 x coming, what the second of parallel loops is yet to hear of what drove the first; must stay where
 *   it is while it plays
 */
export function passiveLoad(
  handle: usize,
  yPtr: usize,
  uPtr: usize,
  count: i32,
  comingPtr: usize,
  coming: i32,
  guardHeadroom: f64,
): void {
  const string = changetype<PassiveString>(handle);
  begin(string);
  loadPast(string, string.y, yPtr, count);
  loadPast(string, string.u, uPtr, count);
  const period = string.fade.current.filters.period;
  askMixture(string);
  start(string, count, guardHeadroom);
  if (coming == 0) return;
  plucksStart(string.plucks, 0, comingPtr, coming, 1);
  const root = sqrt<f64>(string.guard.limit) + sqrt<f64>(guardHeadroom) * gatheredRoot(comingPtr, coming, period);
  string.guard.limit = root * root;
}

/**
 * Play an excitation on top of whatever sounds, from the next step on; from the next sample on, and with a mixture
 * that starts anew, where the string is at rest. Lifts the damper.
 * @param samplesPtr f32 x length; must stay where it is while it plays
 * @param coupledPtr f32 x length, what a parallel string's second loop is given at the same time; 0 = nothing, or the
 *   string is a cascade
 * @param level factor
 * @param guardHeadroom as in passiveExcite, over the most the loops could gather from the excitation in one period;
 *   0 = guard off, below 0 = as it was
 * Audio thread: allocates nothing.
 */
export function passivePluck(
  handle: usize,
  samplesPtr: usize,
  coupledPtr: usize,
  length: i32,
  level: f32,
  guardHeadroom: f64,
): void {
  const string = changetype<PassiveString>(handle);
  const headroom = guardHeadroom >= 0 ? guardHeadroom : string.guardOn ? string.guardHeadroom : 0;
  const guard = string.guard;
  const resting = isAtRest(string);
  let root: f64 = 0;
  if (resting) {
    begin(string);
    // the weights of silence: from them the first hop's line begins
    askMixture(string);
  } else {
    const sounding = headroom * soundingEnergy(string);
    // what an earlier excitation has yet to give stays allowed
    const stays = string.guardOn && plucksPlay(string.plucks);
    const before = string.guardOn ? min(guard.limit, sounding) : sounding;
    root = sqrt<f64>(stays ? guard.limit : before);
    passiveDamp(handle, Infinity);
  }
  if (headroom > 0 && (resting || !string.guardOn)) energyGuardArm(guard, historyEnd(string.y), 0, headroom);
  string.guardOn = headroom > 0 ? 1 : 0;
  string.guardHeadroom = headroom;
  if (headroom > 0) {
    const period = string.fade.towards.period;
    const put = abs<f64>(<f64>level) * gatheredRoot(samplesPtr, length, period);
    root += sqrt<f64>(headroom) * put * max<f64>(1, feeding(string));
    guard.limit = root * root;
  }
  plucksStart(string.plucks, samplesPtr, coupledPtr, length, level);
}

/**
 * How much louder the first loop may grow than the second, which feeds it: with both in tune and of gain g, what goes
 * in once has become n g^(n - 1) after n trips, at most 1 / (e g ln(1 / g)). A good string does this; it is no
 * instability. Parallel loops feed nothing: what is in the second sounds once beside the first, and is once missing there.
 */
function feeding(string: PassiveString): f64 {
  if (string.parallel) return 2;
  const gain = string.fade.towards.gain;
  return 1 / (Math.E * gain * -Math.log(gain));
}

/** A note begins: nothing is left of the last one but its tuning. */
function begin(string: PassiveString): void {
  fadeSettle(string.fade);
  plucksStop(string.plucks);
  passiveTuned(string);
  passiveDamp(changetype<usize>(string), Infinity);
  string.damp = string.dampLead = string.dampTo;
  string.untilHop = 0;
  string.moved = true;
  string.ready = 0;
  string.broken = 0;
  string.silence = 0;
  bendReset(string.bend, string.fade.current.filters.near);
}

/** Load samples into a line, broken ones as silence. */
function loadPast(string: PassiveString, line: History, samplesPtr: usize, count: i32): void {
  historyLoad(line, samplesPtr, count);
  const taken = min(count, line.keep);
  const from = historyEnd(line) - ((<usize>taken) << 2);
  string.broken += keepAudible(from, from, taken);
}

/** Fill the filters' lines from y and u, or y - u and u, weighed as the mixture stands; arm the guard. */
function start(string: PassiveString, count: i32, guardHeadroom: f64): void {
  const bank = string.fade.current;
  bendFromPast(string.bend);
  for (let row = 0; row < string.rows; ++row) {
    loadLine(string, bank, row);
  }
  string.guardOn = guardHeadroom > 0 ? 1 : 0;
  string.guardHeadroom = guardHeadroom;
  if (string.guardOn) {
    energyGuardArm(string.guard, historyEnd(string.y), min(count, string.y.keep), guardHeadroom);
    const held = longestDelay(bank.filters);
    const u = sumOfSquares(historyEnd(string.u) - ((<usize>held) << 2), held);
    const root = sqrt<f64>(string.guard.limit) + sqrt<f64>(guardHeadroom * u) * feeding(string);
    string.guard.limit = root * root;
  }
}

function loadLine(string: PassiveString, bank: Bank, row: i32): void {
  const past = historyEnd(row == 0 ? string.u : string.y);
  const line = bankLine(bank, row);
  historyClear(line);
  fillWeights(string.weight, mixtureWeight(string, row), 0, 0);
  const count = longestDelay(bank.filters);
  for (let n = count; n > 0; n -= BLOCK) {
    // the last block of the walk backwards may be short
    const take = min(BLOCK, n);
    const back = (<usize>(count - n + take)) << 2;
    blockCopy(past - back, string.yBlock);
    if (row > 0 && string.parallel) blockAdd(string.yBlock, -1, historyEnd(string.u) - back);
    weighInto(string.uBlock, string.weight, string.yBlock);
    copySamples(string.uBlock, historyEnd(line) - back, take);
  }
}

/** Energy of the louder of the last two periods. */
function soundingEnergy(string: PassiveString): f64 {
  const period = string.fade.towards.period;
  const bytes = (<usize>period) << 2;
  const end = historyEnd(string.y);
  return max(sumOfSquares(end - bytes, period), sumOfSquares(end - 2 * bytes, period));
}
