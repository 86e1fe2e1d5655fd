/**
 * A passive string as it is played: filters in the form they were learned in (so that they can be re-tuned) and as
 * taps, the network that mixes them, and the excitations it can be plucked with. Its two loops are a cascade or parallel
 * planes (assembly/passive-string.ts). Read and checked by hand, as `model-file.ts` reads the classic kind.
 */

import { certifiedGain, growthBound, MOST_COUPLING_GAIN, verifyCertificate } from "./certificate.ts";
import { integer, list, number, record } from "./fields.ts";
import { fail, readTensor, refuseOtherTensors, show } from "./safetensors.ts";

/** A recorded pluck: what the second loop is given at its input, in parallel loops the first. */
export interface Excitation {
  name: string;
  /** Of the recording it comes from (Hz). */
  f0: number;
  /** RMS of the note's first periods (dBFS). */
  level: number;
  /** [samples] */
  samples: Float32Array;
  /** [controls], what the network's controls stood at. */
  controls: number[];
}

/** A passive string, ready to be played. N taps, K filters of the first loop; row 0 is the second loop's filter. */
export interface PassiveModel {
  kind: "passive";
  name?: string;
  /** Hz */
  sampleRate: number;
  /** Hz */
  f0: number;
  /** N, even. */
  taps: number;
  /** C: taps ahead of the period, 0 .. N - 1. */
  ahead: number;
  /** K */
  filters: number;
  /** The network that mixes the first loop's filters, its hop in samples; null exactly where there is one filter. */
  mixture: { hidden: number; hop: number } | null;
  /** The network's inputs beyond level and change. */
  controls: number;
  /** Whether the first control is the pitch (octaves above f0), which tuning the string sets. */
  pitchControl?: boolean;
  /** B of the string, where it is known. */
  inharmonicity?: number;
  /** What no filter's gain exceeds (verified when the file was read), and the bound on the sound that follows. */
  certificate: { gain: number; growth: { fromY: number; fromU: number } };
  /** [1 + K, N / 2 + 1], ln of the damping per round trip (nepers). */
  logDamping: Float32Array;
  /** [1 + K, N / 2 + 1], radians, unwrapped. */
  phase: Float32Array;
  /** [1 + K, N] */
  loopTaps: Float32Array;
  /**
   * [N], what of a pluck the second loop hears, its first tap as late as the loops'; of gain 1 or less (verified when the
   * file was read). Empty exactly where the loops are not parallel planes but a cascade.
   */
  coupling: Float32Array;
  /** [hidden, 2 + controls]; this and the next three are empty without a mixture. */
  hiddenWeight: Float32Array;
  /** [hidden] */
  hiddenBias: Float32Array;
  /** [K, hidden] */
  outputWeight: Float32Array;
  /** [K] */
  outputBias: Float32Array;
  /** How its recordings were heard while young; what `estimatePitch` takes off. */
  tuning?: { samples: number[]; cents: number[]; spreadCents: number };
  excitations: Excitation[];
}

/** The mixture's network as the core takes it, one tensor after the other; empty for a linear string. */
export function networkParameters(model: PassiveModel): Float32Array {
  const { hiddenWeight, hiddenBias, outputWeight, outputBias } = model;
  const parameters = [hiddenWeight, hiddenBias, outputWeight, outputBias];
  return Float32Array.from(parameters.flatMap((p) => Array.from(p)));
}

const MOST_EXCITATION_SECONDS = 10;
/**
 * A pluck is stretched as far as the string is tuned below the pitch it was recorded at: six octaves are more than any
 * string spans, and keep a small file from asking for a large memory.
 */
export const MOST_PLUCK_PITCH = 64;
/** Inputs of the mixture's network before the controls: level and change. */
const METERS = 2;

type Common = Pick<PassiveModel, "name" | "sampleRate" | "f0">;
/** What the description says, before any tensor is read; excitations by their length. */
type Meta = Pick<
  PassiveModel,
  | "taps"
  | "ahead"
  | "filters"
  | "mixture"
  | "controls"
  | "pitchControl"
  | "inharmonicity"
  | "certificate"
  | "tuning"
> & { parallel: boolean; excitations: (Omit<Excitation, "samples"> & { length: number })[] };

/**
 * Read a passive model and verify its certificate on the taps as they will be played.
 * @param meta its description @param common what is already read of it
 * @param header @param body the file's
 * @throws ModelFileError
 */
export function readPassive(
  meta: Record<string, unknown>,
  common: Common,
  header: Record<string, unknown>,
  body: Uint8Array,
): PassiveModel {
  const { excitations: described, parallel, ...rest } = parsePassive(meta, common);
  const { taps, filters, mixture, controls, certificate } = rest;
  const names: string[] = [];
  const tensor = (name: string, shape: number[]) => {
    names.push(name);
    return readTensor(header, body, name, shape);
  };
  const spectrum = [1 + filters, taps / 2 + 1];
  const logDamping = tensor("filters.logDamping", spectrum);
  const phase = tensor("filters.phase", spectrum);
  const loopTaps = tensor("filters.taps", [1 + filters, taps]);
  const coupling = parallel ? tensor("filters.coupling", [taps]) : new Float32Array(0);
  const weights = (name: string, shape: (hidden: number) => number[]) =>
    mixture === null ? new Float32Array(0) : tensor(`mixture.${name}`, shape(mixture.hidden));
  const hiddenWeight = weights("hidden.weight", (hidden) => [hidden, METERS + controls]);
  const hiddenBias = weights("hidden.bias", (hidden) => [hidden]);
  const outputWeight = weights("output.weight", (hidden) => [filters, hidden]);
  const outputBias = weights("output.bias", () => [filters]);
  const excitations = described.map(({ length, ...excitation }, i) => ({
    ...excitation,
    samples: tensor(`excitations.${i}`, [length]),
  }));
  refuseOtherTensors(header, names, ["only the tensors of a passive string", "a tensor it does not use"]);
  const { gain, holds } = verifyCertificate(loopTaps, taps, certificate.gain);
  if (!holds) fail("certificate.gain", `filters within the claimed ${certificate.gain}`, `a gain of ${gain}`);
  if (parallel) {
    const coupled = certifiedGain(coupling);
    if (coupled > MOST_COUPLING_GAIN) fail("filters.coupling", "a gain of 1 or less", `${coupled}`);
  }
  return {
    kind: "passive",
    ...common,
    ...rest,
    logDamping,
    phase,
    loopTaps,
    coupling,
    hiddenWeight,
    hiddenBias,
    outputWeight,
    outputBias,
    excitations,
  };
}

