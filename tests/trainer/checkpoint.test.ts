// Training states on disk: what is written is what is read, and what is not one says so in one sentence.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Tensor, writeSafetensors } from "@neural-string/shared";
import { readCheckpoint, writeCheckpoint } from "@neural-string/trainer/checkpoint";
import type { TrainingState } from "@neural-string/trainer/core/train";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/audio-files.ts";
import { expectSameState } from "../support/training-state.ts";

const folder = temporaryFolder();
const tensor = (...numbers: number[]): Tensor => ({
  shape: [1, numbers.length],
  data: Float32Array.from(numbers),
});
const state: TrainingState = {
  step: 17,
  bestStep: 10,
  bestScoreDb: 1 / 3,
  sinceBest: 2,
  epochLoss: 0.1 + 0.2,
  epochUpdates: 7,
  parameters: new Map([["layers.0.weight", tensor(1e-40, -0, 3.4e38)]]),
  optimizer: new Map([
    ["m.layers.0.weight", tensor(0.1, 0.2, 0.3)],
    ["v.layers.0.weight", tensor(1e-30, 0, 1)],
  ]),
};

const file = (name: string) => join(folder, name);
const withText = (name: string, text: string) => {
  writeFileSync(
    file(name),
    writeSafetensors({ metadata: { "neural-string-checkpoint": text }, tensors: new Map() }),
  );
  return file(name);
};

describe("writeCheckpoint", () => {
  test("a state that is written and read has the same bits", () => {
    writeCheckpoint(file("state.safetensors"), state);
    expectSameState(readCheckpoint(file("state.safetensors")), state);
  });

  test("writing again replaces the file and leaves nothing beside it", () => {
    mkdirSync(file("checkpoints"));
    const path = file("checkpoints/last.safetensors");
    writeCheckpoint(path, state);
    writeCheckpoint(path, { ...state, step: 18 });
    expect(readCheckpoint(path).step).toBe(18);
    expect(readdirSync(file("checkpoints"))).toEqual(["last.safetensors"]);
  });

  test("a folder that is not there is one sentence", () => {
    expect(() => writeCheckpoint(join("nowhere", "x"), state)).toThrowErrorMatchingInlineSnapshot(
      `[UserError: nowhere/x: cannot be written: its folder does not exist; make it first]`,
    );
  });
});

describe("readCheckpoint", () => {
  const message = (path: string) => {
    try {
      readCheckpoint(path);
    } catch (error) {
      return `${(error as Error).name}: ${(error as Error).message.replaceAll(`${folder}/`, "")}`;
    }
    return "no error";
  };

  test("what is missing, damaged or something else says so in one sentence", () => {
    writeFileSync(file("text"), "hello");
    writeFileSync(file("foreign"), writeSafetensors({ metadata: { format: "pt" }, tensors: new Map() }));
    writeCheckpoint(file("whole"), state);
    writeFileSync(file("short"), readFileSync(file("whole")).subarray(0, -4));
    const counters = {
      schema: 1,
      step: 1,
      bestStep: 0,
      bestScoreDb: 1,
      sinceBest: 0,
      epochLoss: 0,
      epochUpdates: 0,
    };
    expect(
      [
        file("missing"),
        file("text"),
        file("foreign"),
        file("short"),
        withText("words", "hello"),
        withText("future", JSON.stringify({ ...counters, schema: 2 })),
        withText("fewer", JSON.stringify({ ...counters, step: undefined })),
        withText("more", JSON.stringify({ ...counters, momentum: 1 })),
        withText("negative", JSON.stringify({ ...counters, step: -1 })),
      ].map(message),
    ).toMatchInlineSnapshot(`
      [
        "UserError: missing: expected a checkpoint, got nothing there; check the path",
        "UserError: text: expected a header, got a file of 5 bytes; the file is damaged or not a safetensors file",
        "UserError: foreign: expected a checkpoint of a training run, got another file",
        "UserError: short: tensor "optimizer.v.layers.0.weight": expected data up to byte 36, got a file that ends at 32; the file is damaged or not a safetensors file",
        "UserError: words: expected JSON, got something else (Unexpected token 'h', "hello" is not valid JSON)",
        "UserError: future: schema: expected 1, got 2",
        "UserError: fewer: step: expected a number, got nothing",
        "UserError: more: momentum: unknown key; known here: schema, step, bestStep, bestScoreDb, sinceBest, epochLoss, epochUpdates",
        "UserError: negative: step: expected at least 0, got -1",
      ]
    `);
  });
});
