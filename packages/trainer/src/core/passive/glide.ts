/**
 * A string that is plucked hard is tighter, so it sounds sharper until it has calmed down: by 5 to 8 cents at the start
 * of a guitar's low E, in proportion to its energy. A fresh mixture is laid out along that glide: one filter for the
 * string at rest, the others sharper and sharper, and a network that goes from one to the next as the level rises.
 * Left to find it from filters that are all alike, training needs thousands of steps for what this says at once.
 *
 *   cents(E) = cents * (E / level)       E: mean square of a period; `level`: that of a loud pluck
 */
import { median } from "../../measure/decay-time.ts";
import type { Random } from "../random.ts";
import { solveSymmetric } from "./linear-prediction.ts";
import { wrapped } from "./spectral-form.ts";

/** How much sharper a loud string sounds than one at rest. */
export interface Glide {
  /** Cents at `level`. */
  cents: number;
  /** Mean square of a period, above 0. */
  level: number;
}

/** Partials whose glide is measured, over stretches of so many seconds, from the first to the last of these (s). */
const PARTIALS = 10;
const STRETCH = 0.2;
const FIRST = 0.03;
const LAST = 3;
/** A slope is told by partials that lie below this part of the sample rate. */
const HIGHEST = 0.4;
/** Less than this is beating, or nothing (cents); more than this is no glide of a string's. */
const LEAST_CENTS = 1;
const MOST_CENTS = 30;

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
export function inputOf(level: number): number {
  return Math.log10(level + 1e-9) / 2 + 1.5;
}

/** A recording to measure. */
export interface Gliding {
  /** From the onset on. */
  samples: Float32Array;
  sampleRate: number;
  /** Hz */
  f0: number;
}

/**
 * Measure how a string glides: in every recording, partial by partial, the pitch of stretches against their mean square
 * (a weighted regression); the median over partials, then over recordings. Planes that beat disturb single partials.
 * @param inharmonicity B of the string; 0 where unknown
 * @returns the glide; 0 cents where there is none to speak of, or nothing loud enough to tell
 */
export function measureGlide(recordings: readonly Gliding[], inharmonicity: number): Glide {
  const measured = recordings.flatMap((recording) => glideOf(recording, inharmonicity) ?? []);
  if (measured.length === 0) return { cents: 0, level: 1 };
  const perLevel = median(measured.map(({ cents, level }) => cents / level));
  const level = median(measured.map((glide) => glide.level));
  const cents = perLevel * level;
  return { cents: cents < LEAST_CENTS ? 0 : Math.min(MOST_CENTS, cents), level };
}

/** The glide of one recording; null where it is too short. */
function glideOf({ samples, sampleRate, f0 }: Gliding, B: number): Glide | null {
  const half = Math.round((STRETCH * sampleRate) / 2);
  const starts: number[] = [];
  const latest = Math.min(samples.length - 2 * half, LAST * sampleRate);
  for (let at = Math.round(FIRST * sampleRate); at <= latest; at += half) starts.push(at);
  if (starts.length < 5) return null;
  const levels = starts.map((at) => {
    let sum = 0;
    for (let n = at; n < at + 2 * half; n++) sum += samples[n] * samples[n];
    return sum / (2 * half);
  });
  const level = Math.max(...levels);
  if (!(level > 1e-9)) return null;
  const slopes: number[] = [];
  for (let k = 1; k <= PARTIALS; k++) {
    const hz = k * f0 * Math.sqrt((1 + B * k * k) / (1 + B));
    if (hz > HIGHEST * sampleRate) break;
    const turn = (2 * Math.PI * hz) / sampleRate;
    const heard = starts.map((at) => {
      const [a, b] = [phasor(samples, at, half, turn), phasor(samples, at + half, half, turn)];
      // how far the partial has turned from half to half beyond what it should have
      const angle = Math.atan2(b.im * a.re - b.re * a.im, b.re * a.re + b.im * a.im);
      const radians = wrapped(angle - turn * half);
      const cents = (1200 / Math.LN2) * Math.log1p(radians / (turn * half));
      return { cents, weight: Math.sqrt(Math.hypot(a.re, a.im) * Math.hypot(b.re, b.im)) };
    });
    slopes.push(slope(levels, heard) * level);
  }
  return { cents: median(slopes), level };
}

/** A partial's amplitude and phase over a stretch, through a Hann window; phase at the stretch's start. */
function phasor(samples: Float32Array, at: number, length: number, turn: number): { re: number; im: number } {
  let re = 0;
  let im = 0;
  for (let n = 0; n < length; n++) {
    const x = samples[at + n] * (0.5 - 0.5 * Math.cos((2 * Math.PI * n) / length));
    re += x * Math.cos(turn * n);
    im -= x * Math.sin(turn * n);
  }
  return { re, im };
}

/** Slope of the weighted regression of cents on level. */
function slope(levels: readonly number[], heard: readonly { cents: number; weight: number }[]): number {
  const total = heard.reduce((sum, { weight }) => sum + weight, 1e-30);
  const meanLevel = heard.reduce((sum, { weight }, i) => sum + weight * levels[i], 0) / total;
  const meanCents = heard.reduce((sum, { weight, cents }) => sum + weight * cents, 0) / total;
  let shared = 0;
  let spread = 1e-30;
  for (const [i, { weight, cents }] of heard.entries()) {
    shared += weight * (levels[i] - meanLevel) * (cents - meanCents);
    spread += weight * (levels[i] - meanLevel) ** 2;
  }
  return shared / spread;
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
