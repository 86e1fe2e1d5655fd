// Reading a model: what is valid comes through unchanged; what is damaged is refused with its own sentence and
// nothing else, whatever the damage.
import { ModelFileError, readModelFile, tapDelays } from "@neural-string/core-wasm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expectSameBits } from "../support/closeness.ts";
import {
  encodeFile,
  expectModelOrSentence,
  fileWith,
  readClassic,
  validParts,
  withMeta,
  withParts,
  withTensor,
  withTensors,
} from "../support/model-bytes.ts";

const damaged = "; the file is damaged or not ours";

describe("readModelFile, valid files", () => {
  test("gives the description, the delays and the tensors", () => {
    const parts = validParts();
    const model = readClassic(encodeFile(parts));
    expect(model).toMatchObject({
      kind: "classic",
      name: "Saite ä€𝄞",
      sampleRate: 1000,
      f0: 100,
      controls: 1,
    });
    expect([...model.delays]).toEqual([9, 10, 11, 5]);
    expect(model.features).toEqual([{ kind: "decay", window: 550, mean: null, scale: 0.04 }]);
    expect(model.layers.map(({ inputs, units, activation }) => [inputs, units, activation])).toEqual([
      [6, 3, "tanh"],
      [3, 1, "linear"],
    ]);
    expectSameBits(model.layers[0].weight, parts.data.subarray(0, 18));
    expectSameBits(model.layers[0].bias ?? [], parts.data.subarray(18, 21));
    expectSameBits(model.layers[1].weight, parts.data.subarray(21, 24));
    expect(model.layers[1].bias).toBeNull();
  });

  test("takes Node's Buffers at any offset, and keeps no part of them", () => {
    const bytes = encodeFile(validParts());
    const expected = readModelFile(bytes);
    for (let offset = 0; offset < 5; offset++) {
      const buffer = Buffer.alloc(bytes.length + 8).subarray(offset, offset + bytes.length);
      buffer.set(bytes);
      const model = readModelFile(buffer);
      buffer.fill(255);
      expect(model).toEqual(expected);
    }
  });

  test("takes tensors in any order and place, and features with a mean", () => {
    const bytes = fileWith((parts) => {
      parts.tensors = Object.fromEntries(Object.entries(parts.tensors).reverse());
      parts.meta.features = [{ kind: "decay", window: 10, mean: -0.1, scale: 2 }];
    });
    expect(readClassic(bytes).features).toEqual([{ kind: "decay", window: 10, mean: -0.1, scale: 2 }]);
  });

  test("tap patterns: delays as given, those below 1 dropped", () => {
    const pattern = [
      { periodFraction: 0.25, before: 1, after: 1 },
      { periodFraction: 0, before: 0, after: 2 },
    ];
    expect([...tapDelays(pattern, 44100, 82.46)]).toEqual([132, 133, 134, 1, 2]);
  });
});

