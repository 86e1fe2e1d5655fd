/**
 * A string that is plucked hard is tighter, so it sounds sharper until it has calmed down: by 5 to 8 cents at the start
 * of a guitar's low E, in proportion to its energy. A fresh mixture is laid out along that glide: one filter for the
 * string at rest, the others sharper and sharper, and a network that goes from one to the next as the level rises.
 * Left to find it from filters that are all alike, training needs thousands of steps for what this says at once.
 *
 *   cents(E) = cents * (E / level)       E: mean square of a period; `level`: that of a loud pluck
 */
import type { Random } from "../random.ts";
import { solveSymmetric } from "./linear-prediction.ts";

/** How much sharper a loud string sounds than one at rest. */
export interface Glide {
  /** Cents at `level`. */
  cents: number;
  /** Mean square of a period, above 0. */
  level: number;
}

/** Glides that are tried, in cents at the loudest level: none, and from a stiff to a slack string's. */
export const TRIED_CENTS = [0, 1.5, 3, 6, 12];

/** Of the loudest level: the energy at which the linear loops, trained on all of the note, have their pitch. */
const MEAN_SHARE = 1 / 8;
/** Between two filters the level counts in this width (of the network's input; 1 is 20 dB). */
const WIDTH = 0.22;
/** Below this part of the loudest level a string counts as at rest. */
const REST_SHARE = 1 / 32;
/** The network is fitted at so many levels, from far below to a little above the loudest. */
const FITTED = 200;
const FITTED_BELOW = 2.2;
const FITTED_ABOVE = 0.25;
/** Its first layer's slopes are uniform within this. */
const STEEPEST = 3;

/** What the network hears of a level (passive-mixture.ts in the core). */
function inputOf(level: number): number {
  return Math.log10(level + 1e-9) / 2 + 1.5;
}

/**
 * How loud the recordings of a string get: the loudest period of each once its attack is over, the median over them.
 * @param recordings from the onset on
 * @param period samples
 * @param attack samples that do not count
 * @returns mean square, above 0
 */
export function loudestLevel(recordings: readonly Float32Array[], period: number, attack: number): number {
  const levels = recordings.map((samples) => {
    let loudest = 0;
    for (let at = attack; at + period <= samples.length; at += period) {
      let sum = 0;
      for (let n = at; n < at + period; n++) sum += samples[n] * samples[n];
      loudest = Math.max(loudest, sum / period);
    }
    return loudest;
  });
  levels.sort((a, b) => a - b);
  return Math.max(1e-9, levels[Math.floor(levels.length / 2)]);
}

/** Energies that a mixture's filters stand for, relative to the loudest: 0, then in equal steps of amplitude. */
function sharesOf(filters: number): number[] {
  return Array.from({ length: filters }, (_, k) => (filters === 1 ? MEAN_SHARE : (k / (filters - 1)) ** 2));
}

/**
 * How far each filter's delay lies below that of the linear loops (samples; above 0 sounds sharper), [filters].
 * @param period samples
 */
export function glideDelays(filters: number, { cents }: Glide, period: number): number[] {
  const samplesPerCent = (period * Math.LN2) / 1200;
  return sharesOf(filters).map((share) => cents * (share - MEAN_SHARE) * samplesPerCent);
}

/** A network of the mixture's shape. */
export interface LevelNetwork {
  /** [hidden, inputs]; reads the level, the first input, only. */
  hiddenWeight: Float32Array;
  /** [hidden] */
  hiddenBias: Float32Array;
  /** [filters, hidden] */
  outputWeight: Float32Array;
  /** [filters] */
  outputBias: Float32Array;
}

/**
 * A network whose filters take over from each other as the level rises: random hidden units, and the second layer that
 * comes nearest (least squares) to a parabola around each filter's own level.
 * @param inputs of the network: level, change, controls
 */
export function levelNetwork(
  filters: number,
  hidden: number,
  inputs: number,
  { level }: Glide,
  random: Random,
): LevelNetwork {
  const centres = sharesOf(filters).map((share) => inputOf(level * Math.max(share, REST_SHARE)));
  const [lowest, highest] = [centres[0], centres[filters - 1]];
  const slopes = Array.from({ length: hidden }, () => STEEPEST * (2 * random() - 1));
  const biases = slopes.map((slope) => -slope * (lowest - 1 + random() * (highest - lowest + 1.2)));
  const levels = Array.from(
    { length: FITTED },
    (_, i) => highest - FITTED_BELOW + ((FITTED_BELOW + FITTED_ABOVE) * i) / (FITTED - 1),
  );
  const features = levels.map((x) => [...slopes.map((slope, i) => Math.tanh(slope * x + biases[i])), 1]);
  const wanted = (x: number, k: number) => {
    const inside = Math.min(highest, Math.max(lowest, x));
    return -(((inside - centres[k]) / WIDTH) ** 2) / 2;
  };
  const rows = centres.map((_, k) => {
    const normal = Array.from({ length: hidden + 1 }, (_, i) =>
      Float64Array.from({ length: hidden + 1 }, (_, j) =>
        j < i ? 0 : features.reduce((sum, row) => sum + row[i] * row[j], i === j ? RIDGE : 0),
      ),
    );
    const target = Float64Array.from({ length: hidden + 1 }, (_, i) =>
      features.reduce((sum, row, n) => sum + row[i] * wanted(levels[n], k), 0),
    );
    return solveSymmetric(normal, target);
  });
  const hiddenWeight = new Float32Array(hidden * inputs);
  for (const [i, slope] of slopes.entries()) hiddenWeight[i * inputs] = slope;
  return {
    hiddenWeight,
    hiddenBias: Float32Array.from(biases),
    outputWeight: Float32Array.from(rows.flatMap((row) => Array.from(row.subarray(0, hidden)))),
    outputBias: Float32Array.from(rows, (row) => row[hidden]),
  };
}

/** Keeps the second layer small where hidden units say the same. */
const RIDGE = 0.05;
