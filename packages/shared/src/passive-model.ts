/**
 * What a model file says about a passive string: two loops whose filters have a gain below 1 at every frequency, in
 * cascade or as parallel planes, and a network that mixes the filters of the first. Its tensors are `passiveLayout`'s in `weight-layout.ts`.
 */
import { z } from "zod";
import { COMMON_FIELDS } from "./common-header.ts";

/** Inputs of the mixture network before the controls: the string's level and its recent change. */
export const MIXTURE_METERS = 2;

/** Longest excitation a model may store (s). */
export const MOST_EXCITATION_SECONDS = 10;

/** How many times the model's pitch a pluck may have been recorded at; more would stretch it beyond all strings. */
export const MOST_PLUCK_PITCH = 64;

/** The network that mixes the first loop's filters. */
export const MixtureSchema = z.strictObject({
  /** Its tanh units. */
  hidden: z.int().min(1).max(1024),
  /** How often it is computed, counted from the note's start (samples). */
  hop: z.int().min(16).max(65536),
});

/** What is proved of the filters' taps, and what follows for the sound. */
export const CertificateSchema = z.strictObject({
  /** No filter's gain exceeds it at any frequency. */
  gain: z.number().gt(0).lt(1),
  /** Free-running, |y| <= fromY sqrt(Ey) + fromU sqrt(Eu); E = energy over the longest delay before. */
  growth: z.strictObject({ fromY: z.number(), fromU: z.number() }),
});

// loose, as headers are: a licence beside a pluck is not ours to refuse
export const ExcitationSchema = z.looseObject({
  name: z.string(),
  /** Of the recording it comes from (Hz). */
  f0: z.number().min(1),
  /** RMS of the note's first periods (dBFS). */
  level: z.number().min(-1000).max(1000),
  /** Length. */
  samples: z.int().min(1),
  /** What the network's controls stood at; all 0 where this is missing. */
  controls: z.array(z.number().min(-1e6).max(1e6)).max(64).optional(),
});

/** How far a string's own recordings sounded from its pitch, each heard over some lengths from the onset on. */
export const PitchCalibrationSchema = z.strictObject({
  /** Samples, ascending. */
  samples: z
    .array(
      z
        .int()
        .min(1)
        .max(1 << 24),
    )
    .min(1)
    .max(16),
  /** Mean over the recordings, one for each length. */
  cents: z.array(z.number().min(-100).max(100)).min(1).max(16),
  /** Standard deviation between recordings (cents). */
  spreadCents: z.number().min(0).max(100),
});

export const PassiveHeaderSchema = z.looseObject({
  ...COMMON_FIELDS,
  kind: z.literal("passive"),
  /** N: taps of every loop filter; even. */
  taps: z.int().min(32).max(8192).multipleOf(2, "expected an even number"),
  /** C: taps ahead of the period; see `aheadRange`. */
  ahead: z.int().min(0),
  /** K: filters of the first loop. */
  filters: z.int().min(1).max(16),
  /** Whether the loops are parallel planes, the second reached through a coupling filter; else it drives the first. */
  parallel: z.boolean().optional(),
  /** null exactly where there is one filter and nothing to mix. */
  mixture: MixtureSchema.nullable(),
  /** Numbers the player may set, inputs of the mixture's network; 0 without one. */
  controls: z.int().min(0).max(64),
  /** Whether the first control is the pitch: octaves above f0, set by whoever tunes the string. */
  pitchControl: z.boolean().optional(),
  /** B of the string, where it is known. */
  inharmonicity: z.number().min(0).max(1).optional(),
  certificate: CertificateSchema,
  /** How its recordings were heard while young: what `--tune auto` takes off. */
  tuning: PitchCalibrationSchema.optional(),
  excitations: z.array(ExcitationSchema).max(64),
});

export type Mixture = z.output<typeof MixtureSchema>;
export type Certificate = z.output<typeof CertificateSchema>;
export type PassiveHeader = z.output<typeof PassiveHeaderSchema>;

/** A passive string's period in whole samples. */
export function wholePeriod({ sampleRate, f0 }: Pick<PassiveHeader, "sampleRate" | "f0">): number {
  return Math.round(sampleRate / f0);
}

/**
 * How many taps may lie ahead of the period. The period's own delay is one of the taps, and no tap is nearer than one
 * sample: that is what can be played, and so what a file may say. What is trained stays one further inside at either
 * end, since the filters fade there, and since the last touch of the pitch may move them by a sample.
 * @param period in whole samples
 */
export function aheadRange(
  { taps, period }: { taps: number; period: number },
  use: "file" | "training",
): { least: number; most: number } {
  const inside = use === "file" ? 0 : 1;
  return { least: inside, most: Math.min(taps, period) - 1 - inside };
}

/** The longest delay of a passive string (samples): how much past it needs. */
export function longestPassiveDelay(header: PassiveHeader): number {
  return wholePeriod(header) - header.ahead + header.taps - 1;
}

/**
 * What the schema alone cannot see. (Delays beyond all strings cannot occur: the longest period is a million samples.)
 * @returns "field: expected, got", or null where all is well
 */
export function passiveContradiction(header: PassiveHeader): string | null {
  const { sampleRate, taps, ahead, filters, mixture, controls, certificate, excitations } = header;
  const period = wholePeriod(header);
  const { most } = aheadRange({ taps, period }, "file");
  if (ahead > most) return `ahead: expected at most ${most} (taps ${taps}, period ${period}), got ${ahead}`;
  if ((mixture === null) !== (filters === 1)) {
    const expected = filters === 1 ? "null with one filter" : `a network for ${filters} filters`;
    return `mixture: expected ${expected}, got ${mixture === null ? "null" : "a network"}`;
  }
  if (mixture === null && controls > 0) return `controls: expected 0 without a mixture, got ${controls}`;
  if (header.pitchControl && controls === 0) return "controls: expected 1 or more with pitchControl, got 0";
  const { tuning } = header;
  if (tuning !== undefined && tuning.cents.length !== tuning.samples.length) {
    return `tuning.cents: expected ${tuning.samples.length} numbers, got ${tuning.cents.length}`;
  }
  const growth = growthOf(certificate.gain);
  for (const name of ["fromY", "fromU"] as const) {
    const got = certificate.growth[name];
    const most = 1e-6 * growth[name];
    if (!(got >= growth[name] - most && got <= growth[name] + most)) {
      return `certificate.growth.${name}: expected ${growth[name]} at gain ${certificate.gain}, got ${got}`;
    }
  }
  for (const [i, { f0, samples, controls: set }] of excitations.entries()) {
    const at = `excitations.${i}`;
    const highest = Math.min(sampleRate / 2, MOST_PLUCK_PITCH * header.f0);
    if (f0 > highest) return `${at}.f0: expected at most ${highest}, got ${f0}`;
    const longest = Math.floor(MOST_EXCITATION_SECONDS * sampleRate);
    if (samples > longest) {
      return `${at}.samples: expected at most ${longest} (${MOST_EXCITATION_SECONDS} s), got ${samples}`;
    }
    if (set !== undefined && set.length !== controls) {
      return `${at}.controls: expected ${controls} numbers, got ${set.length}`;
    }
  }
  return null;
}

/** The bound on the sound that a gain proves; derived where core-wasm exports it as `growthBound`. */
function growthOf(gain: number): Certificate["growth"] {
  const fromY = gain / Math.sqrt(1 - gain * gain);
  return { fromY, fromU: fromY * Math.max(2, 1 / (1 - gain)) };
}
