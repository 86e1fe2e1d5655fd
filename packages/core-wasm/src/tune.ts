/**
 * Finds the pitch at which to play a passive string so that it goes on as a recorded past did: recordings of one
 * string differ by some cents. The pitch heard is the one at which the string's own free run over the past, from the
 * best state it can have had, comes nearest to the recording. How sharp a young string sounds is not how it goes on:
 * what the model's own recordings sounded like at that age (the calibration) is subtracted, and what is left counts
 * only where recordings of one tuning hardly differ by as much.
 */
import { MOST_DETUNE_CENTS } from "./detune.ts";
import { FreeRun, residual } from "./free-run.ts";
import { trackWeights, type WeightTrack } from "./mixture-weights.ts";
import type { PassiveModel } from "./passive-model.ts";
import { type ListenOptions, listeningFilters } from "./state-estimate.ts";
import { bestFreeRun, emphasised, sumOfSquares } from "./state-fit.ts";

/** How the model's own recordings were heard by `estimatePitch`, each cut to some lengths. */
export interface PitchCalibration {
  /** [lengths] of pasts, from the onset (samples), ascending. */
  samples: ArrayLike<number>;
  /** [lengths], mean of `heardCents` over the recordings. */
  cents: ArrayLike<number>;
  /** Standard deviation of `heardCents` between recordings (cents), 0 or more. */
  spreadCents: number;
}

export interface PitchOptions extends Pick<ListenOptions, "controls"> {
  /** Default: the model's own; without one its recordings sounded at its f0, give or take a cent. */
  calibration?: PitchCalibration;
}

export interface PitchEstimate {
  /** At which to play (Hz); the model's own where the past says nothing. */
  f0: number;
  /** From the model's f0 to that. */
  cents: number;
  /** From the model's f0 to the pitch of the past, before calibration and doubt. */
  heardCents: number;
  /** Standard error of heardCents as a prediction of how the string goes on; Infinity where the past is too short. */
  uncertaintyCents: number;
}

/** As `PitchCalibration.spreadCents`: what three recordings of a guitar string showed. */
const USUAL_SPREAD = 0.9;

// How recordings of one string are tuned: most alike, to a fraction of a cent; some apart, by several.
const ALIKE = { share: 0.7, cents: 0.3 };
const APART = { share: 0.3, cents: 8 };

// Cents either way that are looked at: half a semitone; farther off nothing says which partial is which.
const REACH = 50;
const COARSE_STEP = 5;

// First a few round trips, which no detuning within the coarse step turns by half a period; then many, for precision:
// with more, the past says more of how the string has sounded and less of how it sounds.
const SEARCHES = [
  { trips: 4, step: 4 },
  { trips: 12, step: 1.5 },
];
const MOST_MOVES = 5;

// A recording of the string leaves a hundredth of itself unexplained, a tenth where the pluck lasts; noise leaves a half.
const MOST_LEFT = 0.3;

// The attack is no string yet: where the past is long enough, this much of its start does not count (s).
const ATTACK_SECONDS = 0.022;

// What a fit leaves is the model's own error, which repeats from trip to trip: about as many independent numbers as
// there are strong partials.
const INDEPENDENT = 10;

/**
 * Estimate the pitch at which to play. Takes about a second: not for the audio thread.
 * @param past from the onset on, the newest sample last; the longest delay and half a period at least to say anything
 */
export function estimatePitch(
  model: PassiveModel,
  past: Float32Array,
  { calibration = model.tuning, controls = [] }: PitchOptions = {},
): PitchEstimate {
  const y = Float64Array.from(past, (x) => (Number.isFinite(x) ? x : 0));
  const listening = new Listening(model, y, trackWeights(model, y, controls));
  const heard = listening.hasEnough ? listening.search() : null;
  if (heard === null) {
    return { f0: model.f0, cents: 0, heardCents: 0, uncertaintyCents: Number.POSITIVE_INFINITY };
  }
  const { cents: heardCents, error } = heard;
  const uncertaintyCents = Math.hypot(error, calibration?.spreadCents ?? USUAL_SPREAD);
  const expected = calibration === undefined ? 0 : expectedCents(calibration, past.length);
  const cents = believed(heardCents - expected, uncertaintyCents);
  return { f0: model.f0 * 2 ** (cents / 1200), cents, heardCents, uncertaintyCents };
}

