/**
 * Finds a second attack within a decay: a second pluck, a knock, a click.
 * A decay that is struck twice teaches a model to ring up by itself. checks.ts calls it.
 */
import { powerSpectrum } from "./spectrum.ts";

/** A jump of the level across bands. */
export interface Attack {
  /** Seconds from the first sample, to about 10 ms. */
  seconds: number;
  /** Median rise of the bands that rose (dB). */
  riseDb: number;
}

const HOP_SECONDS = 0.01;
const FRAME_SECONDS = 0.02;
/** Third-octave-like bands from here (Hz) up. */
const LOWEST_BAND = 250;
const BANDS = 14;
/** What follows is compared with the loudest of this time before (s): longer than the quick part of any beating. */
const BEFORE_SECONDS = 0.25;
/** A band has risen when it gains this much (dB) within two frames; beating never does against its own last 0.25 s. */
const RISE_DB = 9;
/** ... and reaches within this of its loudest moment (dB): a codec's and a tail's little changes do not count. */
const RELEVANT_DB = 35;
/** ... in at least this many bands: a pluck is broad, a beating partial is not. */
const MIN_BANDS = 5;

/**
 * Find attacks after the first one.
 * Bands are compared with their own past, so that a level that swells by beating, or one partial that does, is none.
 * @param samples mono, from the onset to the last sample that sounds (a cut to silence is as broad as an attack)
 * @param sampleRate Hz
 * @returns the attacks in order of time, those within 0.1 s of an earlier one left out
 * @throws never
 */
export function findAttacks(samples: Float32Array, sampleRate: number): Attack[] {
  const levels = bandLevels(samples, sampleRate);
  const loudest = levels.reduce(
    (all, frame) => frame.map((db, band) => Math.max(db, all[band])),
    levels[0] ?? [],
  );
  const before = Math.round(BEFORE_SECONDS / HOP_SECONDS);
  const attacks: Attack[] = [];
  for (let t = before; t + 2 < levels.length; t++) {
    const seconds = t * HOP_SECONDS + FRAME_SECONDS; // the middle of frame t + 1
    const previous = attacks[attacks.length - 1];
    if (previous && seconds - previous.seconds < 0.1) continue;
    const rises = bandRises(levels, t, before, loudest).sort((a, b) => a - b);
    if (rises.length >= MIN_BANDS) attacks.push({ seconds, riseDb: rises[Math.floor(rises.length / 2)] });
  }
  return attacks;
}

/** Rises (dB) of the bands that rise at frame t against the frames before it. */
function bandRises(levels: number[][], t: number, before: number, loudest: number[]): number[] {
  const rises: number[] = [];
  for (let band = 0; band < loudest.length; band++) {
    // the frame t itself may hold the beginning of the attack, so what came before ends at t - 1
    let past = Number.NEGATIVE_INFINITY;
    for (let i = t - before; i < t; i++) past = Math.max(past, levels[i][band]);
    const now = Math.max(levels[t][band], levels[t + 1][band]);
    if (now - past >= RISE_DB && now >= loudest[band] - RELEVANT_DB) rises.push(now - past);
  }
  return rises;
}

/** Level per frame and band (dB), [frames][bands]; bands end at 0.45 of the sample rate. */
function bandLevels(samples: Float32Array, sampleRate: number): number[][] {
  const length = Math.round(FRAME_SECONDS * sampleRate);
  const hop = Math.round(HOP_SECONDS * sampleRate);
  const size = 2 ** Math.ceil(Math.log2(length));
  const highest = Math.min(8000, 0.45 * sampleRate);
  const edges = Array.from({ length: BANDS + 1 }, (_, i) =>
    Math.round((LOWEST_BAND * (highest / LOWEST_BAND) ** (i / BANDS) * size) / sampleRate),
  );
  const levels: number[][] = [];
  for (let at = 0; at + length <= samples.length; at += hop) {
    const power = powerSpectrum(samples, at, length, size);
    levels.push(
      edges.slice(1).map((edge, band) => {
        let sum = Number.MIN_VALUE;
        for (let k = edges[band]; k < Math.max(edge, edges[band] + 1); k++) sum += power[k];
        return 10 * Math.log10(sum);
      }),
    );
  }
  return levels;
}
