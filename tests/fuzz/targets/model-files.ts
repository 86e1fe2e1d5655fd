/** Damaged model files, given to both readers: they agree, refuse in one sentence, and what they accept plays. */
import { ModelFileError, Resonator, readModelFile } from "@neural-string/core-wasm";
import { writeModelFile } from "@neural-string/shared";
import fc from "fast-check";
import { expect } from "vitest";
import { valid } from "../../support/classic-files.ts";
import { newCore } from "../../support/core-builds.ts";
import { encodeFile, validParts } from "../../support/model-bytes.ts";
import { makePassiveModel } from "../../support/passive-models.ts";
import { expectAgreement, fileEdited, jsonOf } from "../../support/reader-agreement.ts";
import { damagedBytes, damagedJson } from "../mutate.ts";
import type { Target } from "../target.ts";

const FILES = [
  valid,
  encodeFile(validParts()),
  writeModelFile(makePassiveModel({ seed: 6 })),
  writeModelFile(makePassiveModel({ filters: 2, controls: 1, excitations: 2, hidden: 2, seed: 5 })),
  writeModelFile(makePassiveModel({ filters: 2, coupling: 1, hidden: 2, seed: 7 })),
];

/** What a safetensors header holds, its description parsed. */
interface Described {
  description: unknown;
  rest: Record<string, unknown>;
}

function describe(file: Uint8Array): Described {
  const { __metadata__, ...rest } = JSON.parse(jsonOf(file));
  return { description: JSON.parse(__metadata__["neural-string"]), rest };
}

/** The file that says so, over the bytes of another. */
function saying(file: Uint8Array, described: unknown): Uint8Array {
  const { description, rest } = Object(described) as Partial<Described>;
  const header = { __metadata__: { "neural-string": JSON.stringify(description) ?? "" }, ...rest };
  return fileEdited(file, () => JSON.stringify(header));
}

/** A change of one tensor's length, as a writer would make it that lays out the file afresh. */
interface Resizing {
  which: number;
  /** Numbers more, or fewer. */
  more: number;
  /** Whether the shape says so, in its last dimension, or is as it was. */
  isSaid: boolean;
}

/** The file with one tensor longer or shorter, and all places as they then are: sizes that lie without a gap or overlap. */
function resized(file: Uint8Array, { which, more, isSaid }: Resizing): Uint8Array {
  const { __metadata__, ...tensors } = JSON.parse(jsonOf(file));
  const body = file.subarray(8 + Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true)));
  const entries = Object.entries(
    tensors as Record<string, { shape: number[]; data_offsets: [number, number] }>,
  );
  entries.sort(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0]);
  const parts: Uint8Array[] = [];
  let place = 0;
  for (const [i, [, entry]] of entries.entries()) {
    const [start, end] = entry.data_offsets;
    const length = Math.max(0, end - start + (i === which % entries.length ? 4 * more : 0));
    const part = new Uint8Array(length);
    part.set(body.subarray(start, Math.min(end, start + length)));
    parts.push(part);
    entry.data_offsets = [place, place + length];
    place += length;
    if (i !== which % entries.length || !isSaid) continue;
    const rows = entry.shape.slice(0, -1).reduce((a, b) => a * b, 1);
    entry.shape[entry.shape.length - 1] = length / 4 / rows;
  }
  const header = Buffer.from(JSON.stringify({ __metadata__, ...Object.fromEntries(entries) }));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(header.length));
  return new Uint8Array(Buffer.concat([size, header, ...parts]));
}

/** Demand that a model that was accepted makes a string, and that the string sounds of numbers. */
function expectPlays(bytes: Uint8Array): void {
  const model = readModelFile(bytes);
  const core = newCore("simd");
  let string: Resonator;
  try {
    string = new Resonator(core, model);
  } catch (error) {
    // a pitch or a length that no string of this engine has; said, not crashed into
    expect(error).toBeInstanceOf(RangeError);
    return;
  }
  if (model.kind === "passive" && model.excitations.length > 0) string.pluck();
  else string.excite(new Float32Array(string.wantedHistory).fill(0.1), { guardHeadroom: 4 });
  const sound = new Float32Array(64);
  string.process(sound);
  expect(sound.every((x) => Math.abs(x) <= 1e15)).toBe(true);
}

export const modelFiles: Target<Uint8Array> = {
  name: "model-files",
  what: "damaged model files, both readers",
  kept: "bytes",
  shortRun: 250,
  cases: (corpus) => {
    const described = fc.nat(FILES.length - 1).chain((which) => {
      const file = FILES[which];
      return damagedJson([describe(file)]).map((say) => saying(file, say));
    });
    const lying = fc
      .record({
        file: fc.constantFrom(...FILES),
        how: fc.record({ which: fc.nat(20), more: fc.integer({ min: -9, max: 9 }), isSaid: fc.boolean() }),
      })
      .map(({ file, how }) => resized(file, how));
    return fc.oneof(
      { arbitrary: described, weight: 5 },
      { arbitrary: lying, weight: 1 },
      { arbitrary: damagedBytes([...FILES, ...corpus]), weight: 4 },
      { arbitrary: fc.uint8Array({ maxLength: 200 }), weight: 1 },
    );
  },
  check: (bytes) => {
    if (expectAgreement(bytes) === "read") expectPlays(bytes);
    else readOrRefuse(bytes);
  },
};

/** core-wasm may ignore what shared refuses; what it reads then must play as well. */
function readOrRefuse(bytes: Uint8Array): void {
  try {
    readModelFile(bytes);
  } catch (error) {
    if (!(error instanceof ModelFileError)) throw error;
    return;
  }
  expectPlays(bytes);
}
