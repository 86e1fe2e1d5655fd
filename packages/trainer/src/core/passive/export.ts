/**
 * From what was learned to a model file's content: taps projected below the gain cap and certified as they are played,
 * the spectra they came from (so that the string can be tuned), the network, and an excitation per recording.
 */
import {
  type Core,
  certifiedGain,
  detunedModel,
  growthBound,
  type PassiveModel,
  tunedShape,
  tunedTaps,
} from "@neural-string/core-wasm";
import { MODEL_SCHEMA, type ModelFile, type PassiveHeader, type Tensor } from "@neural-string/shared";
import { bindPassive, type PassiveFile } from "../../passive-file.ts";
import { startLevelDb } from "../controls.ts";
import { extractExcitation } from "./excitation.ts";
import type { Play } from "./listen.ts";
import { calibratePitch, type PitchRecordings, sharpness } from "./pitch.ts";
import { COUPLING } from "./planes/parameters.ts";
import { EXPORT_ROUNDS, LISTENING_ROUNDS, projectBelow } from "./projection.ts";
import { SpectralForm } from "./spectral-form.ts";
import type { Tuning } from "./tuning.ts";
import { filtersOf, NETWORK, type Parameters, spectraOf } from "./variables.ts";

/** A second plane is not plucked harder than the first. */
const MOST_COUPLING = 0.999;

/** How long the end of an excitation takes to fade (seconds). */
const FADE_SECONDS = 0.01;

/** What is known of the string beside its parameters. */
export interface StringFacts {
  name?: string;
  tuning: Tuning;
  hop: number;
  controls: number;
  /** Whether the first control is the pitch. */
  pitchControl?: boolean;
  /** Largest gain per round trip that a filter may have. */
  cap: number;
  inharmonicity?: number;
}

/** A recording that lends the model its pluck. */
export interface Plucked {
  name: string;
  /** From the onset on. */
  samples: Float32Array;
  /** Hz */
  f0: number;
  controls: readonly number[];
}

/**
 * Make a model file's content, certified, without excitations.
 * @param parameters as training keeps them
 * @param rounds of the projection, at most
 */
export function passiveFile(
  parameters: Parameters,
  facts: StringFacts,
  rounds: number = EXPORT_ROUNDS,
): PassiveFile {
  const { sampleRate, f0, taps, ahead, fade } = facts.tuning;
  const spectra = spectraOf(parameters, true);
  const form = new SpectralForm(taps, ahead, fade);
  const played = spectra.map((spectrum) => projectBelow(form.tapsOf(spectrum), facts.cap, rounds));
  const gain = Math.max(...played.map(certifiedGain));
  const coupling = couplingOf(parameters, form);
  const filters = filtersOf(parameters);
  const rows = (pick: (i: number) => ArrayLike<number>, width: number): Tensor => {
    const data = new Float32Array(spectra.length * width);
    for (let i = 0; i < spectra.length; i++) data.set(pick(i), i * width);
    return { shape: [spectra.length, width], data };
  };
  const hidden = parameters.get("mixture.hidden.bias")?.shape[0];
  const header: PassiveHeader = {
    schema: MODEL_SCHEMA,
    kind: "passive",
    ...(facts.name !== undefined && { name: facts.name }),
    sampleRate,
    f0,
    taps,
    ahead,
    filters,
    mixture: hidden === undefined ? null : { hidden, hop: facts.hop },
    controls: hidden === undefined ? 0 : facts.controls,
    ...(facts.pitchControl && hidden !== undefined && { pitchControl: true }),
    ...(facts.inharmonicity !== undefined && { inharmonicity: facts.inharmonicity }),
    ...(coupling !== undefined && { parallel: true }),
    certificate: { gain, growth: growthBound(gain) },
    excitations: [],
  };
  const tensors = new Map<string, Tensor>([
    ["filters.logDamping", rows((i) => spectra[i].logDamping, form.bins)],
    ["filters.phase", rows((i) => spectra[i].phase, form.bins)],
    ["filters.taps", rows((i) => played[i], taps)],
  ]);
  if (coupling !== undefined) tensors.set("filters.coupling", { shape: [taps], data: coupling });
  for (const name of NETWORK) {
    const tensor = parameters.get(name);
    if (tensor !== undefined) tensors.set(name, tensor);
  }
  return { header, tensors };
}

