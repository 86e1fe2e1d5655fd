// Tunes a passive string to another pitch or sample rate: synthesises the filters, which takes some ten
// milliseconds, or takes what another string of the model has synthesised, which takes microseconds; and lets them take
// over, at once where the string is at rest, else by a fade (passive-banks.ts).
//
//   spare filters --synthesised or taken--> next --at rest: at once; ringing: fade--> play --> spare
//
// Memory: the spare filters (loop-filters.ts). Cost: 10 to 20 ms to synthesise four filters of 256 taps; 6.6 us to take
// them, with the note that begins (AMD EPYC at 3.1 GHz, relaxed build, November 2026).

import { LoopFilters } from "./loop-filters";
import { fadeBegin, fadeSettle } from "./passive-banks";
import { tuneFilters } from "./passive-filters";
import { passiveTuned } from "./passive-hand";
import { PassiveString, fadeIsNext, isAtRest, silenceLines } from "./passive-string";

/**
 * Tune the string. While it still fades to an earlier tuning, or is bent further than this one has room for, this one
 * waits its turn; the latest wins.
 * @param period round(sampleRate / f0), samples
 * @param taps N', even, at most the most the string was made for
 * @param ahead C', below the period
 * @param hop samples from one answer of the mixture's network to the next
 */
export function passiveRetune(
  handle: usize,
  sampleRate: f64,
  f0: f64,
  period: i32,
  taps: i32,
  ahead: i32,
  hop: i32,
): void {
  const string = changetype<PassiveString>(handle);
  const filters = string.fade.spare;
  describe(filters, sampleRate, f0, period, taps, ahead, hop);
  tuneFilters(string.spectra, string.dense, filters);
  takeOver(string);
}

/**
 * Tune the string to filters that were made before, by passiveRetune on a string of the same model (passiveTaps and
 * passiveGain have them). The rest is as there.
 * @param tapsPtr f32 [rows, N'], copied
 * @param gain what no row's gain exceeds
 * Audio thread: allocates nothing.
 */
export function passiveTake(
  handle: usize,
  tapsPtr: usize,
  gain: f64,
  sampleRate: f64,
  f0: f64,
  period: i32,
  taps: i32,
  ahead: i32,
  hop: i32,
): void {
  const string = changetype<PassiveString>(handle);
  const filters = string.fade.spare;
  describe(filters, sampleRate, f0, period, taps, ahead, hop);
  memory.copy(filters.rows, tapsPtr, (<usize>(string.rows * taps)) << 2);
  filters.gain = gain;
  takeOver(string);
}

function describe(
  filters: LoopFilters,
  sampleRate: f64,
  f0: f64,
  period: i32,
  taps: i32,
  ahead: i32,
  hop: i32,
): void {
  filters.sampleRate = sampleRate;
  filters.f0 = f0;
  filters.period = period;
  filters.taps = taps;
  filters.ahead = ahead;
  filters.near = period - ahead;
  filters.hop = hop;
}

/** The spare filters are next, now or when a fade is over. */
function takeOver(string: PassiveString): void {
  const fade = string.fade;
  fade.waiting = 1;
  if (isAtRest(string)) {
    // a longer string would hear what the shorter one had forgotten
    fadeSettle(fade);
    silenceLines(string);
    string.ready = 0;
    passiveTuned(string);
  } else if (fadeIsNext(string)) {
    fadeBegin(fade, string.rows);
    passiveTuned(string);
  }
}
