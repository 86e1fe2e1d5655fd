import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as core from "@neural-string/core-wasm";
import {
  type ClassicHeader,
  classicLayout,
  countInputs,
  layOut,
  readModelFile,
  tapDelays,
} from "@neural-string/shared";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const header: ClassicHeader = {
  schema: 1,
  kind: "classic",
  sampleRate: 8000,
  f0: 1000,
  tapPattern: [{ periodFraction: 1, before: 1, after: 0 }],
  layers: [
    { units: 3, activation: "tanh" },
    { units: 1, activation: "linear" },
  ],
  controls: 2,
};

describe("countInputs", () => {
  test("taps, controls and features are counted, taps below one sample are not", () => {
    expect(countInputs(header)).toBe(4);
    expect(countInputs({ ...header, decayFeature: true })).toBe(5);
    expect(countInputs({ ...header, tapPattern: [{ periodFraction: 0, before: 3, after: 2 }] })).toBe(4);
  });
});

describe("classicLayout", () => {
  test("each layer has a weight [out, in], and a bias if asked for", () => {
    expect(classicLayout(header, true)).toEqual([
      { name: "layers.0.weight", shape: [3, 4], offset: 0, size: 12 },
      { name: "layers.0.bias", shape: [3], offset: 12, size: 3 },
      { name: "layers.1.weight", shape: [1, 3], offset: 15, size: 3 },
      { name: "layers.1.bias", shape: [1], offset: 18, size: 1 },
    ]);
    expect(classicLayout(header, false).map(({ name, offset }) => [name, offset])).toEqual([
      ["layers.0.weight", 0],
      ["layers.1.weight", 12],
    ]);
  });

  test("the origin's model has the tensors its layout says", ({ skip }) => {
    const golden = fileURLToPath(
      new URL("../../../shared/reference/classic-strat.safetensors", import.meta.url),
    );
    skip(!existsSync(golden), "the origin's model is not part of the repository");
    const bytes = readFileSync(golden);
    const { header, tensors } = readModelFile(bytes, "classic-strat.safetensors");
    const model = core.readModelFile(bytes);
    if (header.kind !== "classic" || model.kind !== "classic") throw new Error("expected a classic string");
    const expected = {
      "layers.0.weight": [100, 22],
      "layers.0.bias": [100],
      "layers.1.weight": [1, 100],
      "layers.1.bias": [1],
    };
    expect(Object.fromEntries(classicLayout(header, true).map(({ name, shape }) => [name, shape]))).toEqual(
      expected,
    );
    expect(Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape]))).toEqual(expected);
    expect(model.delays).toEqual(tapDelays(header.tapPattern, header.sampleRate, header.f0));
    expect(model.layers[0].weight).toEqual(tensors.get("layers.0.weight")?.data);
  });
});

describe("layOut", () => {
  test("tensors lie one after the other, without gap or overlap", () => {
    const shapes = fc.array(fc.array(fc.nat(5), { maxLength: 3 }), { maxLength: 8 });
    fc.assert(
      fc.property(shapes, (list) => {
        const slots = layOut(list.map((shape, i) => ({ name: `t${i}`, shape })));
        let place = 0;
        for (const [i, { name, shape, offset, size }] of slots.entries()) {
          expect({ name, shape, offset }).toEqual({ name: `t${i}`, shape: list[i], offset: place });
          place += size;
        }
      }),
      { seed: 1 },
    );
    expect(layOut([])).toEqual([]);
    expect(layOut([{ name: "a scalar", shape: [] }])[0].size).toBe(1);
  });
});
