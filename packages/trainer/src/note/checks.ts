/**
 * Looks at a recording the way a sound engineer would before it is learned from, and says what is wrong in sentences.
 * Errors make training pointless; warnings name what the model will inherit. prepare.ts and `inspect` call it.
 */
import { findBeyondSound } from "../audio/beyond-sound.ts";
import { findAttacks } from "./attacks.ts";
import { findClipping } from "./clipping.ts";
import { estimateNoiseFloor } from "./noise-floor.ts";
import { endOfSound, findOnset } from "./onset.ts";

/** Names of the problems, for machines. */
export type ProblemId =
  | "empty"
  | "not-finite"
  | "too-loud"
  | "silent"
  | "too-short"
  | "short"
  | "clipped"
  | "flat-tops"
  | "low-level"
  | "noisy"
  | "second-attack"
  | "offset";

/** One thing that is wrong. */
export interface Problem {
  id: ProblemId;
  severity: "error" | "warning";
  /** What, where, what was expected, what to do; one line, without the file's name. */
  sentence: string;
}

/** All that was found. */
export interface RecordingCheck {
  problems: Problem[];
  /** Level of the note: highest |sample|, and RMS of its loudest 50 ms (dB re full scale; -Infinity when silent). */
  level: { peakDb: number; rmsDb: number };
  /** RMS of the noise, linear (full scale ±1), and in dB re full scale. */
  noiseFloor: { rms: number };
  noiseFloorDb: number;
  /** The loudest 50 ms over the noise (dB; Infinity without noise). */
  signalToNoiseDb: number;
  /** First sample of the note. */
  onset: number;
}

/** What a check needs to know. */
export interface CheckOptions {
  /** First sample of the note; default: found. */
  onset?: number;
  /** Hz, when known. */
  f0?: number;
  /** Shortest note (s) that is no error; default 0.25, or 20 periods of f0 when that is longer. */
  minSeconds?: number;
}

const MIN_SECONDS = 0.25;
const MIN_PERIODS = 20;
/** Decay times of seconds need seconds. */
const GOOD_SECONDS = 2;
/** Below the last bit of 16 (-94 dB) there is nothing but noise. */
const SILENT_PEAK = 2e-5;
const LOW_PEAK = 0.01;
const GOOD_SIGNAL_TO_NOISE_DB = 40;
const FULL_SCALE = 0.98;
/** An offset above this fraction of the peak would become part of the string's decay. */
const MAX_OFFSET = 0.01;
const LEVEL_SECONDS = 0.05;

/**
 * Check a recording of one plucked string.
 * @param samples mono, from the start of the file
 * @param sampleRate Hz
 * @param options see `CheckOptions`
 * @returns levels and problems, the gravest first; errors are: empty, not-finite, too-loud, silent, too-short, clipped
 * @throws never
 */
export function checkRecording(
  samples: Float32Array,
  sampleRate: number,
  options: CheckOptions = {},
): RecordingCheck {
  const unusable = findUnusable(samples);
  if (unusable) return unusableCheck(unusable);

  const onset = options.onset ?? findOnset(samples, sampleRate);
  const note = samples.subarray(onset, Math.max(onset, endOfSound(samples)));
  const noiseFloor = estimateNoiseFloor(samples, sampleRate, options.f0);
  const rms = loudestRms(note, Math.max(1, Math.round(LEVEL_SECONDS * sampleRate)));
  const signalToNoiseDb = toDb(rms) - toDb(noiseFloor.rms);
  const problems = [
    checkLength(note.length / sampleRate, options),
    checkClipping(samples, sampleRate),
    checkAttacks(note, sampleRate, onset),
    checkLevel(samples),
    checkNoise(signalToNoiseDb, noiseFloor.rms),
    checkOffset(samples),
  ].filter((problem) => problem !== undefined);
  problems.sort((a, b) => Number(a.severity === "warning") - Number(b.severity === "warning"));
  return {
    problems,
    level: { peakDb: toDb(peak(samples)), rmsDb: toDb(rms) },
    noiseFloor,
    noiseFloorDb: toDb(noiseFloor.rms),
    signalToNoiseDb,
    onset,
  };
}

function findUnusable(samples: Float32Array): Problem | undefined {
  if (samples.length === 0) {
    return error("empty", "holds no samples; expected a plucked note; record or export it again");
  }
  const beyond = findBeyondSound(samples);
  if (beyond) return error(beyond.id, beyond.sentence);
  const loudest = peak(samples, mean(samples));
  if (loudest >= SILENT_PEAK) return undefined;
  return error(
    "silent",
    `is silent (peak ${loudest === 0 ? "0" : `${toDb(loudest).toFixed(0)} dB`}, expected -94 dB or more); choose another channel with --channel, ` +
      "or record it again",
  );
}

