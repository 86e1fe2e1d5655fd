/**
 * Model files made byte by byte, right and wrong, for tests of the reader: the parts of a small valid file, to be
 * changed before they are encoded.
 */
import { type ClassicModel, ModelFileError, readModelFile } from "@neural-string/core-wasm";
import { expect } from "vitest";

export interface FileParts {
  /** The description, encoded as JSON in the metadata unless `metaText` says otherwise. */
  meta: Record<string, unknown>;
  metaText?: string;
  tensors: Record<string, unknown>;
  data: Float32Array;
  /** The header as text, instead of what the parts say. */
  headerText?: string;
  /** The length the file claims for its header, instead of the true one. */
  headerBytes?: bigint;
  /** What the parts say the header is. */
  header(): Record<string, unknown>;
}

/** A string of 4 taps, a control and a feature, 3 hidden neurons, an output without bias. */
export function validParts(): FileParts {
  return {
    meta: {
      schema: 1,
      kind: "classic",
      name: "Saite ä€𝄞",
      sampleRate: 1000,
      f0: 100,
      tapPattern: [
        { periodFraction: 1, before: 1, after: 1 },
        { periodFraction: 0.5, before: 0, after: 0 },
      ],
      layers: [
        { units: 3, activation: "tanh" },
        { units: 1, activation: "linear" },
      ],
      controls: 1,
      decayFeature: true,
    },
    tensors: {
      "layers.0.weight": { dtype: "F32", shape: [3, 6], data_offsets: [0, 72] },
      "layers.0.bias": { dtype: "F32", shape: [3], data_offsets: [72, 84] },
      "layers.1.weight": { dtype: "F32", shape: [1, 3], data_offsets: [84, 96] },
    },
    data: Float32Array.from({ length: 24 }, (_, i) => Math.sin(i + 1)),
    header() {
      const text = this.metaText ?? JSON.stringify(this.meta);
      return { __metadata__: { "neural-string": text }, ...this.tensors };
    },
  };
}

/** Write the parts as a safetensors file. */
export function encodeFile(parts: FileParts): Uint8Array {
  const header = new TextEncoder().encode(parts.headerText ?? JSON.stringify(parts.header()));
  const bytes = new Uint8Array(8 + header.length + parts.data.byteLength);
  new DataView(bytes.buffer).setBigUint64(0, parts.headerBytes ?? BigInt(header.length), true);
  bytes.set(header, 8);
  bytes.set(
    new Uint8Array(parts.data.buffer, parts.data.byteOffset, parts.data.byteLength),
    8 + header.length,
  );
  return bytes;
}

/** A file with one thing wrong. */
export function fileWith(change: (parts: FileParts) => unknown): Uint8Array {
  const parts = validParts();
  change(parts);
  return encodeFile(parts);
}

/** Change parts of the valid file; here and below undefined takes away. */
export const withParts = (changes: Partial<FileParts>) => fileWith((p) => Object.assign(p, changes));
/** Change the description. */
export const withMeta = (changes: FileParts["meta"]) => fileWith((p) => Object.assign(p.meta, changes));
/** Change the header's list of tensors. */
export const withTensors = (changes: FileParts["tensors"]) =>
  fileWith((p) => Object.assign(p.tensors, changes));
/** Change what the header says of one tensor. */
export const withTensor = (name: string, changes: object) =>
  fileWith((p) => Object.assign(p.tensors[name] as object, changes));

/** Read a file that holds a classic string. */
export function readClassic(bytes: Uint8Array): ClassicModel {
  const model = readModelFile(bytes);
  if (model.kind !== "classic") throw new Error(`expected a classic string, got a ${model.kind} one`);
  return model;
}

/** Reading either works or says why not. */
export function expectModelOrSentence(bytes: Uint8Array): void {
  try {
    expect(readClassic(bytes).layers.at(-1)?.units).toBe(1);
  } catch (error) {
    if (!(error instanceof ModelFileError)) throw error;
    expect(error.message.length).toBeLessThan(300);
  }
}
