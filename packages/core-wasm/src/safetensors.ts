/**
 * The container of a model file, safetensors: eight bytes of length, a JSON header, and the tensors' bytes. Read by
 * hand and checked against the file's size before anything is copied, for `model-file.ts`, which knows what is in it.
 */

import { repeatedKey } from "./repeated-key.ts";

/** What is wrong with a model file, in one sentence. */
export class ModelFileError extends Error {
  override name = "ModelFileError";
}

// a model of 256 recordings has some 70 KiB; what is read as text costs time and memory many times its size
const MOST_HEADER_BYTES = 1 << 20;

/** Refuse the file: what was wrong where. */
export function fail(field: string, expected: string, got: string): never {
  throw new ModelFileError(`${field}: expected ${expected}, got ${got}; the file is damaged or not ours`);
}

/** Name a value in a message: short, and safe for whatever depth or length a damaged file may have. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) {
    const few = value.length <= 4 && value.every((x) => typeof x === "number");
    return few ? `[${value}]` : `a list of ${value.length}`;
  }
  if (isRecord(value)) return "an object";
  return typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : String(value);
}

/** Read JSON of which no object has a key twice. */
export function parseJson(text: string, field: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    fail(field, "JSON", "something else");
  }
  const twice = repeatedKey(text);
  if (twice !== undefined) fail(field, "every key once", `${show(twice)} twice`);
  return value;
}

/** Cut the file into its JSON header and the tensors' bytes. */
export function splitFile(bytes: Uint8Array): { header: Record<string, unknown>; body: Uint8Array } {
  if (bytes.length < 8) fail("file", "a safetensors file", `${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > MOST_HEADER_BYTES || length > bytes.length - 8) {
    fail("header", `at most ${Math.min(MOST_HEADER_BYTES, bytes.length - 8)} bytes`, `a claim of ${length}`);
  }
  const header = parseJson(decodeUtf8(bytes.subarray(8, 8 + length)), "header");
  if (!isRecord(header)) fail("header", "a JSON object", show(header));
  return { header, body: bytes.subarray(8 + length) };
}

/** Decode UTF-8 by hand: an audio worklet has no TextDecoder. Invalid bytes become U+FFFD. */
function decodeUtf8(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; ) {
    const first = bytes[i++];
    const more = first < 0x80 ? 0 : first >> 5 === 6 ? 1 : first >> 4 === 14 ? 2 : first >> 3 === 30 ? 3 : -1;
    let code = more <= 0 ? first : first & (0x3f >> more);
    for (let k = 0; k < more; k++) code = (code << 6) | (bytes[i++] & 0x3f);
    text += more < 0 || code > 0x10ffff ? "\ufffd" : String.fromCodePoint(code);
  }
  return text;
}

/** Tell a JSON object from everything else. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Copy a tensor out of the file, after checking its type, shape and place. */
export function readTensor(
  header: Record<string, unknown>,
  body: Uint8Array,
  name: string,
  shape: number[],
): Float32Array {
  const entry = header[name];
  if (!isRecord(entry)) fail(name, `a tensor of shape [${shape}]`, "none");
  if (entry.dtype !== "F32") fail(name, "dtype F32", show(entry.dtype));
  if (show(entry.shape) !== show(shape)) fail(name, `shape ${show(shape)}`, show(entry.shape));
  const [start, end] = Array.isArray(entry.data_offsets) ? (entry.data_offsets as unknown[]) : [];
  const count = shape.reduce((a, b) => a * b, 1);
  if (!Number.isInteger(start) || !Number.isInteger(end) || (start as number) < 0)
    fail(name, "data_offsets", show(entry.data_offsets));
  const [from, to] = [start as number, end as number];
  if (to - from !== 4 * count) fail(name, `${4 * count} bytes`, `${to - from}`);
  if (to > body.length) fail(name, `data up to byte ${to}`, `a file that ends at ${body.length}`);
  // a fresh copy: the file's tensors need not be aligned (and slice() of a Node Buffer would not copy)
  const values = new Float32Array(new Uint8Array(body.subarray(from, to)).buffer);
  const bad = values.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0) fail(name, "finite numbers", `${values[bad]} at ${bad}`);
  return values;
}

/** Refuse a file with tensors beside those of the model. */
export function refuseOtherTensors(
  header: Record<string, unknown>,
  known: readonly string[],
  [expected, got]: [string, string],
): void {
  const all = new Set(["__metadata__", ...known]);
  for (const name of Object.keys(header)) if (!all.has(name)) fail(name, expected, got);
}
