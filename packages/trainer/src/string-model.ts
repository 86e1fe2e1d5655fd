/** The seam's two sides in the trainer: what was learned becomes a model file, and a model file becomes a string. */
import { basename } from "node:path";
import { type ClassicModel, type StringModel, tapDelays } from "@neural-string/core-wasm";
import {
  type ClassicHeader,
  type ClassicTrainConfig,
  countInputs,
  MODEL_SCHEMA,
  type ModelFile,
  type ModelHeader,
  modelFeatures,
  type RecordingSource,
  readModelFile,
  type Tensor,
  type TrainConfig,
  UserError,
} from "@neural-string/shared";
import { playableLayers } from "./core/mlp.ts";
import { readWhole } from "./files.ts";
import { bindPassive, isPassive, requireCertificate } from "./passive-file.ts";
import type { SourcedRecording } from "./sources.ts";

/**
 * Describe the string that a config asks for, before anything is known of its origin.
 * @throws UserError where its taps contradict each other at this pitch
 */
export function headerFromConfig(
  config: ClassicTrainConfig,
  name: string,
  sampleRate: number,
  f0: number,
): ClassicHeader {
  checkTaps(config, sampleRate, f0);
  const { tapPattern, hidden, output, controls, features } = config.model;
  return {
    schema: MODEL_SCHEMA,
    kind: "classic",
    name,
    sampleRate,
    f0,
    tapPattern,
    layers: [...hidden, { units: 1, activation: output }],
    controls: controls.length,
    // whose means nobody has measured yet
    features: features.map(({ kind, window, scale }) => ({
      kind,
      window: window ?? Math.round(sampleRate / f0),
      mean: null,
      scale,
    })),
  };
}

function checkTaps({ model }: ClassicTrainConfig, sampleRate: number, f0: number): void {
  const at = `at f0 ${f0.toFixed(2)} Hz and ${sampleRate} Hz`;
  const delays = tapDelays(model.tapPattern, sampleRate, f0);
  if (delays.length === 0) {
    throw new UserError(
      `model.tapPattern: expected a delay of 1 sample or more, got none ${at}; add a period fraction or an "after"`,
    );
  }
  const seen = new Set<number>();
  const twice = delays.find((delay) => seen.size === seen.add(delay).size);
  if (twice !== undefined) {
    throw new UserError(
      `model.tapPattern: the delay of ${twice} samples is there twice ${at}; make the ranges narrower so that they do not overlap`,
    );
  }
}

/** Add where a model comes from. */
export function withProvenance<Header extends ModelHeader>(
  header: Header,
  config: TrainConfig,
  recordings: readonly SourcedRecording[],
  versions: Record<string, string>,
): Header {
  return {
    ...header,
    provenance: {
      recordings: recordings.map(({ name, sha256, licence, attribution }) => ({
        name,
        sha256,
        ...(licence && { licence }),
        ...(attribution && { attribution }),
      })),
      seed: config.training.seed,
      config: withoutFolders(config),
      versions,
    },
  };
}

/** The config as a model may carry it into the world: files by their names, not by whose folders they lay in. */
function withoutFolders(config: TrainConfig): TrainConfig {
  const name = (source: RecordingSource) =>
    typeof source === "string" && !source.startsWith("npm:") ? basename(source) : source;
  return {
    ...config,
    recordings: config.recordings.map(name),
    judge: { ...config.judge, recordings: config.judge.recordings.map(name) },
  };
}

/** Read a model file a person named; a passive string's certificate is verified. @throws UserError */
export function openModel(path: string): ModelFile {
  const file = readModelFile(readWhole(path, "a model file (model.safetensors)"), basename(path));
  if (isPassive(file)) requireCertificate(file, basename(path));
  return file;
}

/** Bind a model file's parts into what the core plays, at its own pitch. */
export function playableModel(file: ModelFile): StringModel {
  if (isPassive(file)) return bindPassive(file);
  const { header, tensors } = file as ModelFile & { header: ClassicHeader };
  return classicModel(header, tensors);
}

/**
 * Bind a classic string's parts.
 * @param f0 Hz, to play it at another pitch: the same network on taps of another period
 * @throws UserError where the taps of the other pitch are not as many
 */
export function classicModel(
  header: ClassicHeader,
  tensors: Map<string, Tensor>,
  f0: number = header.f0,
): ClassicModel {
  const { sampleRate, tapPattern, controls, name } = header;
  const delays = tapDelays(tapPattern, sampleRate, f0);
  const wanted = tapDelays(tapPattern, sampleRate, header.f0).length;
  if (delays.length !== wanted) {
    throw new UserError(
      `--f0 ${f0}: at this pitch ${wanted - delays.length} of the model's ${wanted} taps fall below one sample; use a lower pitch`,
    );
  }
  return {
    kind: "classic",
    name,
    sampleRate,
    f0,
    tapPattern,
    delays,
    controls,
    features: modelFeatures(header),
    layers: playableLayers(header, tensors),
  };
}

/** Parameters of a classic string for a warm start. @throws UserError where the model has another shape */
export function classicWarmStart(
  path: string,
  header: ClassicHeader,
  withBias: boolean,
): Map<string, Tensor> {
  const { header: given, tensors } = openModel(path);
  if (given.kind !== header.kind) {
    throw new UserError(
      `--from ${path}: expected a ${header.kind} string, as the config trains, got a ${given.kind} one; give a model of that kind`,
    );
  }
  const shape = (h: ClassicHeader, bias: boolean) =>
    `${countInputs(h)} inputs, layers ${h.layers
      .map(({ units, activation }) => `${units} ${activation}`)
      .join(", ")}, ${bias ? "with" : "without"} biases`;
  const got = shape(given as ClassicHeader, tensors.has("layers.0.bias"));
  const expected = shape(header, withBias);
  if (got !== expected) {
    throw new UserError(
      `--from ${path}: expected a network of this config's shape (${expected}), got ${got}; change the config's model to match`,
    );
  }
  return tensors;
}
