/**
 * Strings whose truth is known: Karplus-Strong plucks and stiff strings, to train on, to test analyses with, and to
 * compare a learned string against. The same seed gives the same bits on every build; but for a Karplus-Strong loop,
 * whose gain comes from the host's Math and whose cubic is rounded once in the relaxed build.
 */
import type { Core } from "./core.ts";
import { isKnown } from "./known-numbers.ts";

// Samples: below 0.1 Hz at any usual rate; more would only fill the memory.
const LONGEST_PERIOD = 1 << 20;

export interface KarplusStrongOptions {
  /** Hz */
  sampleRate: number;
  /** Hz; the period must be at least 8 samples. */
  f0: number;
  seconds: number;
  /** Time the fundamental takes to fall 60 dB (s). */
  t60: number;
  /** Share of the older sample in the loop's two-point average: 0 (all partials alike) .. 0.5 (the classic). */
  damping?: number;
  /** Where it is plucked, as a fraction of the string's length, 0 (not combed) .. 0.5. */
  pluckPosition?: number;
  /** Peak of the noise burst, linear. */
  level?: number;
  seed?: number;
}

/**
 * Loop gain that gives the fundamental the wished T60, or more than 1 where the average alone already takes more.
 */
export function karplusStrongGain({
  sampleRate,
  f0,
  t60,
  damping = 0.5,
}: Omit<KarplusStrongOptions, "seconds">): number {
  const w = (2 * Math.PI * f0) / sampleRate;
  const average = Math.sqrt((1 - damping) ** 2 + damping ** 2 + 2 * damping * (1 - damping) * Math.cos(w));
  return 10 ** (-3 / (t60 * f0)) / average;
}

/**
 * Generate a Karplus-Strong pluck.
 * @returns f32 x round(seconds * sampleRate)
 * @throws RangeError where the options cannot be met
 */
export function generateKarplusStrong(core: Core, options: KarplusStrongOptions): Float32Array {
  const { sampleRate, f0, seconds, damping = 0.5, pluckPosition = 0, level = 0.5, seed = 1 } = options;
  const period = sampleRate / f0;
  if (!(period >= 8 && period <= LONGEST_PERIOD)) {
    throw new RangeError(`f0: expected a period of 8 to ${LONGEST_PERIOD} samples, got ${f0} Hz`);
  }
  if (!(damping >= 0 && damping <= 0.5)) throw new RangeError(`damping: expected 0 to 0.5, got ${damping}`);
  if (!(pluckPosition >= 0 && pluckPosition <= 0.5)) {
    throw new RangeError(`pluckPosition: expected 0 to 0.5, got ${pluckPosition}`);
  }
  if (!isKnown(level)) throw new RangeError(`level: expected a number within 1e15, got ${level}`);
  if (!(options.t60 > 0)) throw new RangeError(`t60: expected positive seconds, got ${options.t60}`);
  const gain = karplusStrongGain(options);
  if (!(gain > 0 && gain <= 1)) {
    throw new RangeError(
      `t60: the two-point average alone (damping ${damping}) makes the fundamental decay faster than ${options.t60} s; use less damping or a shorter t60`,
    );
  }
  return render(core, seconds * sampleRate, (out, frames) => {
    core.exports.karplusStrong(out, frames, period, gain, damping, pluckPosition, level, seed);
  });
}

export interface StiffStringOptions {
  /** Hz */
  sampleRate: number;
  /** Hz, of the string without stiffness: partial m lies at m f0 sqrt(1 + B m^2). */
  f0: number;
  seconds: number;
  /** B, dimensionless, >= 0. */
  inharmonicity?: number;
  /** Seconds for each partial to fall 60 dB; as many partials sound as are given, below 0.49 sampleRate. */
  t60: ArrayLike<number>;
  /** Fraction of the string's length, above 0, to 0.5. */
  pluckPosition?: number;
  /** Pitch of the second polarisation minus the first's (cents). */
  detuneCents?: number;
  /** Share of the second polarisation in the amplitude, 0 .. 1. */
  secondMix?: number;
  /** T60 of the second polarisation over the first's. */
  secondT60Ratio?: number;
  /** Peak, linear. */
  level?: number;
  seed?: number;
}

/**
 * Generate a stiff string with two polarisations.
 * @returns f32 x round(seconds * sampleRate)
 * @throws RangeError where an option is out of its range
 */
export function generateStiffString(core: Core, options: StiffStringOptions): Float32Array {
  const {
    sampleRate,
    f0,
    seconds,
    inharmonicity = 0,
    pluckPosition = 0.2,
    detuneCents = 0,
    secondMix = 0,
  } = options;
  const { secondT60Ratio = 1, level = 0.5, seed = 1 } = options;
  const t60 = Float64Array.from(options.t60);
  if (!(f0 > 0 && f0 < sampleRate / 2))
    throw new RangeError(`f0: expected 0 to ${sampleRate / 2} Hz, got ${f0}`);
  if (t60.length === 0 || t60.some((t) => !(t > 0))) throw new RangeError("t60: expected positive seconds");
  if (!(inharmonicity >= 0)) throw new RangeError(`inharmonicity: expected 0 or more, got ${inharmonicity}`);
  if (!Number.isFinite(detuneCents))
    throw new RangeError(`detuneCents: expected a finite number, got ${detuneCents}`);
  if (!isKnown(level)) throw new RangeError(`level: expected a number within 1e15, got ${level}`);
  if (!(pluckPosition > 0 && pluckPosition <= 0.5)) {
    throw new RangeError(`pluckPosition: expected above 0, to 0.5, got ${pluckPosition}`);
  }
  if (!(secondMix >= 0 && secondMix <= 1))
    throw new RangeError(`secondMix: expected 0 to 1, got ${secondMix}`);
  if (!(secondT60Ratio > 0)) throw new RangeError(`secondT60Ratio: expected above 0, got ${secondT60Ratio}`);
  return render(core, seconds * sampleRate, (out, frames) => {
    const table = core.put(t60);
    const { exports } = core;
    exports.stiffString(
      out,
      frames,
      sampleRate,
      f0,
      inharmonicity,
      table,
      t60.length,
      pluckPosition,
      detuneCents,
      secondMix,
      secondT60Ratio,
      level,
      seed,
    );
  });
}

function render(core: Core, length: number, fill: (out: number, frames: number) => void): Float32Array {
  const frames = Math.round(length);
  if (!(frames >= 1 && frames < 1 << 28))
    throw new RangeError(`seconds: expected 1 to ${1 << 28} samples, got ${length}`);
  return core.temporarily(() => {
    const out = core.allocate(4 * frames);
    fill(out, frames);
    return core.f32(out, frames).slice();
  });
}
