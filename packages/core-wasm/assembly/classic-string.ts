// A classic string: a delay line closed over an MLP. The loop runs ahead of its reader in steps of a fixed size
// counted from the note's start (eight samples, or the shortest delay if that is less), so the sound does not
// depend on how the host cuts its blocks, and a control that changes is heard at the next step.
//
//          +--> delay line --taps--> MLP --> flush --> guard --+--> reader
//          |                                                   |
//          +---------------------------------------------------+
//
// Memory: one history of the longest delay and a tile; the network's rows; a tile of 8 samples on its way.
// Cost besides the network: 5 ns a sample: flush, copies and the call from JavaScript (AMD EPYC at 3.1 GHz, relaxed
// build, November 2026).

import { allocate } from "./arena";
import { DecayMeter, createDecayMeter, decayMeterAdvance, decayMeterReset } from "./decay-meter";
import { EnergyGuard, createEnergyGuard, energyGuardApply, energyGuardArm } from "./energy-guard";
import { History, createHistory, historyEnd, historyLoad, historyReserve } from "./history";
import { TILE, copySamples, keepAudible } from "./lanes";
import { Mlp, createMlp, mlpSetExtra, mlpSetLayer, mlpTile } from "./mlp";
import { preciseFollow, preciseStep } from "./mlp-precise";

// A tile costs eight samples however few of them may be kept: below this many, sample by sample.
const SHORTEST_TILE: i32 = 4;

// Samples rendered before they are copied to the reader; less than the room of a history.
const LONGEST_RUN: i32 = 1024;

@unmanaged
export class ClassicString {
  history: History;
  mlp: Mlp;
  step: i32; // samples rendered at once, 1 .. 8
  ready: i32; // samples rendered but not read
  broken: i32; // samples that were not finite, or absurdly large, and became silence
  guardOn: i32;
  guard: EnergyGuard;
  extras: i32; // controls and features
  live: usize; // DecayMeter x extras: the meter that drives an extra, 0 = the extra is held
  block: usize; // f32 x 8, the step's samples
  precise: usize; // f64 x capacity: the history once more, for steps too short for tiles; 0 = none
}

/**
 * Make a string at rest.
 * @param delaysPtr i32 x taps, samples, each >= 1
 * @param extras number of controls and features
 * @param specPtr i32 x layers x 2: units, activation (0 linear, 1 tanh, 2 relu)
 * @param keep samples of the past to keep: at least the longest delay, twice the window of a live feature, a period
 * @returns a handle
 */
export function classicCreate(
  delaysPtr: usize,
  taps: i32,
  extras: i32,
  specPtr: usize,
  layers: i32,
  keep: i32,
): usize {
  const string = changetype<ClassicString>(allocate(offsetof<ClassicString>()));
  let shortest = TILE;
  for (let i = 0; i < taps; ++i) shortest = min(shortest, load<i32>(delaysPtr + ((<usize>i) << 2)));
  string.step = shortest;
  string.history = createHistory(keep + TILE);
  string.mlp = createMlp(delaysPtr, taps, extras, specPtr, layers, shortest >= SHORTEST_TILE);
  string.extras = extras;
  string.live = allocate(<usize>extras * sizeof<usize>());
  string.block = allocate(4 * TILE);
  const room = (<usize>(string.history.capacity + 2 * TILE)) << 3;
  string.precise = shortest < SHORTEST_TILE ? allocate(room) : 0;
  return changetype<usize>(string);
}

/** Set one layer: weightsPtr f32 x units x inputs, [out, in]; biasPtr f32 x units or 0. */
export function classicSetLayer(handle: usize, index: i32, weightsPtr: usize, biasPtr: usize): void {
  mlpSetLayer(changetype<ClassicString>(handle).mlp, index, weightsPtr, biasPtr);
}

/** Hold a control or feature (index in input order after the taps) at a value. Audio thread: allocates nothing. */
export function classicSetExtra(handle: usize, index: i32, value: f32): void {
  const string = changetype<ClassicString>(handle);
  store<usize>(string.live + <usize>index * sizeof<usize>(), 0);
  mlpSetExtra(string.mlp, index, value);
}

/** Where controls and features are held, in input order, to be written there: f32 x extras. */
export function classicExtras(handle: usize): usize {
  return changetype<ClassicString>(handle).mlp.extraValues;
}

/** Let the string's own sound drive a feature; see decay-meter.ts for the numbers. Not on the audio thread. */
export function classicSetDecayLive(
  handle: usize,
  index: i32,
  window: i32,
  mean: f64,
  scale: f64,
  halfLife: f64,
  kind: i32,
): void {
  const string = changetype<ClassicString>(handle);
  const meter = createDecayMeter(window, mean, scale, halfLife, kind);
  decayMeterReset(meter, historyEnd(string.history));
  store<usize>(string.live + <usize>index * sizeof<usize>(), changetype<usize>(meter));
}

