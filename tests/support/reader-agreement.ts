/**
 * Holds the two readers of a model file together: shared's, which validates in full, and core-wasm's own small one.
 * They read the same of what both read; where one refuses, so does the other, but for the differences stated here.
 */
import * as core from "@neural-string/core-wasm";
import { type ModelFile, modelFeatures, readModelFile, tapDelays, UserError } from "@neural-string/shared";
import { bindPassive, isPassive, requireCertificate } from "@neural-string/trainer/passive-file";
import { expect } from "vitest";

/**
 * What shared says of a file: nothing, or its own kind of error in one line; any other error fails the test. A passive
 * string's certificate included, which the trainer verifies.
 */
export function sharedSays(bytes: Uint8Array): string {
  return sentenceOf(() => {
    const file = readModelFile(bytes, "m");
    if (isPassive(file)) requireCertificate(file, "m");
  }, UserError);
}

/** The same of core-wasm's reader. */
export function coreSays(bytes: Uint8Array): string {
  return sentenceOf(() => core.readModelFile(bytes), core.ModelFileError);
}

function sentenceOf(read: () => unknown, kind: typeof UserError | typeof core.ModelFileError): string {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(kind);
    return (error as Error).message;
  }
  return "";
}

/** What shared says of parts for which core-wasm has no use, as they do not change the sound, ... */
export const IGNORED = [
  /: unknown key/,
  /^m: name: /,
  /^m: provenance/,
  /^m: check/,
  /^m: __metadata__\.(?!neural-string)/,
];

/** ... and where core-wasm is more lenient with the container, as long as all tensors have their place in the file. */
const CORE_LENIENT = [
  /: its header is not JSON/, // not UTF-8, or not beginning with "{"
  /: expected its data /, // gaps, overlaps, bytes behind the last tensor
  /: data_offsets: expected a list of at most 2/,
];

/** Both read a file, and read the same; or both refuse it; or it is one of the documented differences. */
export function expectAgreement(bytes: Uint8Array): "read" | "refused" {
  const [shared, other] = [sharedSays(bytes), coreSays(bytes)];
  if (shared === "") {
    expect(other).toBe("");
    expectSameModel(readModelFile(bytes, "m"), core.readModelFile(bytes));
    return "read";
  }
  expect(shared).toMatch(/^.{1,400}$/u);
  if (other === "") {
    const documented = [...IGNORED, ...CORE_LENIENT].some((known) => known.test(shared));
    expect(documented, shared).toBe(true);
  } else expect(other).toMatch(/^.{1,400}$/u);
  return "refused";
}

function expectSameModel(file: ModelFile, model: core.StringModel): void {
  if (isPassive(file)) {
    expect(model).toEqual(bindPassive(file));
    return;
  }
  const { header, tensors } = file;
  if (header.kind !== "classic" || model.kind !== "classic") throw new Error("read as different kinds");
  const { name, sampleRate, f0, tapPattern, controls } = header;
  expect(model).toMatchObject({ sampleRate, f0, tapPattern, controls });
  expect(model.name).toBe(name);
  expect(model.features).toEqual(modelFeatures(header));
  expect(model.delays).toEqual(tapDelays(tapPattern, sampleRate, f0));
  for (const [i, { units, activation, weight, bias }] of model.layers.entries()) {
    expect({ units, activation }).toEqual(header.layers[i]);
    expect(weight).toEqual(tensors.get(`layers.${i}.weight`)?.data);
    expect(bias).toEqual(tensors.get(`layers.${i}.bias`)?.data ?? null);
  }
}

/** A file whose safetensors header is edited as text. */
export function fileEdited(file: Uint8Array, edit: (json: string) => string): Uint8Array {
  const json = Buffer.from(edit(jsonOf(file)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return new Uint8Array(Buffer.concat([length, json, file.subarray(8 + headerLength(file))]));
}

/** The safetensors header of a file, as text. */
export function jsonOf(file: Uint8Array): string {
  return Buffer.from(file.subarray(8, 8 + headerLength(file)))
    .toString()
    .trimEnd();
}

function headerLength(file: Uint8Array): number {
  return Number(Buffer.from(file).readBigUInt64LE(0));
}

/** The paths of all fields of a value. */
export function fieldPaths(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [path];
  const below = Object.entries(value).flatMap(([key, inner]) => fieldPaths(inner, [...path, key]));
  return path.length === 0 ? below : [path, ...below];
}

/** Replace, add or (undefined) remove a field. */
export function put(target: unknown, path: string[], value: unknown): void {
  const parent = path.slice(0, -1).reduce<unknown>((at, key) => Reflect.get(Object(at), key), target);
  const key = path[path.length - 1];
  if (typeof parent !== "object" || parent === null) return;
  if (value === undefined) Reflect.deleteProperty(parent, key);
  else if (Array.isArray(parent) && !/^\d$/.test(key)) parent.push(value);
  else Object.defineProperty(parent, key, { value, enumerable: true, writable: true, configurable: true });
}
