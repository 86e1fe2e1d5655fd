/**
 * Plays a passive string a few cents higher or lower and leaves its decay alone: the taps move by a fraction of a
 * sample as they are, so no partial's gain changes (a T60 of 30 s is a gain of 0.9973, and 3e-4 of it a tenth of that
 * time) but for what moves out at the taps' ends: some 1e-5 for half a cent, 1e-4 for half a sample. Re-tuning (assembly/passive-dense.ts) is for larger steps: it fits new taps, to a few percent of
 * each partial's decay.
 */
import { certifiedGain } from "./certificate.ts";
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

// The top third of the band, where a string has nothing to say, moves less and less and at last not at all (a raised
// cosine, half at 5/6 of half the sample rate), so that the interpolation is short. Left where it is rather than faded out:
// learned taps end where they are cut off, and what a fade smears over those ends is lost to all partials, 1e-4 a trip.
const HALF_BAND = 5 / 6;
const ROLL_OFF = 0.2;

/** Scaling by claim / bound lands on the claim; this little below it, float32 rounding of the taps stays below too. */
const HAIR = 1 - 1e-6;

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
 * The filters a few cents away: whole samples move the first tap, the rest of less than half a sample the taps.
 * @param earlier samples by which the loop gets shorter; negative = longer
 */
export function shiftedFilters(filters: LoopFilters, earlier: number): LoopFilters {
  const { near, longestDelay, rows, coupling } = filters;
  const whole = Math.round(earlier);
  const kernel = fractionalKernel(rows[0].length, earlier - whole);
  return {
    near: near - whole,
    longestDelay: longestDelay - whole,
    rows: rows.map((row) => convolved(row, kernel)),
    coupling: convolved(coupling, kernel),
  };
}

/**
 * A model that plays a few cents higher or lower, certificate kept; everything else about it stays.
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
  const { near, rows, coupling } = shiftedFilters(loopFilters(model), earlier);
  const ahead = Math.round(model.sampleRate / f0) - near;
  if (near < 1 || ahead < 0 || ahead >= model.taps) {
    throw new RangeError(`cents: the string's filters leave no room for a detuning by ${cents}`);
  }
  const loopTaps = new Float32Array(model.loopTaps.length);
  rows.forEach((row, i) => {
    loopTaps.set(certified(row, model.certificate.gain), i * model.taps);
  });
  // the same in the learned form: what the taps moved against their place ahead of the period
  const turn = earlier - Math.round(earlier) + ahead - model.ahead;
  const bins = model.taps / 2 + 1;
  const phase = model.phase.map((p, i) => p + ((2 * Math.PI * (i % bins)) / model.taps) * turn);
  return { ...model, f0, ahead, loopTaps, phase, coupling: certified(coupling, 1) };
}

/** Round to float32 (nothing stays nothing), scaled where the bound would exceed the claim. */
function certified(row: Float64Array, claim: number): Float32Array {
  const taps = Float32Array.from(row);
  const bound = taps.length === 0 ? 0 : certifiedGain(taps);
  return bound <= claim ? taps : Float32Array.from(row, (tap) => (HAIR * claim * tap) / bound);
}

/**
 * 1 + k(m + fraction) - k(m) of the raised cosine pulse k, m = -(count - 1) .. count - 1: where the pulse's spectrum is W,
 * 1 - W + W e^(j w fraction), a gain of 1 at most. Nothing but 1 for a fraction of 0.
 */
function fractionalKernel(count: number, fraction: number): Float64Array {
  return Float64Array.from({ length: 2 * count - 1 }, (_, i) => {
    const m = i - (count - 1);
    return (m === 0 ? 1 : 0) + raisedCosine(m + fraction) - raisedCosine(m);
  });
}

/** k(t), t in samples; its spectrum W is 1 up to two thirds of half the sample rate, and 0 from all of it on. */
function raisedCosine(t: number): number {
  const x = HALF_BAND * t;
  const edge = 1 - (2 * ROLL_OFF * x) ** 2;
  const sinc = Math.abs(x) < 1e-9 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
  // where the edge's factor is 0 by 0 its limit holds
  const fade = Math.abs(edge) < 1e-9 ? Math.PI / 4 : Math.cos(Math.PI * ROLL_OFF * x) / edge;
  return HALF_BAND * sinc * fade;
}

/** out[j] = sum over i of row[i] kernel[j - i]; the kernel's middle is j = i. */
function convolved(row: Float64Array, kernel: Float64Array): Float64Array {
  const count = row.length;
  const out = new Float64Array(count);
  for (let j = 0; j < count; j++) {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += row[i] * kernel[j - i + count - 1];
    out[j] = sum;
  }
  return out;
}
