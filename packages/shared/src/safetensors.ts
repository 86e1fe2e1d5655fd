/**
 * The container of model files and checkpoints: safetensors, an 8-byte header length, a JSON header, raw
 * little-endian float32. Python, Rust and JavaScript read it with existing libraries. Only F32 is used here.
 */
import { z } from "zod";
import { describeValue } from "./describe-value.ts";
import { parseOrExplain } from "./parse.ts";
import { repeatedKey } from "./repeated-key.ts";
import { UserError } from "./user-error.ts";
import { layOut } from "./weight-layout.ts";

export interface Tensor {
  shape: number[];
  data: Float32Array;
}

export interface TensorFile {
  /** Free text by name. */
  metadata: Record<string, string>;
  tensors: Map<string, Tensor>;
}

// a model of 256 recordings has some 70 KiB; what is read as text costs time and memory many times its size
const MOST_HEADER_BYTES = 1 << 20;

const EntrySchema = z.looseObject({
  dtype: z.literal("F32"),
  shape: z.array(z.int().min(0)).max(8),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});
const HeaderSchema = z.looseObject({ __metadata__: z.record(z.string(), z.string()).optional() });

/**
 * Write tensors, in the map's order.
 * @returns the file's bytes
 * @throws Error for a tensor whose data do not fill its shape, or that is named like the metadata: defects of ours
 */
export function writeSafetensors({ metadata, tensors }: TensorFile): Uint8Array<ArrayBuffer> {
  const entries = [...tensors].map(([name, { shape }]) => ({ name, shape }));
  const slots = layOut(entries);
  // without a prototype, so that a tensor may have any name
  const header: Record<string, unknown> = Object.create(null);
  header.__metadata__ = metadata;
  for (const { name, shape, offset, size } of slots) {
    const length = tensors.get(name)?.data.length;
    if (length !== size) throw new Error(`${name}: expected ${size} numbers for [${shape}], got ${length}`);
    if (name === "__metadata__") throw new Error("a tensor cannot be named __metadata__");
    header[name] = { dtype: "F32", shape, data_offsets: [4 * offset, 4 * (offset + size)] };
  }
  let json = new TextEncoder().encode(JSON.stringify(header));
  // padded with spaces so that the numbers begin 8-byte aligned, as the format's own writers do
  if (json.length % 8 !== 0) {
    const padded = new Uint8Array(Math.ceil(json.length / 8) * 8).fill(0x20);
    padded.set(json);
    json = padded;
  }
  const total = slots.reduce((sum, { size }) => sum + size, 0);
  const bytes = new Uint8Array(8 + json.length + 4 * total);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  const body = 8 + json.length;
  for (const { name, offset } of slots) {
    // as bytes: set as a number, one that is not a number could change its bits
    const { data } = tensors.get(name) as Tensor;
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), body + 4 * offset);
  }
  return bytes;
}

/**
 * Read tensors; sizes are checked against the file before anything is copied. As the format demands, the tensors
 * follow each other without gap or overlap, the file ends with the last of them, and no key stands in its header twice.
 * @param where the file's path, for messages
 * @returns the tensors in the order of their bytes
 * @throws UserError
 */
export function readSafetensors(bytes: Uint8Array, where: string): TensorFile {
  const broken = (what: string) =>
    new UserError(`${where}: ${what}; the file is damaged or not a safetensors file`);
  const { header, body } = splitFile(bytes, broken);
  const { __metadata__: metadata = {} } = parseOrExplain(HeaderSchema, header, where);
  const entries = Object.entries(header)
    .filter(([name]) => name !== "__metadata__")
    .map(([name, entry]) => ({
      ...parseOrExplain(EntrySchema, entry, `${where}: tensor ${describeValue(name)}`),
      name, // last: an entry may have a field that is called so
    }))
    // an empty tensor begins where the next one does
    .toSorted((a, b) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1]);
  const tensors = new Map<string, Tensor>();
  let place = 0;
  for (const { name, shape, data_offsets } of entries) {
    const [start, end] = data_offsets;
    const size = 4 * shape.reduce((a, b) => a * b, 1);
    const tensor = `tensor ${describeValue(name)}`;
    if (end - start !== size)
      throw broken(`${tensor}: expected ${size} bytes for shape [${shape}], got ${end - start}`);
    if (start !== place) throw broken(`${tensor}: expected its data at byte ${place}, got ${start}`);
    if (end > body.length)
      throw broken(`${tensor}: expected data up to byte ${end}, got a file that ends at ${body.length}`);
    // a fresh copy, since the body need not be aligned
    tensors.set(name, { shape, data: new Float32Array(new Uint8Array(body.subarray(start, end)).buffer) });
    place = end;
  }
  if (place !== body.length)
    throw broken(`expected its data to end at byte ${place}, got ${body.length - place} more`);
  return { metadata, tensors };
}

/** Cut the file into its JSON header and the tensors' bytes. */
function splitFile(bytes: Uint8Array, broken: (what: string) => UserError) {
  if (bytes.length < 8) throw broken(`expected a header, got a file of ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(bytes.length - 8))
    throw broken(`its header claims ${length} bytes, the file has ${bytes.length}`);
  if (length > BigInt(MOST_HEADER_BYTES))
    throw broken(`expected a header of at most ${MOST_HEADER_BYTES} bytes, got ${length}`);
  const end = 8 + Number(length);
  let text: string;
  let header: Record<string, unknown>;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(8, end));
    // the format wants "{" first: no space, no byte order mark
    header = JSON.parse(text.startsWith("{") ? text : "");
  } catch {
    throw broken("its header is not JSON");
  }
  const twice = repeatedKey(text);
  if (twice !== undefined)
    throw broken(`its header: expected every key once, got ${describeValue(twice)} twice`);
  return { header, body: bytes.subarray(end) };
}
