/**
 * Plays a passive string a few cents higher or lower and leaves its decay alone: the taps move by a fraction of a
 * sample as they are (fractional-shift.ts), so no partial's T60 changes by more than some percent, and by far less on most
 * strings. Re-tuning (assembly/passive-dense.ts) is for larger steps: it fits new taps, to a few percent of each partial's
 * decay.
 */
import { certifiedGain } from "./certificate.ts";
import { fractionalShift, type Shift } from "./fractional-shift.ts";
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
 * How much of the top third a moved filter keeps: all, or less where it would exceed the claim there by more than a
 * scaling may cost every partial, as filters do whose gain does not fall towards the top.
 */
const KEPT = [1, 0.5, 0];
const LITTLE = 3e-5;

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
  const whole = Math.round(earlier);
  const { near: nearBefore, rows, coupling } = loopFilters(model);
  const near = nearBefore - whole;
  const ahead = Math.round(model.sampleRate / f0) - near;
  if (near < 1 || ahead < 0 || ahead >= model.taps) {
    throw new RangeError(`cents: the string's filters leave no room for a detuning by ${cents}`);
  }
  const shifts = KEPT.map((kept) => fractionalShift(model.taps, earlier - whole, kept));
  const loopTaps = new Float32Array(model.loopTaps.length);
  rows.forEach((row, i) => {
    loopTaps.set(certified(row, shifts, model.certificate.gain), i * model.taps);
  });
  // the same in the learned form: what the taps moved against their place ahead of the period
  const turn = earlier - whole + ahead - model.ahead;
  const bins = model.taps / 2 + 1;
  const phase = model.phase.map((p, i) => p + ((2 * Math.PI * (i % bins)) / model.taps) * turn);
  const coupled = coupling.length === 0 ? model.coupling : certified(coupling, shifts, 1);
  return { ...model, f0, ahead, loopTaps, phase, coupling: coupled };
}

/** Move a filter, keep what can be kept of it, and round to float32; scaled where its bound would exceed the claim. */
function certified(row: Float64Array, shifts: readonly Shift[], claim: number): Float32Array {
  let [best, least]: [Float64Array, number] = [row, Number.POSITIVE_INFINITY];
  for (const shift of shifts) {
    const moved = shift(row);
    const bound = certifiedGain(Float32Array.from(moved));
    if (bound < least) [best, least] = [moved, bound];
    if (bound <= claim * (1 + LITTLE)) break;
  }
  const factor = least <= claim ? 1 : (HAIR * claim) / least;
  return Float32Array.from(best, (tap) => factor * tap);
}
