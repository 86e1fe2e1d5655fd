/**
 * Tells flat-topped clipping from a waveform that merely reaches its peak.
 * A clipped note has partials the string never made. checks.ts calls it.
 */

/** Flat tops found in a recording. */
export interface Clipping {
  /** Number of flat tops, both polarities. */
  runs: number;
  /** Samples in them. */
  samples: number;
  /** |value| of the flat tops. */
  level: number;
  /** Seconds from the first sample to the first flat top. */
  firstSeconds: number;
  /** First samples of the flat tops, ascending; at most `MOST_STARTS` of each polarity. */
  starts: number[];
}

/** Flat tops whose places are kept: more than any picture shows apart. */
const MOST_STARTS = 1000;

/** Equal samples in a row that make a top flat. */
const MIN_RUN = 3;
/**
 * The samples beside a flat top lie at least this much lower, as a fraction of the peak: a clipped wave arrives with a
 * slope, while the rounded top of a slow wave (25 Hz at 96 kHz, 16 bits) repeats a value too but falls off by 3e-5.
 */
const MIN_STEP = 3e-4;
/** ... and by this many of the file's own steps, so that a quiet 8- or 16-bit recording is not called clipped. */
const MIN_QUANTA = 4;

/**
 * Find flat tops at the recording's highest and lowest value.
 * @param samples mono, finite
 * @param sampleRate Hz
 * @returns what was found, or undefined when there is no flat top at either extreme
 * @throws never
 */
export function findClipping(samples: Float32Array, sampleRate: number): Clipping | undefined {
  let highest = 0;
  let lowest = 0;
  let quantum = Number.POSITIVE_INFINITY;
  for (let i = 0; i < samples.length; i++) {
    highest = Math.max(highest, samples[i]);
    lowest = Math.min(lowest, samples[i]);
    const step = i > 0 ? Math.abs(samples[i] - samples[i - 1]) : 0;
    if (step > 0) quantum = Math.min(quantum, step);
  }
  const found = [highest, lowest]
    .filter((level) => level !== 0)
    .map((level) => flatTops(samples, level, quantum));
  const first = Math.min(...found.map(({ starts }) => starts[0] ?? Number.POSITIVE_INFINITY));
  const runs = found.reduce((sum, tops) => sum + tops.runs, 0);
  if (runs === 0) return undefined;
  const worst = found.reduce((a, b) => (b.runs > a.runs ? b : a));
  return {
    runs,
    samples: found.reduce((sum, tops) => sum + tops.samples, 0),
    level: Math.abs(worst.level),
    firstSeconds: first / sampleRate,
    starts: found.flatMap(({ starts }) => starts).sort((a, b) => a - b),
  };
}

function flatTops(samples: Float32Array, level: number, quantum: number) {
  const tops = { level, runs: 0, samples: 0, starts: [] as number[] };
  const step = Math.max(MIN_STEP * Math.abs(level), MIN_QUANTA * quantum);
  for (let i = 0; i < samples.length; i++) {
    if (samples[i] !== level) continue;
    let end = i;
    while (end < samples.length && samples[end] === level) end++;
    const before = Math.abs(level - (samples[i - 1] ?? level));
    const after = Math.abs(level - (samples[end] ?? level));
    if (end - i >= MIN_RUN && Math.max(before, after) >= step) {
      tops.runs++;
      tops.samples += end - i;
      if (tops.starts.length < MOST_STARTS) tops.starts.push(i);
    }
    i = end;
  }
  return tops;
}
