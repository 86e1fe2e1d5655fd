// Reading a passive model: what is valid comes through unchanged; what is damaged, or breaks its certificate, is
// refused with its own sentence.
import { ModelFileError, readModelFile } from "@neural-string/core-wasm";
import { writeModelFile } from "@neural-string/shared";
import { describe, expect, test } from "vitest";
import { BAD_PASSIVE_MODELS, encodePassive, mixed, single } from "../support/bad-passive-models.ts";

describe("readModelFile, passive", () => {
  test.each([
    ["with a mixture", mixed],
    ["with one filter", single],
  ])("a string %s comes through as it was made", (_, make) => {
    const made = make();
    expect(readModelFile(writeModelFile(made))).toEqual(made.model);
  });

  test("an excitation that names no controls stands at 0", () => {
    const { header, tensors, model } = mixed();
    const [{ controls, ...bare }, second] = header.excitations;
    const bytes = encodePassive({ ...header, excitations: [bare, second] }, tensors);
    expect(controls).not.toEqual([0, 0]);
    expect(readModelFile(bytes)).toEqual({
      ...model,
      excitations: [{ ...model.excitations[0], controls: [0, 0] }, model.excitations[1]],
    });
  });

  test("keeps no part of the file", () => {
    const made = mixed();
    const bytes = Buffer.from(writeModelFile(made));
    const model = readModelFile(bytes);
    bytes.fill(255);
    expect(model).toEqual(made.model);
  });

  test.each(BAD_PASSIVE_MODELS)("%s is refused", (_, file, shared, sentence = shared) => {
    const bytes = file();
    expect(() => readModelFile(bytes)).toThrow(ModelFileError);
    expect(() => readModelFile(bytes)).toThrow(sentence);
    expect(() => readModelFile(bytes)).toThrow(/^[^\n]{1,300}; the file is damaged or not ours$/);
  });
});
