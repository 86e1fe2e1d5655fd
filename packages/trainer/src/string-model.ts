/** The seam's one side in the trainer: what was learned becomes a model file. The other is playable-model.ts. */
import { basename } from "node:path";
import { tapDelays } from "@neural-string/core-wasm";
import {
  type ClassicHeader,
  type ClassicTrainConfig,
  countInputs,
  MODEL_SCHEMA,
  type ModelFile,
  readModelFile,
  type Tensor,
  UserError,
} from "@neural-string/shared";
import { readWhole } from "./files.ts";
import { isPassive, requireCertificate } from "./passive-file.ts";

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

/** Read a model file a person named; a passive string's certificate is verified. @throws UserError */
export function openModel(path: string): ModelFile {
  const file = readModelFile(readWhole(path, "a model file (model.safetensors)"), basename(path));
  if (isPassive(file)) requireCertificate(file, basename(path));
  return file;
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