function parsePassive(meta: Record<string, unknown>, { sampleRate, f0 }: Common): Meta {
  const taps = integer(meta.taps, "taps", 32, 8192);
  if (taps % 2 !== 0) fail("taps", "an even number", `${taps}`);
  const period = Math.round(sampleRate / f0);
  const ahead = integer(meta.ahead, "ahead", 0, Math.min(taps, period) - 1);
  const filters = integer(meta.filters, "filters", 1, 16);
  const mixture = parseMixture(meta.mixture, filters);
  const controls = integer(meta.controls, "controls", 0, mixture === null ? 0 : 64);
  return {
    taps,
    ahead,
    filters,
    mixture,
    controls,
    parallel: flag(meta.parallel, "parallel"),
    pitchControl: parsePitchControl(meta.pitchControl, controls),
    inharmonicity:
      meta.inharmonicity === undefined ? undefined : number(meta.inharmonicity, "inharmonicity", 0, 1),
    certificate: parseCertificate(meta.certificate),
    tuning: parseTuning(meta.tuning),
    excitations: list(meta.excitations, "excitations", 0, 64).map((excitation, i) =>
      parseExcitation(
        record(excitation, `excitations.${i}`),
        `excitations.${i}`,
        { sampleRate, f0 },
        controls,
      ),
    ),
  };
}

function parsePitchControl(value: unknown, controls: number): boolean {
  const isPitch = flag(value, "pitchControl");
  if (isPitch && controls === 0) fail("controls", "1 or more with pitchControl", "0");
  return isPitch;
}

function flag(value: unknown, field: string): boolean {
  if (value !== undefined && typeof value !== "boolean") fail(field, "true or false", show(value));
  return value === true;
}

function parseTuning(value: unknown): PassiveModel["tuning"] {
  if (value === undefined) return undefined;
  const tuning = record(value, "tuning");
  const samples = list(tuning.samples, "tuning.samples", 1, 16);
  return {
    samples: samples.map((x, i) => integer(x, `tuning.samples.${i}`, 1, 1 << 24)),
    cents: list(tuning.cents, "tuning.cents", samples.length, samples.length).map((x, i) =>
      number(x, `tuning.cents.${i}`, -100, 100),
    ),
    spreadCents: number(tuning.spreadCents, "tuning.spreadCents", 0, 100),
  };
}

function parseMixture(value: unknown, filters: number): PassiveModel["mixture"] {
  if (filters === 1) {
    if (value !== null) fail("mixture", "null with one filter", show(value));
    return null;
  }
  const mixture = record(value, "mixture");
  return {
    hidden: integer(mixture.hidden, "mixture.hidden", 1, 1024),
    hop: integer(mixture.hop, "mixture.hop", 16, 65536),
  };
}

function parseCertificate(value: unknown): PassiveModel["certificate"] {
  const certificate = record(value, "certificate");
  const gain = number(certificate.gain, "certificate.gain", 0, 1);
  if (gain === 0 || gain === 1)
    fail("certificate.gain", "a number between 0 and 1, both excluded", `${gain}`);
  const growth = record(certificate.growth, "certificate.growth");
  const bound = growthBound(gain);
  const agreeing = (name: "fromY" | "fromU") => {
    const most = 1e-6 * bound[name];
    return number(growth[name], `certificate.growth.${name}`, bound[name] - most, bound[name] + most);
  };
  return { gain, growth: { fromY: agreeing("fromY"), fromU: agreeing("fromU") } };
}

function parseExcitation(
  excitation: Record<string, unknown>,
  field: string,
  { sampleRate, f0 }: Common,
  controls: number,
): Meta["excitations"][number] {
  if (typeof excitation.name !== "string") fail(`${field}.name`, "a text", show(excitation.name));
  const set = excitation.controls === undefined ? new Array(controls).fill(0) : excitation.controls;
  return {
    name: excitation.name,
    f0: number(excitation.f0, `${field}.f0`, 1, Math.min(sampleRate / 2, MOST_PLUCK_PITCH * f0)),
    level: number(excitation.level, `${field}.level`, -1000, 1000),
    length: integer(
      excitation.samples,
      `${field}.samples`,
      1,
      Math.floor(MOST_EXCITATION_SECONDS * sampleRate),
    ),
    controls: list(set, `${field}.controls`, controls, controls).map((x, i) =>
      number(x, `${field}.controls.${i}`, -1e6, 1e6),
    ),
  };
}