function checkLength(seconds: number, options: CheckOptions): Problem | undefined {
  const needed =
    options.minSeconds ?? Math.max(MIN_SECONDS, MIN_PERIODS / (options.f0 ?? Number.POSITIVE_INFINITY));
  const got = `the note lasts ${seconds.toFixed(2)} s`;
  if (seconds < needed) {
    return error("too-short", `${got}; at least ${needed.toFixed(2)} s are needed; let it ring longer`);
  }
  if (seconds >= GOOD_SECONDS) return undefined;
  return warning(
    "short",
    `${got}; with ${GOOD_SECONDS} s or more its decay could be measured; let it ring longer`,
  );
}

function checkClipping(samples: Float32Array, sampleRate: number): Problem | undefined {
  const clipping = findClipping(samples, sampleRate);
  if (!clipping) return undefined;
  const found = `${clipping.runs} flat tops at ${clipping.level.toFixed(3)}, the first at ${clipping.firstSeconds.toFixed(2)} s`;
  if (clipping.level >= FULL_SCALE) {
    return error("clipped", `is clipped (${found}); record it again with less gain`);
  }
  return warning(
    "flat-tops",
    `looks clipped before it was made quieter (${found}); the model will learn that too; record it with less gain`,
  );
}

function checkAttacks(note: Float32Array, sampleRate: number, onset: number): Problem | undefined {
  const attacks = findAttacks(note, sampleRate);
  if (attacks.length === 0) return undefined;
  const seconds = (attacks[0].seconds + onset / sampleRate).toFixed(2);
  const more = attacks.length > 1 ? `, and ${attacks.length - 1} more` : "";
  return warning(
    "second-attack",
    `a second attack at ${seconds} s (${attacks[0].riseDb.toFixed(0)} dB)${more}, probably a second pluck or a knock; ` +
      "crop it away or record one pluck that rings out",
  );
}

function checkLevel(samples: Float32Array): Problem | undefined {
  const loudest = peak(samples);
  if (loudest >= LOW_PEAK) return undefined;
  return warning(
    "low-level",
    `is very quiet (peak ${toDb(loudest).toFixed(0)} dB, expected ${toDb(LOW_PEAK)} dB or more); record it with more gain`,
  );
}

function checkNoise(signalToNoiseDb: number, rms: number): Problem | undefined {
  if (signalToNoiseDb >= GOOD_SIGNAL_TO_NOISE_DB) return undefined;
  return warning(
    "noisy",
    `the noise (${toDb(rms).toFixed(0)} dB) lies only ${signalToNoiseDb.toFixed(0)} dB below the note, expected ` +
      `${GOOD_SIGNAL_TO_NOISE_DB} dB or more; the end of the decay cannot be learned; record it in a quieter place`,
  );
}

function checkOffset(samples: Float32Array): Problem | undefined {
  const offset = mean(samples);
  if (Math.abs(offset) <= MAX_OFFSET * peak(samples, offset)) return undefined;
  return warning(
    "offset",
    `has an offset (DC) of ${offset.toFixed(4)}, expected 0; the model would learn to keep it; high-pass it at 20 Hz`,
  );
}

function unusableCheck(problem: Problem): RecordingCheck {
  const none = Number.NEGATIVE_INFINITY;
  return {
    problems: [problem],
    level: { peakDb: none, rmsDb: none },
    noiseFloor: { rms: 0 },
    noiseFloorDb: none,
    signalToNoiseDb: 0,
    onset: 0,
  };
}

function error(id: ProblemId, sentence: string): Problem {
  return { id, severity: "error", sentence };
}

function warning(id: ProblemId, sentence: string): Problem {
  return { id, severity: "warning", sentence };
}

function peak(samples: Float32Array, offset = 0): number {
  return samples.reduce((loudest, sample) => Math.max(loudest, Math.abs(sample - offset)), 0);
}

function mean(samples: Float32Array): number {
  return samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
}

function loudestRms(samples: Float32Array, block: number): number {
  let loudest = 0;
  for (let start = 0; start < samples.length; start += block) {
    const part = samples.subarray(start, start + block);
    loudest = Math.max(loudest, part.reduce((sum, sample) => sum + sample * sample, 0) / part.length);
  }
  return Math.sqrt(loudest);
}

function toDb(amplitude: number): number {
  return 20 * Math.log10(amplitude);
}
