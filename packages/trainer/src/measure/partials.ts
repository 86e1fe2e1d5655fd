/**
 * Where the partials of a string lie, and what stiffness that betrays. With `partial-envelope.ts` (how loud each is
 * over time) and `decay-time.ts` (T60) this is what `metrics.ts`, reports and model design know about partials;
 * those two are re-exported, so this file is the door of all three.
 */
import { median } from "./decay-time.ts";
import { type Signal, zoomedSpectrum } from "./stft.ts";

export { fitDecayTime } from "./decay-time.ts";
export { ENVELOPE_BANDWIDTH, ENVELOPE_HOP, partialEnvelope } from "./partial-envelope.ts";

/** One partial found in a spectrum. */
export interface PartialPeak {
  /** Number of the partial, 1 = fundamental. */
  partial: number;
  /** Hz. */
  frequency: number;
  /** Whether a peak stands inside the searched range; false where only a slope of something outside was met. */
  isPeak: boolean;
}

/** What a string's partials say about it. */
export interface Inharmonicity {
  /** Hz; what the fundamental would be without stiffness. */
  f0: number;
  /** B in fn = n f0 sqrt(1 + B n^2), dimensionless; noise may push that of a limp string slightly below 0. */
  B: number;
  /** RMS deviation of the partials that were used (cents). */
  residualCents: number;
  /** Numbers of the partials that were used. */
  partials: number[];
}

/**
 * Find the frequencies of the first partials: the highest point within 0.985 n f0 .. 1.03 n f0 + 1 Hz of a zero-padded
 * spectrum (2^18 points, more where the stretch is longer), refined by a parabola through the log magnitudes.
 * Partials whose range reaches beyond Nyquist are left out.
 * @param x [samples]; the stretch from 0.1 s (past the pluck) to 2.1 s is used, or what there is of it
 * @param sampleRate Hz
 * @param f0 Hz, good to about 1 %
 * @param count how many partials to look for
 * @param leastSize points of the spectrum, a power of two; default the judge's
 * @returns at most `count` partials, ascending
 * Source: judge.py.
 */
export function partialFrequencies(
  x: Signal,
  sampleRate: number,
  f0: number,
  count = 20,
  leastSize = 1 << 18,
): PartialPeak[] {
  const stretch = x.subarray(Math.floor(0.1 * sampleRate), Math.floor(2.1 * sampleRate));
  const size = Math.max(leastSize, 2 ** Math.ceil(Math.log2(Math.max(1, stretch.length))));
  const spectrum = zoomedSpectrum(stretch, size);
  const binHz = sampleRate / size;
  // a window's side lobes are peaks too, but a higher one always lies within the width of a main lobe
  const reach = Math.ceil((4 * size) / Math.max(1, stretch.length));
  const log = (k: number) => Math.log(spectrum[k] + 1e-12);
  const peaks: PartialPeak[] = [];
  for (let partial = 1; partial <= count; partial++) {
    const low = Math.max(1, Math.floor((partial * f0 * 0.985) / binHz));
    const high = Math.floor((partial * f0 * 1.03 + 1) / binHz);
    if (high >= size / 2) break;
    let k = low;
    for (let i = low + 1; i < high; i++) if (spectrum[i] > spectrum[k]) k = i;
    const [a, b, c] = [log(k - 1), log(k), log(k + 1)];
    const offset = (0.5 * (a - c)) / (a - 2 * b + c + 1e-12);
    // a slope at the edge of the range can send the parabola anywhere: only then stay on the bin
    const refined = (k + offset) * binHz;
    const frequency = refined > 0 && refined < sampleRate / 2 ? refined : k * binHz;
    peaks.push({ partial, frequency, isPeak: isHighest(spectrum, k, reach) });
  }
  return peaks;
}

