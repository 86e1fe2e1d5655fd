/**
 * `losses.bin` of a run folder: the losses of the followed examples, a row an evaluation (the format is described beside
 * its schema, in shared/src/loss-record.ts). Rows are appended whole; one that a killed process left half is no row.
 */
import { existsSync } from "node:fs";
import { type LossHeader, LossHeaderSchema, parseJsonOrExplain, UserError } from "@neural-string/shared";
import type { LossRow } from "./core/followed-examples.ts";
import { appendWhole, readWhole, writeWhole } from "./files.ts";

/** What the file holds. */
export interface LossRecord {
  header: LossHeader;
  /** Ascending in step. */
  rows: LossRow[];
}

/** Bytes before the header: its length. */
const PREFIX = 8;
const MOST_HEADER = 2 ** 26;

/** Writes a run's file. Methods throw UserError where the disk does not let them. */
export class LossFile {
  readonly #path: string;

  /** Begin a new file, with the rows that a resumed run keeps: at once, or a kill would leave some of them. */
  constructor(path: string, header: LossHeader, kept: readonly LossRow[] = []) {
    this.#path = path;
    writeWhole(path, Buffer.concat([encodeHeader(header), ...kept.map(encodeRow)]));
  }

  /**
   * Go on with the file of a run that is resumed. Rows after a step are forgotten: the run goes through them again. Where
   * there is none, or one of other examples (another version chose them), a new one begins.
   */
  static resume(path: string, header: LossHeader, step: number): LossFile {
    return new LossFile(path, header, keptRows(path, header, step));
  }

  append(row: LossRow): void {
    appendWhole(this.#path, encodeRow(row));
  }
}

/** Read a file. @throws UserError where it is missing, damaged or something else */
export function readLosses(path: string): LossRecord {
  const bytes = readWhole(path, "a run's losses");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length < PREFIX ? 0 : Number(view.getBigUint64(0, true));
  if (length === 0 || length > MOST_HEADER || PREFIX + length > bytes.length) {
    throw new UserError(
      `${path}: expected the losses of a run, with a header of JSON, got something else; delete it`,
    );
  }
  const text = new TextDecoder().decode(bytes.subarray(PREFIX, PREFIX + length));
  const header = parseJsonOrExplain(LossHeaderSchema, text, path);
  const examples = header.examples.recording.length;
  const rows: LossRow[] = [];
  const size = 4 * (1 + examples);
  for (let at = PREFIX + length; at + size <= bytes.length; at += size) {
    rows.push({
      step: view.getUint32(at, true),
      losses: Float32Array.from({ length: examples }, (_, i) => view.getFloat32(at + 4 * (1 + i), true)),
    });
  }
  return { header, rows };
}

function encodeHeader(header: LossHeader): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = 8 * Math.ceil(text.length / 8);
  const bytes = new Uint8Array(PREFIX + length).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(text, PREFIX);
  return bytes;
}

function encodeRow({ step, losses }: LossRow): Uint8Array {
  const row = new DataView(new ArrayBuffer(4 * (1 + losses.length)));
  row.setUint32(0, step, true);
  losses.forEach((loss, i) => {
    row.setFloat32(4 * (1 + i), loss, true);
  });
  return new Uint8Array(row.buffer);
}

function keptRows(path: string, header: LossHeader, step: number): LossRow[] {
  if (!existsSync(path)) return [];
  try {
    const found = readLosses(path);
    // both in the schema's order of keys
    const isSame = JSON.stringify(found.header) === JSON.stringify(LossHeaderSchema.parse(header));
    return isSame ? found.rows.filter((row) => row.step <= step) : [];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [];
  }
}
