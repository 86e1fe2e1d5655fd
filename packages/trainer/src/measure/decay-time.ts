/**
 * T60 of one partial: a straight line through its envelope in dB, drawn so that beats and clicks do not tilt it.
 * Called by `metrics.ts` for every partial of target and render. Where no honest line exists it says null.
 */

/** A straight line through an envelope in dB. */
export interface DecayFit {
  /** Time to fall 60 dB (s); null where the rule of `fitDecayTime` finds it meaningless. */
  t60Seconds: number | null;
  /** How long the partial could be followed (s): past the edge, above its floor, within 40 dB of its peak. */
  followedSeconds: number;
  /** Last frame that took part. */
  lastFrame: number;
}

/** What the fit may look at. */
export interface DecayFitOptions {
  /** Envelope frames per second. */
  frameRate: number;
  /** [frames] linear: noise and leakage; values at or below their floor do not count. */
  floor: Float64Array;
  /** Do not look beyond this frame; default the last. A render is fitted over the stretch its target allowed. */
  lastFrame?: number;
}

/** The envelope's filter (12 Hz) needs a cycle at both ends of a signal to forget how it was started (s). */
const EDGE_SECONDS = 0.08;
/** A decay seen for less than this is mostly attack, or less than one beat (s). */
const SHORTEST_SECONDS = 0.2;
/** Below this under its peak a partial is left to the room and the neighbours (dB). */
const RANGE_DB = 40;
/** Smaller falls than this drown in what a partial's level wanders anyway (dB). */
const SMALLEST_FALL_DB = 1;
/** Most points that enter the fit: their pairs grow with the square. */
const MOST_POINTS = 100;

/**
 * Fit a partial's T60: the median slope over all pairs of points (Theil-Sen) of the envelope in dB, from its loudest
 * frame within the first quarter to the last frame above the floor and within 40 dB of that peak. The answer is null where
 * - fewer than 0.2 s lie above the floor (noise, or over at once),
 * - the line falls by less than 1 dB, or rises (nothing decays),
 * - the median distance from the line exceeds an eighth of its fall: beating of that depth can tilt the slope by about
 *   3/8, which is the just noticeable ratio (0.75 to 1.4), so a ratio of two such slopes says nothing.
 * @param envelope [frames] linear, >= 0
 * Source of the noticeable ratio: Tolonen & Jarvelainen, "Perceptual study of decay parameters in plucked string
 * synthesis".
 */
export function fitDecayTime(envelope: Float64Array, options: DecayFitOptions): DecayFit {
  const { frameRate, floor, lastFrame = envelope.length - 1 } = options;
  const edge = Math.ceil(EDGE_SECONDS * frameRate);
  const end = Math.min(lastFrame, envelope.length - 1 - edge);
  let firstFrame = edge;
  for (let i = edge; i < envelope.length / 4; i++) if (envelope[i] > envelope[firstFrame]) firstFrame = i;

  const lowest = envelope[firstFrame] * 10 ** (-RANGE_DB / 20);
  const frames: number[] = [];
  for (let i = firstFrame; i <= end; i++) if (envelope[i] > Math.max(floor[i], lowest)) frames.push(i);
  const followed = { followedSeconds: frames.length / frameRate, lastFrame: frames.at(-1) ?? firstFrame };
  if (followed.followedSeconds < SHORTEST_SECONDS) return { t60Seconds: null, ...followed };
  const stride = Math.ceil(frames.length / MOST_POINTS);
  const points = frames.filter((_, i) => i % stride === 0);
  const seconds = points.map((i) => i / frameRate);
  const level = points.map((i) => 20 * Math.log10(envelope[i]));

  const slopes: number[] = [];
  for (let i = 0; i < points.length; i++) {
    for (let j = i + 1; j < points.length; j++)
      slopes.push((level[j] - level[i]) / (seconds[j] - seconds[i]));
  }
  const slope = median(slopes);
  const residuals = level.map((l, i) => l - slope * seconds[i]);
  const centre = median(residuals);
  const spread = median(residuals.map((r) => Math.abs(r - centre)));
  const fall = -slope * ((seconds.at(-1) ?? 0) - seconds[0]);
  const isMeaningful = fall >= SMALLEST_FALL_DB && spread <= fall / 8;
  return { t60Seconds: isMeaningful ? -60 / slope : null, ...followed };
}

/**
 * Find the middle value; of an even number, the mean of the middle two.
 * @param values any order, at least one; not changed
 */
export function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
