/**
 * A passive model's file in the trainer: the contract package reads it but has no core to verify its certificate, so
 * that is done here, as is binding its parts into what the core plays.
 */
import {
  certifiedGain,
  MOST_COUPLING_GAIN,
  type PassiveModel,
  verifyCertificate,
} from "@neural-string/core-wasm";
import { type ModelFile, type PassiveHeader, UserError } from "@neural-string/shared";

export type PassiveFile = ModelFile & { header: PassiveHeader };

/** Tell a passive model from the others. */
export function isPassive(file: ModelFile): file is PassiveFile {
  return file.header.kind === "passive";
}

/**
 * Verify the certificate of a passive model, on its taps as they are played; of parallel loops also the coupling's gain.
 * @param where the file's name, for messages
 * @returns the recomputed gain
 * @throws UserError where the model breaks its claim
 */
export function requireCertificate({ header, tensors }: PassiveFile, where: string): number {
  const claimed = header.certificate.gain;
  const { gain, holds } = verifyCertificate(dataOf(tensors, "filters.taps"), header.taps, claimed);
  if (!holds) {
    throw new UserError(
      `${where}: certificate.gain: expected filters within the claimed ${claimed}, got a gain of ${gain}; the file is damaged or not ours`,
    );
  }
  const coupled = header.parallel ? certifiedGain(dataOf(tensors, "filters.coupling")) : 0;
  if (coupled > MOST_COUPLING_GAIN) {
    throw new UserError(
      `${where}: filters.coupling: expected a gain of 1 or less, got ${coupled}; the file is damaged or not ours`,
    );
  }
  return gain;
}

/** Bind a passive file's parts into what the core plays, at its own f0. The file is read and its certificate verified. */
export function bindPassive({ header, tensors }: PassiveFile): PassiveModel {
  const { name, sampleRate, f0, taps, ahead, filters, mixture, controls, inharmonicity, certificate } =
    header;
  const weights = (name: string) => (mixture === null ? new Float32Array(0) : dataOf(tensors, name));
  return {
    kind: "passive",
    name,
    sampleRate,
    f0,
    taps,
    ahead,
    filters,
    mixture,
    controls,
    pitchControl: header.pitchControl ?? false,
    inharmonicity,
    certificate,
    tuning: header.tuning,
    logDamping: dataOf(tensors, "filters.logDamping"),
    phase: dataOf(tensors, "filters.phase"),
    loopTaps: dataOf(tensors, "filters.taps"),
    coupling: header.parallel ? dataOf(tensors, "filters.coupling") : new Float32Array(0),
    hiddenWeight: weights("mixture.hidden.weight"),
    hiddenBias: weights("mixture.hidden.bias"),
    outputWeight: weights("mixture.output.weight"),
    outputBias: weights("mixture.output.bias"),
    excitations: header.excitations.map((excitation, i) => ({
      name: excitation.name,
      f0: excitation.f0,
      level: excitation.level,
      samples: dataOf(tensors, `excitations.${i}`),
      controls: excitation.controls ?? new Array(controls).fill(0),
    })),
  };
}

function dataOf(tensors: ModelFile["tensors"], name: string): Float32Array {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new Error(`${name}: missing in a file that was read`);
  return tensor.data;
}
