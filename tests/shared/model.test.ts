import {
  type ClassicHeader,
  ModelHeaderSchema,
  modelFeatures,
  parseOrExplain,
  UserError,
} from "@neural-string/shared";
import { describe, expect, test } from "vitest";

const header: ClassicHeader = {
  schema: 1,
  kind: "classic",
  sampleRate: 8000,
  f0: 1000,
  tapPattern: [{ periodFraction: 1, before: 0, after: 0 }],
  layers: [{ units: 1, activation: "linear" }],
  controls: 0,
};
const decay = { kind: "decay", window: 100, mean: -0.1, scale: 0.04 } as const;

describe("modelFeatures", () => {
  test("the origin's flag is one decay feature of 550 samples with an unknown mean", () => {
    expect(modelFeatures(header)).toEqual([]);
    expect(modelFeatures({ ...header, decayFeature: false })).toEqual([]);
    expect(modelFeatures({ ...header, decayFeature: true })).toEqual([
      { kind: "decay", window: 550, mean: null, scale: 0.04 },
    ]);
  });

  test("a list of features overrules the flag", () => {
    expect(modelFeatures({ ...header, decayFeature: true, features: [] })).toEqual([]);
    expect(modelFeatures({ ...header, decayFeature: true, features: [decay] })).toEqual([decay]);
  });
});

describe("ModelHeaderSchema", () => {
  test("a header keeps all that it says", () => {
    const full = {
      ...header,
      name: "A1",
      features: [decay],
      provenance: { recordings: [{ name: "a.wav", sha256: "00", licence: "CC0" }], seed: 1, more: [1] },
      check: { past: [0, 1], expected: [0.5] },
    };
    expect(parseOrExplain(ModelHeaderSchema, full, "model")).toEqual(full);
  });

  test.each([
    [{ schema: 2 }, "schema: expected 1, got 2"],
    [{ kind: "drum" }, 'kind: expected one of classic, passive, got "drum"'],
    [{ sampleRate: 10 }, "sampleRate: expected at least 1000, got 10"],
    [{ f0: 0 }, "f0: expected at least 1, got 0"],
    [{ tapPattern: [] }, "tapPattern: expected a list of at least 1, got []"],
    [
      { tapPattern: [{ periodFraction: 1, before: -1, after: 0 }] },
      "tapPattern.0.before: expected at least 0, got -1",
    ],
    [{ layers: [] }, "layers: expected a list of at least 1, got []"],
    [
      { layers: [{ units: 1, activation: "tanhh" }] },
      'layers.0.activation: expected one of linear, tanh, relu, got "tanhh"; did you mean "tanh"?',
    ],
    [{ controls: 65 }, "controls: expected at most 64, got 65"],
    [{ decayFeature: 1 }, "decayFeature: expected true or false, got 1"],
    [{ features: [{ ...decay, scale: 0 }] }, "features.0.scale: expected at least 1e-9, got 0"],
    [{ features: [{ ...decay, mean: undefined }] }, "features.0.mean: expected a number, got nothing"],
    [{ check: { past: [], expected: [] } }, "check.expected: expected a list of at least 1, got []"],
    [{ provenance: { recordings: [{}] } }, "provenance.recordings.0.name: expected a text, got nothing"],
    [{ provenance: { versions: [] } }, "provenance.versions: expected an object, got []"],
  ])("%j is refused", (change, expected) => {
    expect(() => parseOrExplain(ModelHeaderSchema, { ...header, ...change }, "model")).toThrow(
      new UserError(`model: ${expected}`),
    );
  });
});
