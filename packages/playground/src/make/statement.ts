/**
 * What a model made here says of where it comes from: which recordings, what the person says of their licence, and that
 * it was trained in a browser. Free of the DOM.
 */
import { readModelFile, writeModelFile } from "@neural-string/shared";
import { NO_HASH } from "./take.ts";

/** What the person says of the recordings, and of the string. */
export interface Statement {
  /** What the string is called. */
  name: string;
  /** An SPDX name or words; "" = nothing was stated. */
  licence: string;
  /** Whom to name; "" = nobody was stated. */
  attribution: string;
}

/** A recording that the model was made from. */
export interface SourceFile {
  name: string;
  /** null where the page could not compute one. */
  sha256: string | null;
}

/** Said in the model's provenance, beside what training wrote there. */
export const TRAINED_IN = "a browser, on the neural-string site";

/**
 * Write provenance into a model's file.
 * @param bytes of a model.safetensors
 * @returns the bytes of one that plays the same
 * @throws UserError for what is no model
 */
export function stated(bytes: Uint8Array, statement: Statement, sources: readonly SourceFile[]): Uint8Array {
  const { header, tensors } = readModelFile(bytes, "the trained string");
  const { name, licence, attribution } = statement;
  const recordings = sources.map((source) => ({
    name: source.name,
    sha256: source.sha256 ?? NO_HASH,
    ...(licence.trim() && { licence: licence.trim() }),
    ...(attribution.trim() && { attribution: attribution.trim() }),
  }));
  const provenance = { ...header.provenance, recordings, trainedIn: TRAINED_IN };
  return writeModelFile({ header: { ...header, name: name.trim() || header.name, provenance }, tensors });
}
