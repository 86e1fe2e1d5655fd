/**
 * What the numbers mean: a word and a sentence beside each metric, for `evaluate` and the report. What went wrong in
 * the loop is named by `failures.ts`, re-exported here so that a report needs one import.
 */
import type { Metrics, PartialMetrics } from "@neural-string/shared";

export { namedFailures } from "./failures.ts";

/** How a number sounds. */
export type Grade = "good" | "fair" | "poor";

/** A metric, in words. */
export interface Verdict {
  /** What was measured. */
  name: string;
  /** The number shown; null where it could not be measured (the verdict is then "fair": nothing speaks against it). */
  value: number | null;
  /** Unit of `value`. */
  unit: "dB" | "cents" | "%" | "of the start";
  verdict: Grade;
  /** One plain sentence with the figure and what it means. */
  sentence: string;
}

/** Up to `good` a number is good, up to `fair` fair, beyond poor; compared by magnitude. */
interface Scale {
  good: number;
  fair: number;
}

/**
 * Where good and fair end. The distances have no listening test behind them; their limits come from what was measured
 * on a Strat's low E: loops trained by rollouts reach "good", networks trained to predict one
 * sample end "poor", and a second recording of the same pluck scores 1.2 dB EDR, 1.4 dB LSD and 0.3 dB EDC.
 */
const SCALES = {
  edr: { good: 3, fair: 8 },
  lsd: { good: 1.6, fair: 2.5 },
  edc: { good: 3, fair: 8 },
  // two recordings of one pluck differ by 7 dB here because beats fall elsewhere: more lenient than the EDR
  partials: { good: 6, fair: 10 },
  // about 5 cents is the smallest difference of pitch one hears; 15 is plainly out of tune beside another string
  cents: { good: 5, fair: 15 },
  // a level difference of 1 dB is just heard side by side; at the end of a note, from memory, 3 dB passes
  endLevel: { good: 3, fair: 10 },
  // -60 dB of the start is the soak's limit, a hundredth clicks when the note is stopped
  dc: { good: 1e-3, fair: 1e-2 },
} satisfies Record<string, Scale>;

/**
 * T60 ratios between these are not noticed. Source: Tolonen & Jarvelainen, "Perceptual study of decay parameters in
 * plucked string synthesis".
 */
export const UNNOTICED_T60_RATIO = { low: 0.75, high: 1.4 };
/** Percent of partials with an unnoticed T60 ratio from which decay is good, and fair. */
const T60_SHARE = { good: 75, fair: 40 };

/**
 * Put metrics into words.
 * @returns one verdict per metric, the most telling first; always the same eight
 */
export function verdicts(metrics: Metrics): Verdict[] {
  const endLevel = metrics.endRmsDb - metrics.targetEndRmsDb;
  const longer = endLevel > 0 ? "louder" : "quieter";
  const { edr, lsd, edc, partials, cents, endLevel: end, dc } = SCALES;
  return [
    distance("EDR", metrics.edrDb, edr, "the energy left in each band strays from the recording's by"),
    distance("EDC", metrics.edcDb, edc, "the energy left over all bands strays by"),
    distance("LSD", metrics.lsdDb, lsd, "spectra differ, moment by moment, by"),
    distance("partials", metrics.partialDb, partials, "the partials' envelopes differ by"),
    t60Verdict(metrics.partials),
    {
      name: "pitch",
      value: metrics.cents,
      unit: "cents",
      verdict: grade(metrics.cents, cents),
      sentence: `The partials lie ${metrics.cents.toFixed(1)} cents off; about 5 are just noticeable.`,
    },
    {
      name: "end level",
      value: endLevel,
      unit: "dB",
      verdict: grade(endLevel, end),
      sentence: `After ${metrics.seconds.toFixed(1)} s it is ${Math.abs(endLevel).toFixed(1)} dB ${longer} than the recording.`,
    },
    {
      name: "DC",
      value: metrics.dcEnd,
      unit: "of the start",
      verdict: grade(Math.max(0, Math.abs(metrics.dcEnd) - cutPeriod(metrics)), dc),
      sentence: `At the end the sound's mean is ${metrics.dcEnd.toExponential(1)} of the level it started with.`,
    },
  ];
}

function distance(name: string, value: number | null, scale: Scale, what: string): Verdict {
  if (value === null) {
    return {
      name,
      value,
      unit: "dB",
      verdict: "fair",
      sentence: `${name}: nothing rises above the recording's noise, so it could not be measured.`,
    };
  }
  const verdict = grade(value, scale);
  const meaning = {
    good: "what a good loop reaches",
    fair: "audible beside the recording",
    poor: "another sound",
  }[verdict];
  return {
    name,
    value,
    unit: "dB",
    verdict,
    sentence: `${name}: ${what} ${value.toFixed(1)} dB, ${meaning}.`,
  };
}

function t60Verdict(partials: readonly PartialMetrics[]): Verdict {
  const ratios = partials.flatMap(({ t60Ratio }) => (t60Ratio === null ? [] : [t60Ratio]));
  const known = { name: "T60 per partial", unit: "%" as const };
  if (ratios.length === 0) {
    const sentence = "No partial decays clearly enough in both sounds to compare its T60.";
    return { ...known, value: null, verdict: "fair", sentence };
  }
  const { low, high } = UNNOTICED_T60_RATIO;
  const unnoticed = ratios.filter((ratio) => ratio >= low && ratio <= high).length;
  const value = (100 * unnoticed) / ratios.length;
  const long = ratios.filter((ratio) => ratio > high).length;
  const short = ratios.filter((ratio) => ratio < low).length;
  return {
    ...known,
    value,
    verdict: value >= T60_SHARE.good ? "good" : value >= T60_SHARE.fair ? "fair" : "poor",
    sentence:
      `${unnoticed} of ${ratios.length} partials decay as fast as the recording's to the ear ` +
      `(ratio ${low} to ${high}); ${long} ring noticeably longer, ${short} shorter.`,
  };
}

/**
 * What a mean over 0.5 s reads of a string that merely still rings, because its last period is cut: up to
 * amplitude / (2 pi periods). That much is no DC.
 */
function cutPeriod({ endRmsDb, partials }: Metrics): number {
  const lowest = partials[0];
  if (lowest === undefined) return 0;
  const periods = (0.5 * lowest.frequency) / lowest.partial;
  return (Math.SQRT2 * 10 ** (endRmsDb / 20)) / (2 * Math.PI * periods);
}

function grade(value: number, { good, fair }: Scale): Grade {
  const magnitude = Math.abs(value);
  return magnitude <= good ? "good" : magnitude <= fair ? "fair" : "poor";
}
