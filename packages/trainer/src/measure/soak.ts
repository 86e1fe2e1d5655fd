/**
 * Stability of a loop left alone for a minute: does it stay finite, decay, and end without an offset? Called by
 * `evaluate` and by the model's own tests on renders started from a recording, noise, an impulse, DC and single
 * partials. These are the conditions any model must meet; a passive model's stricter ones live with its certificate.
 */
import { UserError } from "@neural-string/shared";
import { finite, lastSeconds, mean, relativeDb, rms } from "./comparison.ts";
import type { Signal } from "./stft.ts";

/** What a minute of free running came to. */
export interface SoakVerdict {
  /** No NaN, no infinity. */
  finite: boolean;
  /** Samples other than 0 below float32's smallest normal number: each costs a player up to a hundred times the work. */
  subnormals: number;
  /** Loudest stretch of one second, relative to the first second (dB). */
  loudestSecondDb: number;
  /** Level of the last ten seconds, relative to the first second (dB), -180 at least. */
  lastTenSecondsDb: number;
  /** Mean of the last ten seconds, relative to the first second's RMS. */
  dcEnd: number;
  passes: boolean;
  /** One sentence for each condition that is broken; empty when all hold. */
  reasons: string[];
}

/** No second may exceed the first by more: two polarisations in step again add 6 dB, nothing passive adds more. */
const MOST_RISE_DB = 6;
/** The last ten seconds must lie this far below the first: T60 up to 8 minutes passes, a limit cycle does not. */
const LEAST_FALL_DB = 6;
/** An offset of -60 dB: a string has none. */
const MOST_DC = 1e-3;
/** Smallest normal float32; magnitudes below are subnormal. */
const SMALLEST_NORMAL = 2 ** -126;
/** Stretches of one second are tried every tenth of it. */
const STEPS_PER_SECOND = 10;

/**
 * Judge a long free-running render.
 * @param render [samples], the energy guard off; 60 s is meant, 20 s is the least
 * @param sampleRate Hz
 * @throws UserError where the render is shorter than 20 s
 */
export function soakVerdict(render: Signal, sampleRate: number): SoakVerdict {
  if (!(render.length >= 20 * sampleRate)) {
    throw new UserError(
      `soak render: expected at least 20 s (${20 * sampleRate} samples), got ${render.length}; render 60 s`,
    );
  }
  const { nonFinite, subnormals } = countOddities(render);
  const y = finite(render);
  const firstRms = rms(y.subarray(0, sampleRate));
  const reference = Math.max(firstRms, Number.MIN_VALUE);
  const end = lastSeconds(y, 10, sampleRate);
  const loudestSecondDb = firstRms === 0 ? 0 : relativeDb(loudestSecond(y, sampleRate), reference);
  const lastTenSecondsDb = firstRms === 0 ? -180 : relativeDb(rms(end), reference);
  const dcEnd = firstRms === 0 ? 0 : mean(end) / reference;

  const reasons: string[] = [];
  if (nonFinite > 0) reasons.push(`${nonFinite} samples are not finite.`);
  if (subnormals > 0) reasons.push(`${subnormals} samples are subnormal: quiet tails will stall a player.`);
  if (firstRms === 0) reasons.push("The first second is silent: there is nothing to judge.");
  if (loudestSecondDb > MOST_RISE_DB) {
    reasons.push(
      `One second is ${loudestSecondDb.toFixed(1)} dB above the first; at most ${MOST_RISE_DB} is allowed.`,
    );
  }
  if (lastTenSecondsDb > -LEAST_FALL_DB) {
    reasons.push(
      `The last ten seconds lie at ${lastTenSecondsDb.toFixed(1)} dB relative to the first second; ` +
        `-${LEAST_FALL_DB} or less is required.`,
    );
  }
  if (Math.abs(dcEnd) >= MOST_DC) {
    reasons.push(
      `The mean at the end is ${dcEnd.toExponential(1)} of the first second's RMS; below 1e-3 is required.`,
    );
  }
  return {
    finite: nonFinite === 0,
    subnormals,
    loudestSecondDb,
    lastTenSecondsDb,
    dcEnd,
    passes: reasons.length === 0,
    reasons,
  };
}

function countOddities(render: Signal): { nonFinite: number; subnormals: number } {
  let nonFinite = 0;
  let subnormals = 0;
  for (let i = 0; i < render.length; i++) {
    const magnitude = Math.abs(render[i]);
    if (!Number.isFinite(magnitude)) nonFinite++;
    else if (magnitude > 0 && magnitude < SMALLEST_NORMAL) subnormals++;
  }
  return { nonFinite, subnormals };
}

/** RMS of the loudest stretch of one second, to a tenth of a second. */
function loudestSecond(y: Float64Array, sampleRate: number): number {
  const step = Math.floor(sampleRate / STEPS_PER_SECOND);
  const tenths = Float64Array.from({ length: Math.floor(y.length / step) }, (_, i) =>
    rms(y.subarray(i * step, (i + 1) * step)),
  );
  let loudest = 0;
  for (let i = 0; i + STEPS_PER_SECOND <= tenths.length; i++) {
    loudest = Math.max(loudest, rms(tenths.subarray(i, i + STEPS_PER_SECOND)));
  }
  return loudest;
}
