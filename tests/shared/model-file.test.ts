import {
  type ClassicHeader,
  classicLayout,
  METADATA_KEY,
  type ModelFile,
  readModelFile,
  type Tensor,
  writeModelFile,
  writeSafetensors,
} from "@neural-string/shared";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  coreSays,
  expectAgreement,
  fieldPaths,
  fileEdited,
  IGNORED,
  jsonOf,
  put,
  sharedSays,
} from "../support/reader-agreement.ts";

const small: ClassicHeader = {
  schema: 1,
  kind: "classic",
  name: "A1",
  sampleRate: 8000,
  f0: 1000,
  tapPattern: [{ periodFraction: 1, before: 1, after: 0 }],
  layers: [
    { units: 2, activation: "tanh" },
    { units: 1, activation: "linear" },
  ],
  controls: 1,
  features: [{ kind: "decay", window: 10, mean: null, scale: 0.04 }],
};

/** A model with made-up weights for its header; the second layer has no bias. */
function modelOf(header: ClassicHeader = small): ModelFile {
  const slots = classicLayout(header, true).filter(({ name }) => name !== "layers.1.bias");
  const tensorOf = ({ shape, size, offset }: (typeof slots)[number]): Tensor => ({
    shape,
    data: Float32Array.from({ length: size }, (_, i) => Math.fround(0.01 * (offset + i) - 0.05)),
  });
  return { header, tensors: new Map(slots.map((slot) => [slot.name, tensorOf(slot)])) };
}

/** The small model's file with another header text or other tensors. */
function fileWith(change: {
  metadata?: Record<string, string>;
  tensors?: Record<string, Tensor | undefined>;
}) {
  const { header, tensors } = modelOf();
  for (const [name, tensor] of Object.entries(change.tensors ?? {})) {
    if (tensor === undefined) tensors.delete(name);
    else tensors.set(name, tensor);
  }
  return writeSafetensors({
    metadata: change.metadata ?? { [METADATA_KEY]: JSON.stringify(header) },
    tensors,
  });
}

const valid = writeModelFile(modelOf());
const fileSaying = (header: unknown) => fileWith({ metadata: { [METADATA_KEY]: JSON.stringify(header) } });

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

/** What core-wasm has no use for, as it does not change the sound. */
const CORE_IGNORES: [what: string, bytes: Uint8Array][] = [
  [
    "unknown keys of a layer",
    fileSaying({ ...small, layers: small.layers.map((layer) => ({ ...layer, seed: 1 })) }),
  ],
  ["a name that is no text", fileSaying({ ...small, name: 1 })],
  ["provenance", fileSaying({ ...small, provenance: 1 })],
  ["the check", fileSaying({ ...small, check: { past: [] } })],
  [
    "other metadata that is not text",
    fileEdited(valid, (json) => json.replace('{"__metadata__":{', '{"__metadata__":{"more":1,')),
  ],
];

