/**
 * `model.safetensors`: the seam between trainer and players. Its header's `__metadata__["neural-string"]` is JSON
 * text that `model.ts` describes; its tensors are those of `weight-layout.ts`, no more and no fewer.
 */

import { describeValue } from "./describe-value.ts";
import { type ClassicHeader, type ModelHeader, ModelHeaderSchema } from "./model.ts";
import { parseJson, parseOrExplain } from "./parse.ts";
import { passiveContradiction } from "./passive-model.ts";
import { readSafetensors, type Tensor, writeSafetensors } from "./safetensors.ts";
import { MOST_DELAY, tapDelays } from "./tap-pattern.ts";
import { UserError } from "./user-error.ts";
import { classicLayout, passiveLayout, type TensorSlot } from "./weight-layout.ts";

/** The key under which the header describes the string. */
export const METADATA_KEY = "neural-string";

export interface ModelFile {
  header: ModelHeader;
  tensors: Map<string, Tensor>;
}

/** Write a model. @returns the file's bytes */
export function writeModelFile({ header, tensors }: ModelFile): Uint8Array<ArrayBuffer> {
  return writeSafetensors({ metadata: { [METADATA_KEY]: JSON.stringify(header) }, tensors });
}

/**
 * Read a model and check that its parts fit together. A passive string's certificate is not verified here but where
 * the core is at hand (`verifyCertificate` of core-wasm).
 * @param where the file's path, for messages
 * @throws UserError
 */
export function readModelFile(bytes: Uint8Array, where: string): ModelFile {
  const { metadata, tensors } = readSafetensors(bytes, where);
  const text = Object.hasOwn(metadata, METADATA_KEY) ? metadata[METADATA_KEY] : undefined;
  if (text === undefined) {
    throw new UserError(
      `${where}: no "${METADATA_KEY}" in its metadata; this is not a string model (pnpm train writes them)`,
    );
  }
  const description = parseJson(text, where, "the file is damaged or not ours");
  const header = parseOrExplain(ModelHeaderSchema, description, where);
  checkParts(header, tensors, where);
  return { header, tensors };
}

function checkParts(header: ModelHeader, tensors: Map<string, Tensor>, where: string): void {
  const contradiction =
    f0Contradiction(header) ??
    (header.kind === "classic" ? classicContradiction(header) : passiveContradiction(header));
  const wrong =
    contradiction ??
    (header.kind === "classic"
      ? wrongTensor(tensors, classicLayout(header, true), "layer", (name) => name.endsWith(".bias"))
      : wrongTensor(tensors, passiveLayout(header), "part of the string", () => false));
  if (wrong !== null) throw new UserError(`${where}: ${wrong}; the file is damaged or not ours`);
}

function f0Contradiction({ f0, sampleRate }: ModelHeader): string | null {
  return f0 > sampleRate / 2 ? `f0: expected at most ${sampleRate / 2}, got ${f0}` : null;
}

/** What the schema alone cannot see of a classic string. */
function classicContradiction(header: ClassicHeader): string | null {
  const { sampleRate, f0, tapPattern, layers, controls, controlMeanings } = header;
  if (controlMeanings !== undefined && controlMeanings.length !== controls)
    return `controlMeanings: expected ${controls}, one for each control, got ${controlMeanings.length}`;
  const tooLong = tapPattern.findIndex(
    ({ periodFraction }) => (sampleRate * periodFraction) / f0 > MOST_DELAY,
  );
  if (tooLong >= 0) return `tapPattern.${tooLong}: expected delays up to ${MOST_DELAY}, got a longer one`;
  if (tapDelays(tapPattern, sampleRate, f0).length === 0)
    return "tapPattern: expected at least one delay of 1 sample or more, got none";
  const units = layers.at(-1)?.units;
  return units === 1 ? null : `layers: expected a last layer of 1 unit, got ${units}`;
}

/**
 * Hold the tensors to their layout.
 * @param user what a tensor that is not in it is not used by
 * @param isOptional whether a tensor of this name may be missing
 */
function wrongTensor(
  tensors: Map<string, Tensor>,
  layout: readonly TensorSlot[],
  user: string,
  isOptional: (name: string) => boolean,
): string | null {
  for (const { name, shape } of layout) {
    const tensor = tensors.get(name);
    if (tensor === undefined) {
      if (isOptional(name)) continue;
      return `${name}: expected a tensor of shape [${shape}], got none`;
    }
    if (tensor.shape.join() !== shape.join())
      return `${name}: expected shape [${shape}], got [${tensor.shape}]`;
    const bad = tensor.data.findIndex((x) => !Number.isFinite(x));
    if (bad >= 0) return `${name}: expected finite numbers, got ${tensor.data[bad]} at ${bad}`;
  }
  const known = new Set(layout.map(({ name }) => name));
  for (const name of tensors.keys())
    if (!known.has(name)) return `tensor ${describeValue(name)}: used by no ${user}`;
  return null;
}
