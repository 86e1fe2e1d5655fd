/**
 * Plays a passive string a few cents higher or lower and leaves its decay alone: the taps move by a fraction of a
 * sample as they are (fractional-shift.ts), so no partial's T60 changes by more than some percent, and by far less on most
 * strings. Re-tuning (assembly/passive-dense.ts) is for larger steps: it fits new taps, to a few percent of each partial's
 * decay.
 */
import { certifiedGain } from "./certificate.ts";
import { fractionalShift } from "./fractional-shift.ts";
import type { PassiveModel } from "./passive-model.ts";

/** A string's filters in float64; row 0 is the second loop's, rows 1 .. K the first loop's. */
export interface LoopFilters {
  /** Delay of the first tap (samples). */
  near: number;
  /** F, the longest delay. */
  longestDelay: number;
  /** [taps] each. */
  rows: Float64Array[];
  /** [taps], a parallel string's coupling filter, as late as the rows; empty for a cascade. */
  coupling: Float64Array;
}

/** Beyond this a string's dispersion and damping per round trip should change too. */
export const MOST_DETUNE_CENTS = 100;

/** Scaling by claim / bound lands on the claim; this little below it, float32 rounding of the taps stays below too. */
const HAIR = 1 - 1e-6;

/**
 * What a claim may cost every partial: a hundredth of a T60 of half a minute. What it asks beyond, as it does of filters
 * whose gain does not fall towards the top of the band, is taken from the top third; and looks at how much, at most.
 */
const LITTLE = 3e-5;
const MOST_LOOKS = 12;

/** A passive string's filters as the model plays them. */
export function loopFilters(model: PassiveModel): LoopFilters {
  const { taps, filters, loopTaps } = model;
  const near = Math.round(model.sampleRate / model.f0) - model.ahead;
  const rows = Array.from({ length: 1 + filters }, (_, row) =>
    Float64Array.from(loopTaps.subarray(row * taps, (row + 1) * taps)),
  );
  return { near, longestDelay: near + taps - 1, rows, coupling: Float64Array.from(model.coupling) };
}

/**
 * The filters a few cents away: whole samples move the first tap, the rest of less than half a sample the taps. For
 * listening: nothing is rounded, and nothing given up for a claim.
 * @param earlier samples by which the loop gets shorter; negative = longer
 */
export function shiftedFilters(filters: LoopFilters, earlier: number): LoopFilters {
  const { near, longestDelay, rows, coupling } = filters;
  const whole = Math.round(earlier);
  const shift = fractionalShift(rows[0].length, earlier - whole);
  return {
    near: near - whole,
    longestDelay: longestDelay - whole,
    rows: rows.map(shift),
    coupling: coupling.length === 0 ? coupling : shift(coupling),
  };
}

/**
 * A model that plays a few cents higher or lower, certificate kept; everything else about it stays. Filters whose loudest
 * taps lie within some eight of an end, as no learned ones do, lose gain.
 * @param cents up to 100 either way
 * @throws RangeError for more, or where no delay is left before the first tap or none of the taps lies ahead
 */
export function detunedModel(model: PassiveModel, cents: number): PassiveModel {
  if (!(Math.abs(cents) <= MOST_DETUNE_CENTS)) {
    throw new RangeError(`cents: expected -${MOST_DETUNE_CENTS} to ${MOST_DETUNE_CENTS}, got ${cents}`);
  }
  if (cents === 0) return model;
  const f0 = model.f0 * 2 ** (cents / 1200);
  const earlier = model.sampleRate / model.f0 - model.sampleRate / f0;
  const own = loopFilters(model);
  const { near, rows, coupling } = shiftedFilters(own, earlier);
  const ahead = Math.round(model.sampleRate / f0) - near;
  if (near < 1 || ahead < 0 || ahead >= model.taps) {
    throw new RangeError(`cents: the string's filters leave no room for a detuning by ${cents}`);
  }
  const fraction = earlier - Math.round(earlier);
  const faded = (row: Float64Array) => () => fractionalShift(row.length, fraction, 0)(row);
  const loopTaps = new Float32Array(model.loopTaps.length);
  rows.forEach((row, i) => {
    loopTaps.set(certified(row, faded(own.rows[i]), model.certificate.gain), i * model.taps);
  });
  // the same in the learned form: what the taps moved against their place ahead of the period
  const turn = fraction + ahead - model.ahead;
  const bins = model.taps / 2 + 1;
  const phase = model.phase.map((p, i) => p + ((2 * Math.PI * (i % bins)) / model.taps) * turn);
  return { ...model, f0, ahead, loopTaps, phase, coupling: certified(coupling, faded(own.coupling), 1) };
}

/**
 * Round to float32 (nothing stays nothing), scaled where the bound would exceed the claim.
 * @param row moved @param faded makes the same without the top third
 */
function certified(row: Float64Array, faded: () => Float64Array, claim: number): Float32Array {
  if (row.length === 0) return new Float32Array();
  const most = claim * (1 + LITTLE);
  const whole = bounded(row);
  const { taps, bound } = whole.bound <= most ? whole : withLessTop(whole, bounded(faded()), claim, most);
  return Float32Array.from(taps, (tap) => (bound <= claim ? tap : (HAIR * claim * tap) / bound));
}

/** A filter, and what its gain as it is played does not exceed. */
interface Bounded {
  taps: Float64Array;
  bound: number;
}

function bounded(taps: Float64Array): Bounded {
  return { taps, bound: certifiedGain(Float32Array.from(taps)) };
}

/**
 * Between a filter and itself without its top, what keeps the most of it at a bound from claim to most; where none does,
 * what is bounded better. The bound is a convex function of the part kept, so below the straight line between two parts.
 */
function withLessTop(whole: Bounded, without: Bounded, claim: number, most: number): Bounded {
  let found = without;
  for (let looks = 0; looks < MOST_LOOKS && found.bound < claim; looks++) {
    const part = (most - found.bound) / (whole.bound - found.bound);
    found = bounded(found.taps.map((tap, i) => tap + part * (whole.taps[i] - tap)));
  }
  return found.bound < whole.bound ? found : whole;
}