/** The filter through which a pluck reaches the second plane, where the loops are parallel. @returns [N] */
function couplingOf(parameters: Parameters, form: SpectralForm): Float32Array | undefined {
  const coupling = parameters.get(COUPLING);
  if (coupling === undefined) return undefined;
  const [re, im] = [coupling.data.subarray(0, form.bins), coupling.data.subarray(form.bins)];
  return projectBelow(form.tapsOfParts(re, im), MOST_COUPLING);
}

/** The string that some parameters make, nearly as it would play once exported: certified, but projected in haste. */
export function passiveModel(parameters: Parameters, facts: StringFacts): PassiveModel {
  return bindPassive(passiveFile(parameters, facts, LISTENING_ROUNDS));
}

/**
 * Bring a string to the pitch of its own recordings, and note how they sounded while young.
 * @param recordings those of the string's own pitch, from the onset on
 */
export function atRecordedPitch(play: Play, file: PassiveFile, recordings: PitchRecordings): PassiveFile {
  const model = bindPassive(file);
  // planes were solved for in tune; the beating that was found is theirs alone
  const trimmed = file.header.parallel ? model : detunedModel(model, -sharpness(play, model, recordings));
  const { f0, ahead, loopTaps, phase } = trimmed;
  const tuning = calibratePitch(trimmed, recordings);
  const shaped = (name: string, data: Float32Array): Tensor => ({
    shape: (file.tensors.get(name) as Tensor).shape,
    data,
  });
  const tensors = new Map(file.tensors);
  tensors.set("filters.taps", shaped("filters.taps", loopTaps));
  tensors.set("filters.phase", shaped("filters.phase", phase));
  const calibration = tuning && {
    samples: Array.from(tuning.samples),
    cents: Array.from(tuning.cents),
    spreadCents: tuning.spreadCents,
  };
  return { header: { ...file.header, f0, ahead, ...(calibration && { tuning: calibration }) }, tensors };
}

/** Add the plucks of recordings; each fades out at its end. @param core any @param seconds of each */
export function withExcitations(
  core: Core,
  { header, tensors }: PassiveFile,
  recordings: readonly Plucked[],
  seconds: number,
): ModelFile & { header: PassiveHeader } {
  const model = bindPassive({ header, tensors });
  const all = new Map(tensors);
  const excitations = recordings.map(({ name, samples, f0, controls }, i) => {
    const length = Math.min(Math.round(seconds * header.sampleRate), samples.length);
    const data = extractExcitation(tunedTo(core, model, f0), samples, length, controls);
    fadeEnd(data, Math.round(FADE_SECONDS * header.sampleRate));
    all.set(`excitations.${i}`, { shape: [data.length], data });
    return {
      name,
      f0,
      level: startLevelDb(samples, header.sampleRate, f0),
      samples: data.length,
      ...(header.controls > 0 && { controls: [...controls] }),
    };
  });
  return { header: { ...header, excitations }, tensors: all };
}

/** What drives a string until the last sample would be heard to stop: lead the last samples, at most a quarter, to 0. */
function fadeEnd(samples: Float32Array, most: number): void {
  const count = Math.min(most, Math.floor(samples.length / 4));
  const start = samples.length - count;
  for (let n = 0; n < count; n++) samples[start + n] *= 0.5 + 0.5 * Math.cos((Math.PI * (n + 1)) / count);
}

/** The string as the player tunes it to a recording's pitch. */
function tunedTo(core: Core, model: PassiveModel, f0: number): PassiveModel {
  const { sampleRate } = model;
  const { taps, ahead, hop } = tunedShape(model, { sampleRate, f0 });
  const mixture = model.mixture && { ...model.mixture, hop };
  return { ...model, f0, taps, ahead, mixture, loopTaps: tunedTaps(core, model, { sampleRate, f0 }) };
}
