import {
  type ClassicHeader,
  METADATA_KEY,
  readModelFile,
  type Tensor,
  writeModelFile,
} from "@neural-string/shared";
import { describe, expect, test } from "vitest";
import { fileSaying, fileWith, modelOf, small, valid } from "../support/classic-files.ts";
import { coreSays, fileEdited, sharedSays } from "../support/reader-agreement.ts";

describe("writeModelFile", () => {
  test("the header is JSON text under its key, and all of it survives", () => {
    const header: ClassicHeader = {
      ...small,
      provenance: { recordings: [{ name: "é.wav", sha256: "00" }], config: { any: [1, null] }, seed: 3 },
      check: { past: [0, 0.5], expected: [0.1] },
    };
    const file = modelOf(header);
    expect(readModelFile(writeModelFile(file), "m")).toEqual(file);
  });
});

describe("readModelFile", () => {
  const damaged = "; the file is damaged or not ours";
  const numbers = (shape: number[], ...values: number[]): Tensor => ({
    shape,
    data: Float32Array.from(values),
  });

  test.each<[string, Uint8Array, string]>([
    [
      "another safetensors file",
      fileWith({ metadata: { format: "pt" } }),
      'no "neural-string" in its metadata; this is not a string model (pnpm train writes them)',
    ],
    [
      "text that is not JSON",
      fileWith({ metadata: { [METADATA_KEY]: "" } }),
      "expected JSON, got something else (Unexpected end of JSON input)",
    ],
    ["a later schema version", fileSaying({ ...small, schema: 2 }), "schema: expected 1, got 2"],
    [
      "an unknown kind",
      fileSaying({ ...small, kind: "drum" }),
      'kind: expected one of classic, passive, got "drum"',
    ],
    [
      "an f0 beyond half the sample rate",
      fileSaying({ ...small, f0: 4001 }),
      `f0: expected at most 4000, got 4001${damaged}`,
    ],
    [
      "taps below 1 only",
      fileSaying({ ...small, tapPattern: [{ periodFraction: 0, before: 1, after: 0 }] }),
      `tapPattern: expected at least one delay of 1 sample or more, got none${damaged}`,
    ],
    [
      "taps beyond all strings",
      fileSaying({
        ...small,
        sampleRate: 1e6,
        f0: 1,
        tapPattern: [{ periodFraction: 5, before: 0, after: 0 }],
      }),
      `tapPattern.0: expected delays up to 4194304, got a longer one${damaged}`,
    ],
    [
      "two outputs",
      fileSaying({ ...small, layers: [{ units: 2, activation: "tanh" }] }),
      `layers: expected a last layer of 1 unit, got 2${damaged}`,
    ],
    [
      "a weight that is missing",
      fileWith({ tensors: { "layers.1.weight": undefined } }),
      `layers.1.weight: expected a tensor of shape [1,2], got none${damaged}`,
    ],
    [
      "weights of another shape",
      fileSaying({ ...small, controls: 2 }),
      `layers.0.weight: expected shape [2,5], got [2,4]${damaged}`,
    ],
    [
      "a bias of another shape",
      fileWith({ tensors: { "layers.0.bias": numbers([1, 2], 0, 0) } }),
      `layers.0.bias: expected shape [2], got [1,2]${damaged}`,
    ],
    [
      "a weight that is not a number",
      fileWith({ tensors: { "layers.1.weight": numbers([1, 2], 0, Number.NaN) } }),
      `layers.1.weight: expected finite numbers, got NaN at 1${damaged}`,
    ],
    [
      "an infinite bias",
      fileWith({ tensors: { "layers.1.bias": numbers([1], -Infinity) } }),
      `layers.1.bias: expected finite numbers, got -Infinity at 0${damaged}`,
    ],
    [
      "a tensor no layer uses",
      fileWith({ tensors: { "layers.2.weight": numbers([1], 0) } }),
      `tensor "layers.2.weight": used by no layer${damaged}`,
    ],
    [
      "an unused tensor named __proto__",
      fileEdited(
        valid,
        (json) => `${json.slice(0, -1)},"__proto__":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}`,
      ),
      `tensor "__proto__": used by no layer${damaged}`,
    ],
  ])("%s is refused, by core-wasm too", (_, bytes, expected) => {
    expect(sharedSays(bytes)).toBe(`m: ${expected}`);
    expect(coreSays(bytes)).toMatch(/^.{1,300}$/);
  });

  test("what another program adds to the header is let be", () => {
    expect(sharedSays(fileSaying({ ...small, licence: "CC0-1.0" }))).toBe("");
  });
});
