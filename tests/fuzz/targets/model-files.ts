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
    return fc.oneof(
      { arbitrary: described, weight: 5 },
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