describe("readModelFile of shared and of core-wasm", () => {
  test("valid models are read alike", () => {
    const layer = fc.record({
      units: fc.integer({ min: 1, max: 5 }),
      activation: fc.constantFrom("linear", "tanh", "relu"),
    });
    const header = fc.record(
      {
        schema: fc.constant(1),
        kind: fc.constant("classic"),
        name: fc.string({ unit: "grapheme" }),
        sampleRate: fc.constantFrom(8000, 44100),
        f0: fc.double({ min: 20, max: 4000, noNaN: true }),
        tapPattern: fc.array(
          fc.record({
            periodFraction: fc.constantFrom(0.5, 1, 2),
            before: fc.nat(2),
            after: fc.integer({ min: 1, max: 3 }),
          }),
          { minLength: 1, maxLength: 3 },
        ),
        layers: fc
          .array(layer, { maxLength: 3 })
          .map((hidden) => [...hidden, { units: 1, activation: "linear" as const }]),
        controls: fc.nat(2),
        decayFeature: fc.boolean(),
        features: fc.array(
          fc.constantFrom(...(small.features ?? []), { kind: "decay", window: 3, mean: -1, scale: 2 }),
        ),
      },
      {
        requiredKeys: ["schema", "kind", "sampleRate", "f0", "tapPattern", "layers", "controls"],
        noNullPrototype: true,
      },
    ) as fc.Arbitrary<ClassicHeader>;
    fc.assert(
      fc.property(header, (say) => {
        expect(expectAgreement(writeModelFile(modelOf(say)))).toBe("read");
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test("models at the limits are read alike", () => {
    const taps = (sampleRate: number, f0: number, ...fractions: number[]) => ({
      ...small,
      sampleRate,
      f0,
      tapPattern: fractions.map((periodFraction) => ({ periodFraction, before: 0, after: 0 })),
    });
    for (const header of [taps(8000, 4000, 1), taps(1_000_000, 1, 4.194304), taps(1000, 1, 64, 0)])
      expect(expectAgreement(writeModelFile(modelOf(header)))).toBe("read");
  });

  test.each(CORE_IGNORES)("core-wasm ignores %s, shared refuses it", (_, bytes) => {
    expect(coreSays(bytes)).toBe("");
    expect(IGNORED.some((known) => known.test(sharedSays(bytes)))).toBe(true);
  });

  test("a file cut anywhere is refused by both", () => {
    const bytes = valid;
    for (let length = 0; length < bytes.length; length++) {
      expect(sharedSays(bytes.subarray(0, length))).not.toBe("");
      expect(coreSays(bytes.subarray(0, length))).not.toBe("");
    }
  });

  test("files with changed bytes are read alike or refused by both", () => {
    const bytes = valid;
    const flip = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }));
    const seen = { read: 0, refused: 0 };
    fc.assert(
      fc.property(
        fc.array(flip, { minLength: 1, maxLength: 3 }),
        fc.uint8Array({ maxLength: 3 }),
        (flips, tail) => {
          const changed = bytes.slice();
          for (const [at, mask] of flips) changed[at] ^= mask;
          seen[expectAgreement(Buffer.concat([changed, tail]))]++;
          seen[expectAgreement(changed)]++;
        },
      ),
      { seed: 1, numRuns: 3000 },
    );
    expect(Math.min(seen.read, seen.refused)).toBeGreaterThan(50);
  });

  test("files with any JSON in place of a field, or beside it, are read alike or refused by both", () => {
    const paths = fieldPaths({ ...small, decayFeature: true });
    const value = fc.oneof(
      fc.constantFrom(
        null,
        true,
        -1,
        0,
        -0,
        0.5,
        1,
        2,
        64,
        65,
        4096,
        4097,
        65536,
        2 ** 53,
        1e300,
        "1",
        [],
        {},
        [1],
        "tanh",
      ),
      fc.jsonValue(),
      fc.constant(undefined),
    );
    const seen = { read: 0, refused: 0 };
    fc.assert(
      fc.property(
        fc.constantFrom(...paths),
        fc.option(fc.string(), { freq: 5 }),
        value,
        (path, extra, json) => {
          const header = structuredClone({ ...small, decayFeature: true });
          put(header, extra === null ? path : [...path, extra], json);
          seen[expectAgreement(fileSaying(header))]++;
        },
      ),
      { seed: 1, numRuns: 3000 },
    );
    expect(Math.min(seen.read, seen.refused)).toBeGreaterThan(50);
  });

  test("files with any JSON in place of a tensor's description are read alike or refused by both", () => {
    const whole = JSON.parse(jsonOf(valid));
    const paths = fieldPaths(whole);
    const value = fc.oneof(
      fc.constantFrom(
        null,
        0,
        -0,
        4,
        8,
        12,
        1.5,
        -4,
        2 ** 53,
        1e300,
        "F16",
        [],
        {},
        [2],
        [2, 4],
        "[2,4]",
        [0, 8, 8],
      ),
      fc.jsonValue(),
      fc.constant(undefined),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...paths),
        fc.option(fc.string(), { freq: 3 }),
        value,
        (path, extra, json) => {
          const header = structuredClone(whole);
          put(header, extra === null ? path : [...path, extra], json);
          expectAgreement(fileEdited(valid, () => JSON.stringify(header)));
        },
      ),
      { seed: 1, numRuns: 3000 },
    );
  });

  test("a description nested without end is refused by both, not a crash", () => {
    const deep = `${"[".repeat(1e5)}${"]".repeat(1e5)}`;
    const says = (text: string) => fileWith({ metadata: { [METADATA_KEY]: text } });
    const field = JSON.stringify(small).replace('"controls":1', `"controls":${deep}`);
    for (const bytes of [
      says(deep),
      says(field),
      fileEdited(valid, (json) => `{"w":${deep},${json.slice(1)}`),
    ])
      expect(expectAgreement(bytes)).toBe("refused");
  });
});
