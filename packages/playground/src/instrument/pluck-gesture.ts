/**
 * From a pointer's way over the strings to plucks. A string that is touched is pulled along and slips off when it is let
 * go, or pulled too far; after that, and where the pointer comes from outside, every string it crosses is plucked. Free of
 * the DOM: places come in as numbers, plucks go out through a function.
 */

/** Where the strings lie, in the pointer's units (CSS pixels). */
export interface StringLayout {
  /** Of each string, the lowest note's last or first, in any order. */
  ys: readonly number[];
  /** Where the bridge is, and the nut. */
  bridge: number;
  nut: number;
}

export interface Pluck {
  string: number;
  /** Share of the string from the bridge, 0 .. 1. */
  position: number;
  /** 0 .. 1 */
  velocity: number;
}

/** A string that is being pulled. */
export interface Pull {
  string: number;
  position: number;
  /** Pixels from where the string lies. */
  by: number;
}

/** A tap without a pull, and the least and most that a pull of the string's spacing or a quick strum comes to. */
const TAP = 0.55;
const SOFTEST = 0.18;
/** Pixels per millisecond at which a strum is as loud as it gets, by the strings' spacing of 50 pixels. */
const QUICK = 2.2;
/** Share of the spacing that a string can be grabbed from, and pulled to. */
const GRAB = 0.42;
const SLIPS = 0.75;

export class PluckGesture {
  readonly #pluck: (pluck: Pluck) => void;
  #pull: Pull | undefined;
  #last: { x: number; y: number; time: number } | undefined;

  constructor(pluck: (pluck: Pluck) => void) {
    this.#pluck = pluck;
  }

  /** What is being pulled, to be drawn. */
  get pull(): Readonly<Pull> | undefined {
    return this.#pull;
  }

  /** @param time milliseconds */
  down(layout: StringLayout, x: number, y: number, time: number): void {
    this.#last = { x, y, time };
    const spacing = spacingOf(layout);
    const string = nearest(layout, y);
    const isNear = Math.abs(y - layout.ys[string]) <= GRAB * spacing;
    this.#pull = isNear ? { string, position: share(layout, x), by: 0 } : undefined;
  }

  move(layout: StringLayout, x: number, y: number, time: number): void {
    const last = this.#last;
    if (last === undefined) return;
    const spacing = spacingOf(layout);
    const pull = this.#pull;
    if (pull !== undefined) {
      pull.by = y - layout.ys[pull.string];
      pull.position = share(layout, x);
      if (Math.abs(pull.by) > SLIPS * spacing) {
        this.#pull = undefined;
        const velocity = Math.max(strength(1), speed(last, { x, y, time }, spacing));
        this.#pluck({ string: pull.string, position: pull.position, velocity });
        // a quick hand may be past the next one already
        this.#cross(layout, { ...last, y: layout.ys[pull.string] }, { x, y, time }, spacing);
      } else {
        // a slow pull has its own reference: what crosses later counts from here
        this.#last = { x, y, time };
        return;
      }
    } else this.#cross(layout, last, { x, y, time }, spacing);
    this.#last = { x, y, time };
  }

  /** The pointer leaves: what it pulled slips off. */
  up(layout: StringLayout): void {
    const pull = this.#pull;
    this.#pull = undefined;
    this.#last = undefined;
    if (pull === undefined) return;
    const distance = Math.abs(pull.by) / (SLIPS * spacingOf(layout));
    const velocity = distance < 0.08 ? TAP : strength(distance);
    this.#pluck({ string: pull.string, position: pull.position, velocity });
  }

  /** The gesture ends without a sound: the system took the pointer. */
  cancel(): void {
    this.#pull = undefined;
    this.#last = undefined;
  }

  /** Strings between two places, in the order in which they are crossed. */
  #cross(layout: StringLayout, from: Moment, to: Moment, spacing: number): void {
    const velocity = speed(from, to, spacing);
    const crossed = layout.ys
      .map((y, string) => ({ y, string, t: (y - from.y) / (to.y - from.y || 1) }))
      .filter(({ y }) => (from.y < y && y <= to.y) || (to.y <= y && y < from.y))
      .sort((a, b) => a.t - b.t);
    for (const { string, t } of crossed) {
      this.#pluck({ string, position: share(layout, from.x + t * (to.x - from.x)), velocity });
    }
  }
}

interface Moment {
  x: number;
  y: number;
  time: number;
}

function strength(distance: number): number {
  return Math.min(1, SOFTEST + (1 - SOFTEST) * distance);
}

/** How loud a pointer's speed is. */
function speed(from: Moment, to: Moment, spacing: number): number {
  const pixels = Math.hypot(to.x - from.x, to.y - from.y);
  const perMs = pixels / Math.max(1, to.time - from.time);
  return strength(Math.min(1, (perMs * 50) / (QUICK * Math.max(1, spacing))));
}

function spacingOf({ ys }: StringLayout): number {
  return Math.abs(ys[ys.length - 1] - ys[0]) / Math.max(1, ys.length - 1);
}

function nearest({ ys }: StringLayout, y: number): number {
  let best = 0;
  for (let i = 1; i < ys.length; i++) if (Math.abs(ys[i] - y) < Math.abs(ys[best] - y)) best = i;
  return best;
}

function share({ bridge, nut }: StringLayout, x: number): number {
  return Math.min(1, Math.max(0, (x - bridge) / (nut - bridge)));
}

/**
 * The share of the string that decides how a pluck sounds: the two halves sound alike, and at the very end there is
 * nothing to pluck.
 */
export function pluckShare(position: number): number {
  return Math.min(0.5, Math.max(0.02, Math.min(position, 1 - position)));
}