/** Make the energy guard, off; not on the audio thread. */
export function classicCreateGuard(handle: usize, period: i32): void {
  changetype<ClassicString>(handle).guard = createEnergyGuard(period);
}

/**
 * Replace the string's past by recorded samples (the last of them, as many as it keeps) and arm the guard.
 * Samples that are not finite become silence and are counted: one NaN in the guard's limit or in a live meter would
 * switch either off for good.
 * @param samplesPtr f32 x count
 * @param guardHeadroom ratio of energies the guard allows over the loudest period of the past; 0 = guard off
 */
export function classicExcite(handle: usize, samplesPtr: usize, count: i32, guardHeadroom: f64): void {
  const string = changetype<ClassicString>(handle);
  const history = string.history;
  historyLoad(history, samplesPtr, count);
  string.ready = 0;
  const taken = min(count, history.keep);
  const end = historyEnd(history);
  const start = end - ((<usize>taken) << 2);
  string.broken = keepAudible(start, start, taken);
  if (string.precise != 0) {
    for (let n = 0; n < history.end; ++n) {
      store<f64>(string.precise + ((<usize>n) << 3), <f64>load<f32>(history.data + ((<usize>n) << 2)));
    }
  }
  string.guardOn = guardHeadroom > 0 ? 1 : 0;
  if (string.guardOn) energyGuardArm(string.guard, end, taken, guardHeadroom);
  for (let i = 0; i < string.extras; ++i) {
    const meter = liveMeter(string, i);
    if (changetype<usize>(meter) == 0) continue;
    decayMeterReset(meter, end);
    mlpSetExtra(string.mlp, i, 0);
  }
}

/**
 * Render the next samples.
 * @param outPtr f32 x frames
 * Audio thread: allocates nothing.
 */
export function classicRender(handle: usize, outPtr: usize, frames: i32): void {
  const string = changetype<ClassicString>(handle);
  const history = string.history;
  let out = outPtr;
  let left = frames;
  while (left > 0) {
    const take = min(left, LONGEST_RUN);
    makeRoom(string, take + TILE);
    while (string.ready < take) renderStep(string);
    copySamples(historyEnd(history) - ((<usize>string.ready) << 2), out, take);
    string.ready -= take;
    out += (<usize>take) << 2;
    left -= take;
  }
}

/** Make room for samples behind the last; the float64 line moves with the float32 one. */
function makeRoom(string: ClassicString, count: i32): void {
  const history = string.history;
  const before = history.end;
  historyReserve(history, count);
  if (string.precise == 0 || history.end == before) return;
  const keep = <usize>history.keep;
  memory.copy(string.precise, string.precise + ((<usize>before - keep) << 3), keep << 3);
}

/** Samples, of the last excitation and since, that were not finite (or beyond 1e15) and became silence. */
export function classicBroken(handle: usize): i32 {
  return changetype<ClassicString>(handle).broken;
}

/** Blocks the energy guard has scaled since the last excitation. */
export function classicGuardInterventions(handle: usize): i32 {
  const string = changetype<ClassicString>(handle);
  return string.guardOn ? string.guard.interventions : 0;
}

/** The smallest gain the energy guard has applied since the last excitation; 1 = it never acted. */
export function classicGuardSmallestGain(handle: usize): f64 {
  const string = changetype<ClassicString>(handle);
  return string.guardOn ? string.guard.smallestGain : 1;
}

/** Render one step; there is room for it. */
// @ts-ignore: decorator
@inline
function renderStep(string: ClassicString): void {
  const history = string.history;
  const step = string.step;
  const at = historyEnd(history);
  if (string.precise != 0) preciseStep(string.mlp, preciseEnd(string), string.block, step);
  else mlpTile(string.mlp, at, string.block);

  // what has decayed becomes silence; what has broken too, and is counted
  string.broken += keepAudible(string.block, at, step);
  if (string.guardOn) energyGuardApply(string.guard, at, step);
  if (string.precise != 0) preciseFollow(preciseEnd(string), at, step);
  for (let i = 0; i < string.extras; ++i) {
    const meter = liveMeter(string, i);
    if (changetype<usize>(meter) == 0) continue;
    mlpSetExtra(string.mlp, i, <f32>decayMeterAdvance(meter, at, step));
  }
  history.end += step;
  string.ready += step;
}

/** Address of the next sample in the float64 line. */
// @ts-ignore: decorator
@inline
function preciseEnd(string: ClassicString): usize {
  return string.precise + ((<usize>string.history.end) << 3);
}

/** The meter that drives an extra, or null (0). */
// @ts-ignore: decorator
@inline
function liveMeter(string: ClassicString, index: i32): DecayMeter {
  return changetype<DecayMeter>(load<usize>(string.live + <usize>index * sizeof<usize>()));
}
