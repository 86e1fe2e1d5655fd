/**
 * Stability of a passive string left alone for a minute, from whatever past, at several pitches and sample rates, the
 * energy guard off: the conditions any model must meet (`soak.ts`) and what its certificate promises
 * (`tail-energy.ts`). `pnpm evaluate --soak` runs it.
 */
import {
  type Core,
  type PassiveModel,
  parallelTailBound,
  Resonator,
  tailBound,
} from "@neural-string/core-wasm";
import { UserError } from "@neural-string/shared";
import { relativeDb } from "./comparison.ts";
import { type Past, type SoakRecording, soakPasts } from "./passive-pasts.ts";
import { type SoakVerdict, soakVerdict } from "./soak.ts";
import { type LoopSignals, ROUNDING, tailExcess } from "./tail-energy.ts";

export interface PassiveSoakOptions {
  /** Of each run, 20 or more; default 60. */
  seconds?: number;
  /** Hz; default the model's, an octave above it (where a string can be that high) and a fourth below. */
  f0s?: readonly number[];
  /** Hz; default the model's, and 44100 or 48000, whichever that is not. */
  sampleRates?: readonly number[];
  /** Of the noise; default 1. */
  seed?: number;
  /** Hears how many runs of how many are done. */
  onProgress?: (done: number, runs: number) => void;
}

/** One past at one tuning. */
export interface SoakRun extends SoakVerdict {
  /** "recording", "noise", "impulse", "DC" or "partial n". */
  start: string;
  /** Hz */
  f0: number;
  /** Hz */
  sampleRate: number;
  /** By how much the tail inequalities are exceeded, relative to the tails; below 0 = never, 2e-6 is float32's part. */
  tails: { y: number; u: number };
  /** Root of the energy that was rendered, relative to the certificate's bound (dB). */
  belowBoundDb: number;
}

/** Played at these pitches, relative to the model's. */
const PITCHES = [1, 2, 2 ** (-5 / 12)];
/** The core plays no period shorter than this (samples). */
const LEAST_PERIOD = 8;

/** What all runs came to. */
export interface PassiveSoak {
  passes: boolean;
  /** One sentence for each condition that is broken, with the start, pitch and sample rate. */
  reasons: string[];
  seconds: number;
  runs: SoakRun[];
}

/**
 * Soak a passive string.
 * @param recording the string's, from its onset on; brought to each pitch and sample rate
 * @throws UserError where the recording is too short to start the string at one of the tunings
 * @throws RangeError for a tuning the model cannot have, or less than 20 s
 */
export function soakPassive(
  core: Core,
  model: PassiveModel,
  recording: SoakRecording,
  options: PassiveSoakOptions = {},
): PassiveSoak {
  const { seconds = 60, seed = 1, onProgress = () => {} } = options;
  const { sampleRates = [model.sampleRate, model.sampleRate === 44100 ? 48000 : 44100] } = options;
  const highest = Math.min(...sampleRates) / LEAST_PERIOD;
  const { f0s = PITCHES.map((ratio) => ratio * model.f0).filter((f0) => f0 <= highest) } = options;
  if (!(seconds >= 20)) throw new RangeError(`seconds: expected 20 or more, got ${seconds}`);
  const tunings = sampleRates.flatMap((sampleRate) => f0s.map((f0) => ({ sampleRate, f0 })));
  const runs: SoakRun[] = [];
  for (const [i, tuning] of tunings.entries()) {
    // every tuning has a string of its own, whose memory is given back
    core.temporarily(() => {
      const { sampleRate, f0 } = tuning;
      const string = new Resonator(core, model, { ...tuning, lowestF0: f0 });
      const { inharmonicity = 0 } = model;
      const pasts = soakPasts(
        { sampleRate, f0, inharmonicity, samples: string.wantedHistory },
        recording,
        seed,
      );
      for (const [j, past] of pasts.entries()) {
        runs.push(soakRun(string, past, tuning, seconds));
        onProgress(i * pasts.length + j + 1, tunings.length * pasts.length);
      }
    });
  }
  const reasons = runs.flatMap(({ start, f0, sampleRate, reasons }) =>
    reasons.map((reason) => `From ${start} at ${f0.toFixed(2)} Hz, ${sampleRate} Hz: ${reason}`),
  );
  return { passes: reasons.length === 0, reasons, seconds, runs };
}

function soakRun(
  string: Resonator,
  { name, samples }: Past,
  { sampleRate, f0 }: { sampleRate: number; f0: number },
  seconds: number,
): SoakRun {
  const longestDelay = string.leastHistory;
  if (samples.length < longestDelay) {
    throw new UserError(
      `soak ${name}: expected ${longestDelay} samples or more of it at ${f0.toFixed(2)} Hz, got ${samples.length}; take a longer recording`,
    );
  }
  string.excite(samples);
  const { gain } = string.certificate;
  const { y: energyY, u: energyU } = string.energies();
  const signals = freeRun(string, samples, Math.round(seconds * sampleRate));
  const bound = signals.isParallel
    ? parallelTailBound(gain, energyOfFirst(signals), energyU)
    : tailBound(gain, energyY, energyU);
  const verdict = soakVerdict(signals.y.subarray(longestDelay), sampleRate);
  const { rendered, ...tails } = tailExcess(signals, gain);
  const belowBoundDb = relativeDb(rendered, Math.max(bound, Number.MIN_VALUE));

  const reasons = [...verdict.reasons];
  if (string.brokenSamples > 0) reasons.push(`${string.brokenSamples} samples had broken and were silenced.`);
  if (tails.u > ROUNDING) {
    reasons.push(`The second loop gains energy: ${excess(tails.u)} beyond ${gain} per longest delay.`);
  }
  if (tails.y > ROUNDING) {
    reasons.push(`The first loop gains energy: ${excess(tails.y)} beyond ${gain} per longest delay.`);
  }
  if (rendered > bound * (1 + ROUNDING)) {
    reasons.push(`The sound lies ${belowBoundDb.toFixed(1)} dB above the certificate's bound.`);
  }
  return {
    ...{ start: name, f0, sampleRate },
    ...verdict,
    ...{ tails, belowBoundDb },
    ...{ passes: reasons.length === 0, reasons },
  };
}

function excess(part: number): string {
  return part.toExponential(1);
}

/** What the first of two parallel loops held at the start. */
function energyOfFirst({ y, u, longestDelay }: LoopSignals): number {
  let energy = 0;
  for (let n = 0; n < longestDelay; n++) energy += (y[n] - u[n]) ** 2;
  return energy;
}

/** Render, and read the second loop on the way; what both lines held at the start comes first. */
function freeRun(string: Resonator, past: Float32Array, frames: number) {
  const longestDelay = string.leastHistory;
  const y = new Float32Array(longestDelay + frames);
  const u = new Float32Array(longestDelay + frames);
  y.set(past.subarray(past.length - longestDelay));
  string.secondLoop(u.subarray(0, longestDelay));
  for (let n = longestDelay; n < y.length; n += longestDelay) {
    const end = Math.min(n + longestDelay, y.length);
    string.process(y.subarray(n, end));
    string.secondLoop(u.subarray(n, end));
  }
  const isParallel = string.model.kind === "passive" && string.model.coupling.length > 0;
  return { y, u, longestDelay, isParallel } satisfies LoopSignals;
}
