/** Reads models that somebody brings: workers of several pages do, before they let one sound. Free of the DOM. */
import { type ModelFile, readModelFile } from "@neural-string/shared";
import { isPassive, requireCertificate } from "@neural-string/trainer/passive-file";

/**
 * Read a model's file.
 * @param name what sentences begin with
 * @throws UserError with one sentence for anything that is not a model, or breaks its certificate
 */
export function openModelBytes(bytes: Uint8Array, name: string): ModelFile {
  const file = readModelFile(bytes, name);
  if (isPassive(file)) requireCertificate(file, name);
  return file;
}
