/**
 * `model.safetensors`: the seam between trainer and players. Its header's `__metadata__["neural-string"]` is JSON
 * text that `model.ts` describes; its tensors are those of `weight-layout.ts`, no more and no fewer.
 */
import { type ClassicHeader, type ModelHeader, ModelHeaderSchema } from "./model.ts";
import { describeValue, parseJsonOrExplain } from "./parse.ts";
import { readSafetensors, type Tensor, writeSafetensors } from "./safetensors.ts";
import { MOST_DELAY, tapDelays } from "./tap-pattern.ts";
import { UserError } from "./user-error.ts";
import { classicLayout } from "./weight-layout.ts";

/** The key under which the header describes the string. */
export const METADATA_KEY = "neural-string";

export interface ModelFile {
  header: ModelHeader;
  tensors: Map<string, Tensor>;
}

/** Write a model. @returns the file's bytes */
export function writeModelFile({ header, tensors }: ModelFile): Uint8Array {
  return writeSafetensors({ metadata: { [METADATA_KEY]: JSON.stringify(header) }, tensors });
}

/**
 * Read a model and check that it holds what it claims.
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
  const header = parseJsonOrExplain(ModelHeaderSchema, text, where);
  checkTensors(header, tensors, where);
  return { header, tensors };
}

function checkTensors(header: ClassicHeader, tensors: Map<string, Tensor>, where: string): void {
  const damaged = (what: string) => new UserError(`${where}: ${what}; the file is damaged or not ours`);
  if (header.f0 > header.sampleRate / 2)
    throw damaged(`f0: expected at most ${header.sampleRate / 2}, got ${header.f0}`);
  const tooLong = header.tapPattern.findIndex(
    ({ periodFraction }) => (header.sampleRate * periodFraction) / header.f0 > MOST_DELAY,
  );
  if (tooLong >= 0)
    throw damaged(`tapPattern.${tooLong}: expected delays up to ${MOST_DELAY}, got a longer one`);
  if (tapDelays(header.tapPattern, header.sampleRate, header.f0).length === 0)
    throw damaged("tapPattern: expected at least one delay of 1 sample or more, got none");
  if (header.layers.at(-1)?.units !== 1)
    throw damaged(`layers: expected a last layer of 1 unit, got ${header.layers.at(-1)?.units}`);
  const known = new Set<string>();
  for (const { name, shape } of classicLayout(header, true)) {
    known.add(name);
    const tensor = tensors.get(name);
    if (tensor === undefined) {
      if (name.endsWith(".bias")) continue; // biases are optional
      throw damaged(`${name}: expected a tensor of shape [${shape}], got none`);
    }
    if (tensor.shape.join() !== shape.join())
      throw damaged(`${name}: expected shape [${shape}], got [${tensor.shape}]`);
    const bad = tensor.data.findIndex((x) => !Number.isFinite(x));
    if (bad >= 0) throw damaged(`${name}: expected finite numbers, got ${tensor.data[bad]} at ${bad}`);
  }
  for (const name of tensors.keys())
    if (!known.has(name)) throw damaged(`tensor ${describeValue(name)}: used by no layer`);
}
