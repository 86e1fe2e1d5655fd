// Excitations that are playing: recorded plucks, added to what drives the second loop; in a parallel string to what
// drives the first, while the second hears another stream of samples, what came through the coupling. A string that is
// plucked while it rings takes the new pluck on top of what it does; four may overlap, and at a fifth the one that has the
// least left to give fades out within FADE samples. (A ninth within as many would cut one off.)
//
//   pluck 0   [ . . . . . . . . \ ]            position -> moves by a step; level * samples are added
//   pluck 1       [ . . . . . . . . . . . ]
//   ...
//   pluck 4                   [ . . . . . . . . . . . ]
//   drives    + + + + + + + + + + + + + + + + + + + + +
//
// Memory: eight of them, the four that may overlap and as many that fade, six words each; the samples stay with the
// model. Cost: 3 ns a sample each, while it plays (AMD EPYC at 3.1 GHz, relaxed build, November 2026).

import { allocate } from "./arena";
import { sumOfSquares } from "./energy-meter";

const PLUCKS: i32 = 8;
const OVERLAPPING: i32 = 4;
const FADE: i32 = 256; // samples

@unmanaged
export class Pluck {
  samples: usize; // f32 x length; 0 = only the second loop hears something
  coupled: usize; // f32 x length, what a parallel string's second loop hears; 0 in cascade
  length: i32;
  position: i32; // of the next sample; at length nothing plays
  level: f32; // factor
  fade: i32; // samples that it had left when it began to fade; 0 = it does not
}

/** Make room for the plucks of one string. @returns Pluck x 8 */
export function createPlucks(): usize {
  return allocate(<usize>PLUCKS * offsetof<Pluck>());
}

/** Stop all. */
export function plucksStop(plucks: usize): void {
  memory.fill(plucks, 0, <usize>PLUCKS * offsetof<Pluck>());
}

/** Samples still to be played, of those at an address only, where one is given: all that read them, added up. */
export function plucksLeft(plucks: usize, samples: usize = 0): i32 {
  let sum = 0;
  for (let i = 0; i < PLUCKS; ++i) {
    const pluck = pluckAt(plucks, i);
    if (samples == 0 || pluck.samples == samples) sum += left(pluck);
  }
  return sum;
}

/** True where one is still playing. */
export function plucksPlay(plucks: usize): bool {
  return plucksLeft(plucks) > 0;
}

/** Start one. Audio thread: allocates nothing. */
export function plucksStart(plucks: usize, samples: usize, coupled: usize, length: i32, level: f32): void {
  let chosen = pluckAt(plucks, 0);
  let first = chosen;
  let overlapping = 0;
  for (let i = 0; i < PLUCKS; ++i) {
    const pluck = pluckAt(plucks, i);
    if (left(pluck) < left(chosen)) chosen = pluck;
    if (pluck.fade != 0 || left(pluck) == 0) continue;
    if (overlapping++ == 0 || left(pluck) < left(first)) first = pluck;
  }
  if (overlapping == OVERLAPPING) {
    first.fade = min(FADE, left(first));
    first.length = first.position + first.fade;
  }
  chosen.samples = samples;
  chosen.coupled = coupled;
  chosen.length = length;
  chosen.position = 0;
  chosen.level = level;
  chosen.fade = 0;
}

/**
 * Add what plays to a block, and move on.
 * @param block f32 x count @param second what the second loop of a parallel string is given, alike; 0 in cascade
 * Audio thread: allocates nothing.
 */
export function plucksInto(plucks: usize, block: usize, second: usize, count: i32): void {
  for (let i = 0; i < PLUCKS; ++i) {
    const pluck = pluckAt(plucks, i);
    const take = min(count, left(pluck));
    if (take <= 0) continue;
    if (pluck.samples != 0) addScaled(pluck, pluck.samples, block, take);
    if (second != 0 && pluck.coupled != 0) addScaled(pluck, pluck.coupled, second, take);
    pluck.position += take;
  }
}

function addScaled(pluck: Pluck, samples: usize, block: usize, take: i32): void {
  const from = samples + ((<usize>pluck.position) << 2);
  let level = pluck.level;
  for (let n = 0; n < take; ++n) {
    const at = (<usize>n) << 2;
    if (pluck.fade > 0) level = (pluck.level * <f32>(left(pluck) - n)) / <f32>pluck.fade;
    store<f32>(block + at, load<f32>(block + at) + level * load<f32>(from + at));
  }
}

/**
 * The largest root of energy that a lossless loop could gather from an excitation in one period: every period of it
 * may fall in with those before. samples f32 x length.
 */
export function gatheredRoot(samples: usize, length: i32, period: i32): f64 {
  let root: f64 = 0;
  for (let n = 0; n < length; n += period) {
    root += sqrt<f64>(sumOfSquares(samples + ((<usize>n) << 2), min(period, length - n)));
  }
  return root;
}

// @ts-ignore: decorator
@inline
function left(pluck: Pluck): i32 {
  return pluck.length - pluck.position;
}

// @ts-ignore: decorator
@inline
function pluckAt(plucks: usize, index: i32): Pluck {
  return changetype<Pluck>(plucks + <usize>index * offsetof<Pluck>());
}
