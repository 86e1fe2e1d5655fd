/** The seam's other side in the trainer: a model file becomes a string that can be played. Free of node and of tf. */
import { type ClassicModel, type StringModel, tapDelays } from "@neural-string/core-wasm";
import {
  type ClassicHeader,
  type ModelFile,
  modelFeatures,
  type Tensor,
  UserError,
} from "@neural-string/shared";
import { playableLayers } from "./core/playable-layers.ts";
import { bindPassive, isPassive } from "./passive-file.ts";

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
