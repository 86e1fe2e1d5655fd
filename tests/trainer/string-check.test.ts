// A model file proves itself: what plays must equal what float64 computed when it was exported.
import { type ClassicHeader, type ModelFile, readModelFile, writeModelFile } from "@neural-string/shared";
import { loadCore } from "@neural-string/trainer/core-build";
import { CHECK_TOLERANCE_DB, checkDeviationDb, makeCheck } from "@neural-string/trainer/string-check";
import { describe, expect, test } from "vitest";

const header: ClassicHeader = {
  schema: 1,
  kind: "classic",
  sampleRate: 44100,
  f0: 220,
  tapPattern: [
    { periodFraction: 1, before: 1, after: 1 },
    { periodFraction: 0.5, before: 0, after: 0 },
  ],
  layers: [
    { units: 5, activation: "tanh" },
    { units: 1, activation: "linear" },
  ],
  controls: 1,
};

function modelFile(): ModelFile {
  const wave = (count: number, scale: number) =>
    Float32Array.from({ length: count }, (_, i) => scale * Math.sin(i + 1));
  const tensors = new Map([
    ["layers.0.weight", { shape: [5, 5], data: wave(25, 0.5) }],
    ["layers.0.bias", { shape: [5], data: wave(5, 0.01) }],
    ["layers.1.weight", { shape: [1, 5], data: wave(5, 0.4) }],
    ["layers.1.bias", { shape: [1], data: wave(1, 0.01) }],
  ]);
  return { header, tensors };
}

describe("makeCheck", () => {
  test("a model that was written and read again plays its proof", () => {
    const core = loadCore();
    const file = modelFile();
    const check = makeCheck(core, header, file.tensors);
    expect(check.past).toHaveLength(201);
    const read = readModelFile(writeModelFile({ ...file, header: { ...header, check } }), "model");
    const deviation = checkDeviationDb(core, read);
    expect(deviation).toBeLessThan(CHECK_TOLERANCE_DB - 20);
  });

  test("a model whose weights were changed does not", () => {
    const core = loadCore();
    const file = modelFile();
    const check = makeCheck(core, header, file.tensors);
    const weight = file.tensors.get("layers.1.weight");
    if (weight) weight.data[0] *= 1.01;
    expect(checkDeviationDb(core, { ...file, header: { ...header, check } })).toBeGreaterThan(
      CHECK_TOLERANCE_DB,
    );
  });

  test("a model without a proof is not judged", () => {
    expect(checkDeviationDb(loadCore(), modelFile())).toBeNull();
  });
});
