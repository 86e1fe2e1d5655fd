// What a hand does to a passive string while it rings: the damper, bend and softening, and the mixture's controls. Each
// is aimed at from outside and gets there within some milliseconds, because what sounds would jump with it.
//
//   damper    both loops return d times as much; d follows a follower of its aim, so that it bends nowhere sharply, neither
//             where it sets out nor where it arrives. Any d in 0 .. 1 is safe
//   bend      seconds earlier per trip, so it follows from the tuning (passive-bend.ts)
//   controls  begin to be heard when the mixture's weights are due
//
// Memory: a block of 32 numbers for the damper's way. Cost: 64 sums a step while the damper moves, else nothing.

import { BLOCK } from "./block";
import { energyMeterReset } from "./energy-meter";
import { historyEnd } from "./history";
import { bendTo } from "./passive-bend";
import { mixtureSetControl } from "./passive-mixture";
import { PassiveString } from "./passive-string";

// How much of its distance a follower goes in a sample: all of it but a hundredth takes 425 samples.
const DAMP_SLEW: f64 = 0.015625; // 1/64

// Nearer than this it is there: -120 dB of what sounds.
const DAMP_STEP: f64 = 1e-6;

/** Hz, where softening is measured. */
const SOFT_HZ: f64 = 4000;

/** Hold a control of the mixture at a value, heard from the next hop on. Audio thread: allocates nothing. */
export function passiveSetControl(handle: usize, index: i32, value: f64): void {
  mixtureSetControl(changetype<PassiveString>(handle).mixture, index, value);
}

/**
 * Damp the string from the next step on: both loops return less by one factor per round trip, which is safe at any
 * moment. The factor takes some milliseconds to get there, because what sounds would jump with it.
 * @param t60 seconds to fall 60 dB by this alone; Infinity = let it ring
 * Audio thread: allocates nothing.
 */
export function passiveDamp(handle: usize, t60: f64): void {
  const string = changetype<PassiveString>(handle);
  string.dampSeconds = t60;
  string.dampTo = perTrip(string, t60);
}

/**
 * Bend the pitch of what rings, and of what will, from the string's tuning; it glides there (passive-bend.ts).
 * @param cents up to 200 either way; less where the string is too short to know in time what comes
 * Audio thread: allocates nothing.
 */
export function passiveBend(handle: usize, cents: f64): void {
  const string = changetype<PassiveString>(handle);
  string.bendCents = cents;
  passiveDamp(handle, string.dampSeconds);
  aimBend(string);
}

/**
 * Soften the tone: high partials die sooner, low ones hardly.
 * @param t60 seconds to fall 60 dB at 4 kHz by this alone, as far as that goes; Infinity = as learned
 * Audio thread: allocates nothing.
 */
export function passiveSoften(handle: usize, t60: f64): void {
  const string = changetype<PassiveString>(handle);
  string.softSeconds = t60;
  aimBend(string);
}

/** As it is bent: what dies in a time dies in as many trips. */
function tripsPerSecond(string: PassiveString): f64 {
  return string.fade.towards.f0 * Math.exp((Math.LN2 / 1200) * string.bendCents);
}

/** The factor per trip by which a sound falls 60 dB in so many seconds. */
function perTrip(string: PassiveString, seconds: f64): f64 {
  return Math.exp((-3 * Math.LN10) / (tripsPerSecond(string) * seconds));
}

/** What bend and softening come to at the string's tuning. */
function aimBend(string: PassiveString): void {
  const filters = string.fade.towards;
  const early = filters.sampleRate / filters.f0 - filters.sampleRate / tripsPerSecond(string);
  // the softening's gain at w is 1 - b (1 - cos w) / 2
  const lost = 1 - perTrip(string, string.softSeconds);
  const w = (2 * Math.PI * SOFT_HZ) / filters.sampleRate;
  bendTo(string.bend, early, min<f64>(1, (2 * lost) / (1 - Math.cos(min(w, Math.PI)))));
}

/**
 * The damper's factor on the block of samples that the loops return next.
 * @param first the block's first sample, counted from the step's; what lies before 0 was returned already
 * @param end samples that are returned, counted alike
 * @returns whether it moves
 */
export function dampStep(string: PassiveString, first: i32, end: i32): bool {
  const aim = string.dampTo;
  let damp = string.damp;
  if (damp == aim) return false;
  let lead = string.dampLead;
  for (let n = 0; n < BLOCK; ++n) {
    if (<u32>(first + n) < <u32>end) {
      lead += DAMP_SLEW * (aim - lead);
      damp += DAMP_SLEW * (lead - damp);
    }
    store<f32>(string.dampRamp + ((<usize>n) << 2), <f32>damp);
  }
  if (abs(aim - damp) < DAMP_STEP) damp = lead = aim;
  string.dampLead = lead;
  string.damp = damp;
  return true;
}

/**
 * What follows from a new tuning: the damper's factor per round trip, the hop, and the period whose energy is guarded.
 */
export function passiveTuned(string: PassiveString): void {
  passiveDamp(changetype<usize>(string), string.dampSeconds);
  aimBend(string);
  // what is left of a longer hop is not waited for; of the weights' way nothing is cut: hops shorter than it stay as they are
  string.untilHop = min(string.untilHop, string.fade.towards.hop);
  const meter = string.guard.meter;
  const period = string.fade.towards.period;
  // a longer period of the same sound holds more energy
  if (meter.window > 0) string.guard.limit *= max<f64>(1, <f64>period / <f64>meter.window);
  meter.window = period;
  energyMeterReset(meter, historyEnd(string.y));
}
