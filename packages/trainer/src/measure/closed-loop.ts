/**
 * A cheap distance for choosing checkpoints while training: what the loop does on its own, not how well it predicts one
 * sample. Called every few hundred steps on held-out stretches of half a second and more; it never fails on a render,
 * however broken, and never answers NaN.
 */
import { compare, LEVEL_SECONDS, lastSeconds, offset, relativeDb, rms } from "./comparison.ts";
import {
  curveDistance,
  energyDecayCurve,
  energyDecayRelief,
  integratedNoise,
  reliefDistance,
} from "./energy-decay.ts";
import { noiseFloor } from "./noise-floor.ts";
import type { Signal } from "./stft.ts";

/** How far a free-running loop strays from what the recording did. */
export interface ClosedLoopError {
  /** Energy decay relief: mean |difference| over the cells that count (dB). */
  edrDb: number;
  /** Energy decay curve: mean |difference| (dB). */
  edcDb: number;
  /** Level of the render's last 0.2 s relative to that of the target's (dB); above 0 it rings on. */
  endLevelDb: number;
  /** Offset (mean under a Hann window) of the last 0.5 s, render minus target, relative to the target's first 0.2 s. */
  dcEnd: number;
  /** The number to minimise (dB), 0 .. 200. */
  score: number;
}

/** Score of a render that cannot be worse. */
export const WORST_SCORE = 200;
/** An offset of a thousandth of the note's level is where the soak calls it DC; it costs 3 dB, ten times that 10 dB. */
const DC_UNIT = 1e-3;
/** The target's own beating may hold the level up by this much without meaning that the loop rings on (dB). */
const FREE_RISE_DB = 3;

/**
 * Compare a free-running render with its target over the shorter of the two.
 * `score` = EDR error + 10 log10(1 + |dcEnd| / 1e-3) + the dB beyond 3 by which the render decays less than the target
 * from its first quarter to its last: the EDR alone forgives an offset below 60 Hz and, on a short stretch, a loop that
 * has only begun to grow.
 * @param render [samples]; non-finite samples give a score of 200, with finite numbers beside it
 * @param target [samples] from the same instant; where it runs on for 4 s more its noise is left out of the EDR
 * @param sampleRate Hz
 * @param f0 Hz, used for the noise only
 * @throws UserError where less than 0.25 s (or 2048 samples) remain to compare, or the target is silent or not finite
 */
export function closedLoopError(
  render: Signal,
  target: Signal,
  sampleRate: number,
  f0: number,
): ClosedLoopError {
  const samples = Math.min(render.length, target.length);
  const { x, y, startRms } = compare(render, target, sampleRate, samples);
  const noise = noiseFloor(target, sampleRate, f0, samples / sampleRate);
  const relief = energyDecayRelief(x, sampleRate);
  const reliefNoise = integratedNoise(noise(2048), sampleRate, relief.frames);
  const edrDb = Math.min(
    WORST_SCORE,
    reliefDistance(energyDecayRelief(y, sampleRate), relief, reliefNoise) ?? WORST_SCORE,
  );
  const edcDb = curveDistance(energyDecayCurve(y), energyDecayCurve(x));
  const end = (z: Float64Array) => relativeDb(rms(lastSeconds(z, LEVEL_SECONDS, sampleRate)), startRms);
  const endOffset = (z: Float64Array) => offset(lastSeconds(z, 0.5, sampleRate)) / startRms;
  const dcEnd = endOffset(y) - endOffset(x);

  const excess = fallDb(x, startRms) - fallDb(y, startRms) - FREE_RISE_DB;
  const penalty = 10 * Math.log10(1 + Math.abs(dcEnd) / DC_UNIT) + Math.max(0, excess);
  const isSound = render.subarray(0, samples).every((v: number) => Number.isFinite(v));
  const score = isSound ? Math.min(WORST_SCORE, edrDb + penalty) : WORST_SCORE;
  return { edrDb, edcDb, endLevelDb: end(y) - end(x), dcEnd, score };
}

/** By how many dB the level falls from the first quarter to the last; negative where it grows. */
function fallDb(z: Float64Array, reference: number): number {
  const quarter = z.length >> 2;
  return (
    relativeDb(rms(z.subarray(0, quarter)), reference) - relativeDb(rms(z.subarray(-quarter)), reference)
  );
}
