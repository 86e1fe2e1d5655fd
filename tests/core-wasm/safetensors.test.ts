// The container of model files: whatever bytes come, the reader gives a model or one sentence, and reads nothing twice
// or beside them.
import { ModelFileError, readModelFile } from "@neural-string/core-wasm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  encodeFile,
  expectModelOrSentence,
  fileWith,
  validParts,
  withParts,
} from "../support/model-bytes.ts";

const damaged = "; the file is damaged or not ours";

describe("splitFile and readTensor", () => {
  const cases: [string, Uint8Array, string][] = [
    ["nothing", new Uint8Array(0), `file: expected a safetensors file, got 0 bytes${damaged}`],
    [
      "foreign bytes",
      Buffer.from("RIFF....WAVEfmt ...."),
      "header: expected at most 12 bytes, got a claim of",
    ],
    [
      "a header of 2^60 bytes",
      withParts({ headerBytes: 2n ** 60n }),
      "got a claim of 1152921504606847000; the file",
    ],
    [
      "a header of more than a mebibyte",
      withParts({ headerText: `{}${" ".repeat(1 << 20)}` }),
      `header: expected at most 1048576 bytes, got a claim of 1048578${damaged}`,
    ],
    ["no JSON", withParts({ headerText: "{" }), `header: expected JSON, got something else${damaged}`],
    ["a list", withParts({ headerText: "[[]]" }), "header: expected a JSON object, got a list of 1"],
    ["nothing", withParts({ headerText: "null" }), "header: expected a JSON object, got null"],
    [
      "another program's file",
      withParts({ headerText: '{"__metadata__":{"format":"pt"}}' }),
      `__metadata__["neural-string"]: expected a description of the string, got none${damaged}`,
    ],
    [
      "a shape nested beyond any stack",
      fileWith((p) => {
        const nested = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
        p.headerText = JSON.stringify(p.header()).replace("[3,6]", nested);
      }),
      "layers.0.weight: expected shape [3,6], got a list of 1",
    ],
  ];

  test.each(cases)("%s", (_, bytes, sentence) => {
    expect(() => readModelFile(bytes)).toThrow(ModelFileError);
    expect(() => readModelFile(bytes)).toThrow(sentence);
  });

  test("random bytes changed, cut or added never do anything else", () => {
    const valid = encodeFile(validParts());
    const flips = fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
    const property = fc.property(flips, fc.nat(valid.length), fc.boolean(), (list, length, cut) => {
      const bytes = valid.slice(0, cut ? length : valid.length);
      for (const [at, value] of list) if (at < bytes.length) bytes[at] = value;
      expectModelOrSentence(bytes);
    });
    fc.assert(property, { numRuns: 3000, seed: 5 });
  });
});
