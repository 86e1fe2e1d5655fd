/**
 * The spectra a passive string's training begins with: from periodic linear prediction where the recordings have
 * sound, from the stiffness of the string where they have none, from their neighbours where it left a hole, and calmed;
 * and the whole turns that unwrap their phases.
 */
import type { Random } from "../random.ts";
import { calm, lastSoundingBin } from "./calm-start.ts";
import { periodicLinearPrediction } from "./linear-prediction.ts";
import { type LoopSpectrum, SpectralForm, wrapped } from "./spectral-form.ts";
import { mendHoles } from "./spectral-holes.ts";
import { nearestDelay, Retuning, type Tuning, wholePeriodOf } from "./tuning.ts";

/** The least and most damping per round trip that a start may have (nepers). */
const LEAST_DAMPING = 5e-4;
const MOST_DAMPING = 6;
/** Bins that linear prediction gives less gain than this hold no sound to take a phase from. */
const LEAST_GAIN = 0.02;
/** Taps that linear prediction may use: this part of a period, and at least so many. */
const MOST_USED = 0.75;
const LEAST_USED = 4;
/**
 * By how much more the second loop is damped at first: enough that it stays the one that dies first. At 1.3 the loops
 * sometimes changed places at single partials, which the mixture then could not reach (docs/LOG.md). And how far its phases lie off (radians, standard deviation). */
const SECOND_DAMPING = 4;
const SECOND_PHASE = 2e-3;

export interface Start {
  /** The second loop's, and the first's. */
  rows: [LoopSpectrum, LoopSpectrum];
  /** 2 pi times these whole numbers unwraps the phases, [bins]. */
  turns: Float64Array;
}

/**
 * The phase that puts partials where a stiff string has them, n f1 sqrt((1 + B n^2) / (1 + B)): unwrapped, [bins].
 * At a partial's frequency the whole loop's phase is -2 pi n, and the whole period's -w P.
 */
export function stiffPhase(tuning: Tuning, inharmonicity: number): Float64Array {
  const { taps, sampleRate, f0 } = tuning;
  const B = inharmonicity;
  const first = f0 / Math.sqrt(1 + B);
  return Float64Array.from({ length: taps / 2 + 1 }, (_, k) => {
    const w = (2 * Math.PI * k) / taps;
    const ratio = ((k * sampleRate) / taps / first) ** 2;
    // n^2 (1 + B n^2) = ratio, solved for n^2 without cancellation
    const n = Math.sqrt((2 * ratio) / (1 + Math.sqrt(1 + 4 * B * ratio)));
    return w * wholePeriodOf(tuning) - 2 * Math.PI * n;
  });
}

/**
 * Make a start.
 * @param recordings tuned to `tuning`
 * @param inharmonicity B of the string
 * @param random sets the second loop apart from the first
 * @param cap gain that no frequency exceeds by much (calm-start.ts)
 */
export function startSpectra(
  recordings: readonly Float32Array[],
  tuning: Tuning,
  inharmonicity: number,
  random: Random,
  cap: number,
): Start {
  const { taps, ahead, fade } = tuning;
  const form = new SpectralForm(taps, ahead, fade);
  const first = form.spectrumOf(predictedTaps(recordings, tuning), LEAST_DAMPING, MOST_DAMPING);
  const expected = stiffPhase(tuning, inharmonicity);
  const lowest = Math.ceil((tuning.f0 * taps) / tuning.sampleRate);
  const suggested = mendHoles(first, expected, lowest);
  for (let k = 0; k < form.bins; k++) {
    const isSilent = Math.exp(-Math.exp(first.logDamping[k])) < LEAST_GAIN;
    if (!isSilent) continue;
    suggested[k] = expected[k];
    first.phase[k] = wrapped(expected[k]);
  }
  calm(first, expected, suggested, lastSoundingBin(recordings, tuning), lowest, form, cap);
  const turns = suggested.map((x, k) => Math.round((x - first.phase[k]) / (2 * Math.PI)));
  const second = {
    logDamping: first.logDamping.map((x) => x + Math.log(SECOND_DAMPING)),
    phase: first.phase.map((x) => x + SECOND_PHASE * normal(random)),
  };
  return { rows: [second, first], turns };
}

/**
 * Linear prediction by the taps around the period. A filter about as long as the period or longer could predict a
 * periodic sound in too many ways, most of them lost in its fades: there only the middle is used.
 */
function predictedTaps(recordings: readonly Float32Array[], tuning: Tuning): Float64Array {
  const { taps, ahead, sampleRate } = tuning;
  const used = Math.min(taps, Math.max(LEAST_USED, 2 * Math.floor(MOST_USED * (wholePeriodOf(tuning) / 2))));
  const skipped = Math.round(ahead * (1 - used / taps));
  const near = nearestDelay(tuning) + skipped;
  const h = new Float64Array(taps);
  h.set(periodicLinearPrediction(recordings, sampleRate, { taps: used, near }), skipped);
  return h;
}

/** A start at one tuning, as it is at another. */
export function retunedStart({ rows, turns }: Start, from: Tuning, to: Tuning): Start {
  if (from === to) return { rows, turns };
  const retuning = new Retuning(from, to);
  const [second, first] = rows.map(({ logDamping, phase }) =>
    retuning.apply({ logDamping, phase: phase.map((x, k) => x + 2 * Math.PI * turns[k]) }),
  );
  const whole = first.phase.map((x) => Math.round(x / (2 * Math.PI)));
  const counted = ({ logDamping, phase }: LoopSpectrum) => ({
    logDamping,
    phase: phase.map((x, k) => x - 2 * Math.PI * whole[k]),
  });
  return { rows: [counted(second), counted(first)], turns: whole };
}

/** A normally distributed number (Box and Muller). */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
