// What can be asked of a passive string that plays: its state in a few numbers, for hosts, reports and tests.
//
//   the lines:   [ . . . . . heard, second loop, energies . . . . . ]( made, not yet read )
//                                     the last samples that were read ^
//
// Memory: none. Costs nothing until it is asked.

import { sumOfSquares } from "./energy-meter";
import { History, historyEnd } from "./history";
import { copySamples } from "./lanes";
import { longestDelay } from "./loop-filters";
import { mixtureControls } from "./passive-mixture";
import { plucksLeft } from "./passive-pluck";
import { PassiveString, isAtRest } from "./passive-string";

/** Samples, of the last start and since, that were not finite (or beyond 1e15) and became silence. */
export function passiveBroken(handle: usize): i32 {
  return changetype<PassiveString>(handle).broken;
}

/** Steps the energy guard has scaled since the last start. */
export function passiveGuardInterventions(handle: usize): i32 {
  const string = changetype<PassiveString>(handle);
  return string.guardOn ? string.guard.interventions : 0;
}

/** The smallest gain the energy guard has applied since the last start; 1 = it never acted. */
export function passiveGuardSmallestGain(handle: usize): f64 {
  const string = changetype<PassiveString>(handle);
  return string.guardOn ? string.guard.smallestGain : 1;
}

/** Address of the weights that the mixture asked for last: f32 x K. */
export function passiveWeights(handle: usize): usize {
  return changetype<PassiveString>(handle).mixture.weights + 4;
}

/** Address of the filters the string is tuned to: f32 x rows x N'. */
export function passiveTaps(handle: usize): usize {
  return changetype<PassiveString>(handle).fade.towards.rows;
}

/** Sum of squares over the longest delay's last samples that were read, of y (loop 1) or u (loop 2). */
export function passiveEnergy(handle: usize, loop: i32): f64 {
  const string = changetype<PassiveString>(handle);
  const count = longestDelay(string.fade.towards);
  const line = loop == 1 ? string.y : string.u;
  // at rest u's line stands still
  if (isAtRest(string)) return 0;
  return sumOfSquares(historyEnd(line) - ((<usize>(string.ready + count)) << 2), count);
}

/** Where the mixture's controls are held, to be written there, heard from the next hop on: f64 x controls. */
export function passiveControls(handle: usize): usize {
  return mixtureControls(changetype<PassiveString>(handle).mixture);
}

/** Samples that plucks have still to play of those at an address; until there are none, these must stay as they are. */
export function passivePlucksLeft(handle: usize, samples: usize): i32 {
  return plucksLeft(changetype<PassiveString>(handle).plucks, samples);
}

/** What no filter's gain exceeds as the string is tuned. */
export function passiveGain(handle: usize): f64 {
  return changetype<PassiveString>(handle).fade.towards.gain;
}

/**
 * Copy what was heard: the last samples that were read; after a start, the end of the past.
 * @param outPtr f32 x frames
 * @param frames at most a period, or the longest delay
 * Audio thread: allocates nothing.
 */
export function passiveHeard(handle: usize, outPtr: usize, frames: i32): void {
  const string = changetype<PassiveString>(handle);
  copyLast(string, string.y, outPtr, frames);
}

/**
 * Copy what the second loop held at the last samples that were read; after a start, at the end of the past.
 * @param outPtr f32 x frames
 * @param frames at most the longest delay
 * Audio thread: allocates nothing.
 */
export function passiveSecondLoop(handle: usize, outPtr: usize, frames: i32): void {
  const string = changetype<PassiveString>(handle);
  // at rest u's line stands still, but all of it is silence
  copyLast(string, string.u, outPtr, frames);
}

function copyLast(string: PassiveString, line: History, outPtr: usize, frames: i32): void {
  copySamples(historyEnd(line) - ((<usize>(string.ready + frames)) << 2), outPtr, frames);
}