/** Whether no bin within `reach` of bin k is higher. */
function isHighest(spectrum: Float64Array, k: number, reach: number): boolean {
  for (let i = Math.max(0, k - reach); i <= k + reach; i++) if (spectrum[i] > spectrum[k]) return false;
  return spectrum[k] > 0;
}

/**
 * Estimate f0 and inharmonicity B from measured partials by a straight line, (fn / n)^2 = f0^2 + f0^2 B n^2. Weak
 * partials give frequencies that lead far astray, so the first line is the median one over all pairs (Theil-Sen);
 * partials within 3 times the typical deviation of it are kept and their least-squares line drawn, weighted by n^2
 * (each fn is measured about equally well in Hz), again up to five times.
 * @param partials number (from 1) and frequency (Hz) of each; any order, gaps allowed, each number once
 * @returns null where fewer than three partials are given or they fit no string (f0^2 not positive)
 * Source: Smith, Physical Audio Signal Processing, "Dispersion Filter-Design".
 */
export function estimateInharmonicity(partials: readonly MeasuredPartial[]): Inharmonicity | null {
  if (partials.length < 3) return null;
  let line = medianLine(partials);
  let used: readonly MeasuredPartial[] = [];
  for (let round = 0; round < 5 && line !== null; round++) {
    const cents = partials.map((p) => centsOff(p, line as StiffString));
    // the median deviation times 1.5 is a standard deviation; 0.05 cents is what the spectrum resolves anyway
    const limit = 3 * Math.max(0.05, 1.5 * median(cents));
    const kept = partials.filter((_, i) => cents[i] <= limit);
    if (kept.length === used.length && kept.every((p, i) => p === used[i])) break;
    used = kept;
    line = leastSquaresLine(used);
  }
  if (line === null || used.length < 3) return null;
  const squares = used.reduce((sum, p) => sum + centsOff(p, line as StiffString) ** 2, 0);
  return {
    ...line,
    residualCents: Math.sqrt(squares / used.length),
    partials: used.map(({ partial }) => partial),
  };
}

type MeasuredPartial = Pick<PartialPeak, "partial" | "frequency">;
type StiffString = Pick<Inharmonicity, "f0" | "B">;

function centsOff({ partial, frequency }: MeasuredPartial, { f0, B }: StiffString): number {
  const model = partial * f0 * Math.sqrt(Math.max(1e-12, 1 + B * partial * partial));
  return Math.abs(1200 * Math.log2(frequency / model));
}

function medianLine(partials: readonly MeasuredPartial[]): StiffString | null {
  const points = partials.map(({ partial, frequency }) => ({
    u: partial ** 2,
    v: (frequency / partial) ** 2,
  }));
  const slopes = points.flatMap((p, i) => points.slice(i + 1).map((q) => (q.v - p.v) / (q.u - p.u)));
  const slope = median(slopes);
  return stiffString(slope, median(points.map(({ u, v }) => v - slope * u)));
}

function leastSquaresLine(partials: readonly MeasuredPartial[]): StiffString | null {
  const points = partials.map(({ partial, frequency }) => ({
    u: partial ** 2,
    v: (frequency / partial) ** 2,
  }));
  // the weight of a point is n^2, which is u itself
  const weight = points.reduce((sum, { u }) => sum + u, 0);
  const meanU = points.reduce((sum, { u }) => sum + u * u, 0) / weight;
  const meanV = points.reduce((sum, { u, v }) => sum + u * v, 0) / weight;
  const covariance = points.reduce((sum, { u, v }) => sum + u * (u - meanU) * (v - meanV), 0);
  const variance = points.reduce((sum, { u }) => sum + u * (u - meanU) ** 2, 0);
  const slope = covariance / variance;
  return stiffString(slope, meanV - slope * meanU);
}

/** The line v = intercept + slope u as a string, null where it is none. */
function stiffString(slope: number, intercept: number): StiffString | null {
  if (!(intercept > 0) || !Number.isFinite(slope)) return null;
  return { f0: Math.sqrt(intercept), B: slope / intercept };
}
