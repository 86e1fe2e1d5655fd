/**
 * What both loops of a passive string hold at the end of a recorded past, so that `Resonator.load` can go on from it.
 * y is what was recorded. u is what the first loop leaves unexplained, averaged over the round trips that the past
 * holds: the second loop's own filter carries the estimate from one trip to the next, and each trip corrects it less.
 * Parallel loops are followed along the whole past instead (parallel-state.ts).
 */
import { audiblePast } from "./audible-past.ts";
import { type LoopFilters, loopFilters, shiftedFilters } from "./detune.ts";
import { addFir, residual } from "./free-run.ts";
import { trackWeights } from "./mixture-weights.ts";
import { parallelSecondLoop } from "./parallel-state.ts";
import type { PassiveModel } from "./passive-model.ts";

export interface ListenOptions {
  /**
   * Cents from the model's pitch to that of the past, as `estimatePitch` hears it. A string is sharper while it is
   * young: heard at a wrong pitch, the low partials would be taken for the second loop's. Default 0.
   */
  heardCents?: number;
  /** What the mixture's controls stood at, [controls]; default 0. */
  controls?: ArrayLike<number>;
}

/** Both lines of a string, of one length (samples, the newest last). */
export interface StringState {
  y: Float32Array;
  u: Float32Array;
  /** What the second of parallel loops is yet to hear of what drove the first, the next sample first; none in cascade. */
  coming: Float32Array;
}

// The attack is no string yet: where the past is long enough, this much of its start is not averaged (s).
const ATTACK_SECONDS = 0.022;

// A correction never weighs less than this: what is older than a few trips is a string that was tuned differently (on
// recordings 0.1, 0.3 and no averaging at all ended within 0.03 dB of each other; noise asks for little).
const LEAST_CORRECTION = 0.3;

// The string may be played some cents lower than it was heard, and then wants a few samples more (4 of a period of
// 534 are 13 cents); what is not asked for does no harm.
const SPARE = 64;

/**
 * Estimate the state at the end of a past.
 * @param past the newest sample last, F at least (F the longest delay) and from the onset on, where that is known;
 *   beyond 2 F all of it counts. What is missing to 2 F is taken to have repeated itself, period by period
 * @returns both lines, 2 F and a little more, and what is yet to come to the second
 * @throws RangeError for a past shorter than F, or heard at a pitch that leaves the filters no delay
 */
export function estimateState(
  model: PassiveModel,
  past: Float32Array,
  { heardCents = 0, controls = [] }: ListenOptions = {},
): StringState {
  const filters = listeningFilters(model, heardCents);
  const { longestDelay } = filters;
  if (past.length < longestDelay) {
    throw new RangeError(
      `past: expected ${longestDelay} samples or more (the longest delay), got ${past.length}`,
    );
  }
  const period = Math.round(model.sampleRate / model.f0);
  const y = Float64Array.from(audiblePast(past).samples);
  const wanted = 2 * longestDelay + SPARE;
  if (filters.coupling.length > 0) {
    const whole = y.length < 2 * longestDelay ? repeatedBefore(y, 2 * longestDelay, period) : y;
    const { u, coming } = parallelSecondLoop(filters, trackWeights(model, whole, controls), whole);
    return {
      y: Float32Array.from(repeatedBefore(whole, wanted, period)),
      u: Float32Array.from(repeatedBefore(u, wanted, period)),
      coming: Float32Array.from(coming),
    };
  }
  const track = trackWeights(model, y, controls);
  const attack = Math.min(
    Math.round(ATTACK_SECONDS * model.sampleRate),
    Math.max(0, y.length - 2 * longestDelay),
  );
  const known = residual(filters, track, y, longestDelay).subarray(attack);
  const u = averaged(filters, known, period);
  const heard = repeatedBefore(y, wanted, period);
  const second = repeatedBefore(u.length < period ? shareOf(heard, u) : u, wanted, period);
  return { y: Float32Array.from(heard), u: Float32Array.from(second), coming: new Float32Array(0) };
}

/**
 * A model's filters as they hear a pitch some cents from it.
 * @throws RangeError where that leaves no delay before the first tap
 */
export function listeningFilters(model: PassiveModel, cents: number): LoopFilters {
  const own = loopFilters(model);
  if (cents === 0) return own;
  const earlier = (model.sampleRate / model.f0) * (1 - 2 ** (-cents / 1200));
  if (!Number.isFinite(earlier) || own.near - Math.round(earlier) < 1) {
    const most = -1200 * Math.log2(1 - ((own.near - 1) * model.f0) / model.sampleRate);
    throw new RangeError(
      `heardCents: expected a finite number, at most ${Math.floor(most)} with these filters, got ${cents}`,
    );
  }
  return shiftedFilters(own, earlier);
}

/** u[n] = (hb * u)[n] + c (r[n] - (hb * u)[n]); c falls as one over the trips that r holds so far. */
function averaged({ near, longestDelay, rows }: LoopFilters, r: Float64Array, period: number): Float64Array {
  const u = r.slice();
  for (let at = longestDelay; at < u.length; at += near) {
    const count = Math.min(near, u.length - at);
    const carried = new Float64Array(count);
    addFir(rows[0], u, at - near, -1, carried, 0, count, 1);
    for (let i = 0; i < count; i++) {
      const trips = 1 + (at + i - longestDelay) / period;
      const correction = Math.max(LEAST_CORRECTION, 1 / (1 + trips));
      u[at + i] = carried[i] + correction * (r[at + i] - carried[i]);
    }
  }
  return u;
}

/** Where less than a period of u is known: the share of a period of y that u is in the samples where both are. */
function shareOf(y: Float64Array, u: Float64Array): Float64Array {
  const from = y.length - u.length;
  const power = u.reduce((sum, _, n) => sum + y[from + n] ** 2, 1e-30);
  const share = u.reduce((sum, v, n) => sum + v * y[from + n], 0) / power;
  const all = Float64Array.from(y, (v) => share * v);
  all.set(u, from);
  return all;
}

/** The last samples of a line; before its first, what followed a period later. */
function repeatedBefore(line: Float64Array, wanted: number, period: number): Float64Array {
  const out = new Float64Array(wanted);
  const take = Math.min(wanted, line.length);
  out.set(line.subarray(line.length - take), wanted - take);
  for (let n = wanted - take - 1; n >= 0; n--) out[n] = n + period < wanted ? out[n + period] : 0;
  return out;
}