/** How sharp the model's recordings sounded at this age; linear in the logarithm of the length, held at the ends. */
function expectedCents({ samples, cents }: PitchCalibration, length: number): number {
  const last = samples.length - 1;
  if (last < 0) return 0;
  if (length <= samples[0]) return cents[0];
  for (let i = 1; i <= last; i++) {
    if (length > samples[i]) continue;
    const t = Math.log(length / samples[i - 1]) / Math.log(samples[i] / samples[i - 1]);
    return cents[i - 1] + t * (cents[i] - cents[i - 1]);
  }
  return cents[last];
}

/**
 * The true offset, given one that was measured. A recording is tuned as the model's are, or apart: what is more likely is
 * taken. (The mean over both moved strings that were in tune by a quarter of a cent, always the wrong way.)
 */
function believed(offset: number, error: number): number {
  if (!(error < Number.POSITIVE_INFINITY)) return 0;
  const density = (deviation: number) => Math.exp(-0.5 * (offset / deviation) ** 2) / deviation;
  const deviation = Math.hypot(error, APART.cents);
  const alike = ALIKE.share * density(Math.hypot(error, ALIKE.cents));
  const apart = APART.share * density(deviation);
  return apart > alike ? offset * (APART.cents / deviation) ** 2 : 0;
}

/** A past that is listened to at several pitches. */
class Listening {
  readonly hasEnough: boolean;
  readonly #model: PassiveModel;
  readonly #y: Float64Array;
  readonly #track: WeightTrack;
  readonly #period: number;
  /** First sample that a free run may start at, at every pitch within reach. */
  readonly #earliest: number;

  constructor(model: PassiveModel, y: Float64Array, track: WeightTrack) {
    this.#model = model;
    this.#y = y;
    this.#track = track;
    this.#period = model.sampleRate / model.f0;
    const longest = listeningFilters(model, -REACH).longestDelay + 1;
    const room = y.length - longest;
    const attack = Math.min(ATTACK_SECONDS * model.sampleRate, Math.max(0, room - this.#period));
    this.#earliest = longest + Math.round(attack);
    this.hasEnough = y.length - this.#earliest >= this.#period / 2 && y.some((x) => x !== 0);
  }

  /** @returns the pitch heard, and its standard error (cents); null where this string is not heard, or not within reach */
  search(): { cents: number; error: number } | null {
    let cents = this.#coarse();
    let error = Number.POSITIVE_INFINITY;
    let left = 0;
    for (const { trips, step } of SEARCHES) {
      const whole = sumOfSquares(emphasised(this.#y.subarray(this.#start(trips))));
      for (let moves = 0; moves < MOST_MOVES; moves++) {
        const [a, b, c] = [-step, 0, step].map((by) => this.#misfit(cents + by, trips));
        const bend = a - 2 * b + c;
        left = b / whole;
        const least = bend > 0 ? (0.5 * step * (a - c)) / bend : c < a ? 2 * step : -2 * step;
        error = bend > 0 ? step * Math.sqrt((2 * b) / (INDEPENDENT * bend)) : Number.POSITIVE_INFINITY;
        const move = Math.max(-2 * step, Math.min(2 * step, least));
        cents = Math.max(-REACH, Math.min(REACH, cents + move));
        if (Math.abs(move) < step) break;
      }
    }
    return left > MOST_LEFT || Math.abs(cents) === REACH ? null : { cents, error };
  }

  /** Where one round trip of the first loop explains most. */
  #coarse(): number {
    let best = { cents: 0, energy: Number.POSITIVE_INFINITY };
    const from = this.#start(SEARCHES[SEARCHES.length - 1].trips);
    for (let cents = -REACH; cents <= REACH; cents += COARSE_STEP) {
      const filters = listeningFilters(this.#model, cents);
      const energy = sumOfSquares(emphasised(residual(filters, this.#track, this.#y, from)));
      if (energy < best.energy) best = { cents, energy };
    }
    return best.cents;
  }

  #start(trips: number): number {
    return Math.max(this.#earliest, Math.round(this.#y.length - trips * this.#period));
  }

  /** What the best free run at a pitch leaves of the past's last trips. */
  #misfit(cents: number, trips: number): number {
    const bounded = Math.max(-MOST_DETUNE_CENTS, Math.min(MOST_DETUNE_CENTS, cents));
    const filters = listeningFilters(this.#model, bounded);
    const from = this.#start(trips);
    const run = new FreeRun(filters, this.#track, from, this.#y.length);
    return bestFreeRun(run, this.#y.subarray(from - run.state));
  }
}