describe("readModelFile, damaged files", () => {
  const cases: [string, Uint8Array, string][] = [
    ["no description", withParts({ metaText: "?" }), '__metadata__["neural-string"]: expected JSON'],
    ["a number", withParts({ metaText: "3" }), "expected a JSON object, got 3"],
    ["schema 2", withMeta({ schema: 2 }), `schema: expected 1, got 2${damaged}`],
    ["no schema", withMeta({ schema: undefined }), "schema: expected 1, got nothing"],
    ["another kind", withMeta({ kind: "drum" }), 'kind: expected "classic" or "passive", got "drum"'],
    [
      "no sample rate",
      withMeta({ sampleRate: null }),
      "sampleRate: expected a number from 1000 to 1000000, got null",
    ],
    ["f0 0", withMeta({ f0: 0 }), "f0: expected a number from 1 to 500, got 0"],
    ["no taps", withMeta({ tapPattern: [] }), "tapPattern: expected a list of 1 to 64, got 0"],
    [
      "taps below 1",
      withMeta({ tapPattern: [{ periodFraction: 0, before: 3, after: 0 }] }),
      `tapPattern: expected at least one delay of 1 sample or more, got none${damaged}`,
    ],
    [
      "taps far away",
      withMeta({ sampleRate: 1e6, f0: 1, tapPattern: [{ periodFraction: 64, before: 0, after: 0 }] }),
      "tapPattern.0: expected delays up to 4194304, got a longer one",
    ],
    [
      "half a tap",
      withMeta({ tapPattern: [{ periodFraction: 1, before: 0.5, after: 0 }] }),
      "tapPattern.0.before: expected a whole number from 0 to 4096, got 0.5",
    ],
    ["no layers", withMeta({ layers: undefined }), "layers: expected a list of 1 to 64, got nothing"],
    [
      "two outputs",
      withMeta({ layers: [{ units: 2, activation: "tanh" }] }),
      "layers: expected a last layer of 1 unit, got 2",
    ],
    [
      "an unknown activation",
      withMeta({ layers: [{ units: 1, activation: "gelu" }] }),
      'layers.0.activation: expected linear, tanh, relu, got "gelu"',
    ],
    ["half a control", withMeta({ controls: 0.5 }), "controls: expected a whole number from 0 to 64"],
    ["an unknown feature", withMeta({ features: [{}] }), "features.0: expected a decay feature"],
    [
      "a feature without scale",
      withMeta({ features: [{ kind: "decay", window: 9, mean: null, scale: 0 }] }),
      "features.0.scale: expected a number from 1e-9 to 1000000000, got 0",
    ],
    [
      "a missing tensor",
      withTensors({ "layers.1.weight": undefined }),
      "layers.1.weight: expected a tensor of shape [1,3], got none",
    ],
    [
      "an extra tensor",
      withTensors({ "layers.2.weight": validParts().tensors["layers.1.weight"] }),
      "layers.2.weight: expected only the tensors of its layers, got a tensor no layer uses",
    ],
    [
      "a bias that is no tensor",
      withTensors({ "layers.1.bias": null }),
      "layers.1.bias: expected a tensor of shape [1], got none",
    ],
    [
      "a wrong shape",
      withTensor("layers.0.weight", { shape: [6, 3] }),
      `layers.0.weight: expected shape [3,6], got [6,3]${damaged}`,
    ],
    ["float16", withTensor("layers.0.bias", { dtype: "F16" }), 'expected dtype F32, got "F16"'],
    [
      "a short body",
      withParts({ data: validParts().data.subarray(0, 20) }),
      "expected data up to byte 84, got a file that ends at 80",
    ],
    [
      "too few bytes for a shape",
      withTensor("layers.0.bias", { data_offsets: [72, 80] }),
      "layers.0.bias: expected 12 bytes, got 8",
    ],
    [
      "offsets beyond the end",
      withTensor("layers.0.bias", { data_offsets: [1000, 1012] }),
      "layers.0.bias: expected data up to byte 1012, got a file that ends at 96",
    ],
    [
      "negative offsets",
      withTensor("layers.0.bias", { data_offsets: [-12, 0] }),
      "layers.0.bias: expected data_offsets, got [-12,0]",
    ],
    [
      "no offsets",
      withTensor("layers.0.bias", { data_offsets: undefined }),
      "expected data_offsets, got nothing",
    ],
    [
      "a NaN weight",
      fileWith((p) => p.data.set([Number.NaN], 5)),
      "layers.0.weight: expected finite numbers, got NaN at 5",
    ],
    [
      "an infinite bias",
      fileWith((p) => p.data.set([Number.POSITIVE_INFINITY], 19)),
      "layers.0.bias: expected finite numbers, got Infinity at 1",
    ],
  ];

  test.each(cases)("%s", (_, bytes, sentence) => {
    expect(() => readModelFile(bytes)).toThrow(ModelFileError);
    expect(() => readModelFile(bytes)).toThrow(sentence);
  });

  test("any value in any place of the description or the header never does anything else", () => {
    const anything = fc.jsonValue({ maxDepth: 3 });
    const metaKeys = fc.constantFrom(
      ...Object.keys(validParts().meta),
      "features",
      "__proto__",
      "decayFeature",
    );
    fc.assert(
      fc.property(metaKeys, anything, (key, value) => {
        expectModelOrSentence(
          fileWith((p) => void Object.defineProperty(p.meta, key, { value, enumerable: true })),
        );
      }),
      { numRuns: 2000, seed: 6 },
    );
    const field = fc.constantFrom("dtype", "shape", "data_offsets", "more");
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(validParts().tensors)),
        field,
        anything,
        (name, key, value) => {
          expectModelOrSentence(withTensor(name, { [key]: value }));
        },
      ),
      { numRuns: 2000, seed: 7 },
    );
  });
});
