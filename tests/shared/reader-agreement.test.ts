// The two readers of model files, shared's and core-wasm's own, read and refuse the same files.
import { type ClassicHeader, METADATA_KEY, writeModelFile } from "@neural-string/shared";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { repeatedKey as coreRepeatedKey } from "../../packages/core-wasm/src/repeated-key.ts";
import { repeatedKey } from "../../packages/shared/src/repeated-key.ts";
import { fileSaying, fileWith, modelOf, small, valid } from "../support/classic-files.ts";
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
          fc.constantFrom(
            ...(small.features ?? []),
            { kind: "decay", window: 3, mean: -1, scale: 2 },
            { kind: "energy", window: 3, mean: -1, scale: 2 },
            { kind: "accumulated_decay", window: 3, mean: null, scale: 0.5 },
          ),
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

  const twice = (edit: (json: string) => string) => fileEdited(valid, edit);
  const describing = (edit: (text: string) => string) =>
    fileWith({ metadata: { [METADATA_KEY]: edit(JSON.stringify(small)) } });
  const weight = JSON.stringify(JSON.parse(jsonOf(valid))["layers.0.weight"]);

  test.each<[what: string, bytes: Uint8Array, key: string]>([
    ["a tensor", twice((json) => `${json.slice(0, -1)},"layers.0.weight":${weight}}`), "layers.0.weight"],
    [
      "a tensor, escaped",
      twice((json) => `${json.slice(0, -1)} , "layers.\\u0030.weight" : ${weight}}`),
      "layers.0.weight",
    ],
    ["the metadata", twice((json) => `${json.slice(0, -1)},"__metadata__":{}}`), "__metadata__"],
    ["a tensor's field", twice((json) => json.replace('"dtype":', '"dtype":"F32","dtype":')), "dtype"],
    ["the name", describing((text) => text.replace("{", '{"name":"B",')), "name"],
    ["the name, escaped", describing((text) => text.replace("{", '{"\\u006eame":"B",')), "name"],
    ["a layer's units", describing((text) => text.replace('"units":2', '"units":2,"units":2')), "units"],
  ])("a file that says %s twice is refused by both", (_, bytes, key) => {
    expect(expectAgreement(bytes)).toBe("refused");
    for (const said of [sharedSays(bytes), coreSays(bytes)])
      expect(said).toContain(`: expected every key once, got "${key}" twice; the file is damaged or not`);
  });

  test("both find the same repeated keys, whatever the nesting, the spaces and the escapes", () => {
    const key = fc.constantFrom("a", "b", "\\u0061", '\\"', "\\\\", "__proto__", "", ":", "{");
    const value = fc.letrec<{ value: { text: string; isTwice: boolean } }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        key.map((text) => ({ text: `"${text}"`, isTwice: false })),
        fc.array(tie("value"), { maxLength: 2 }).map((parts) => ({
          text: `[${parts.map(({ text }) => text).join(" , ")}]`,
          isTwice: parts.some(({ isTwice }) => isTwice),
        })),
        fc.array(fc.tuple(key, tie("value")), { maxLength: 3 }).map((parts) => ({
          text: `{${parts.map(([name, { text }]) => `"${name}" :\n${text}`).join(",")}}`,
          isTwice:
            parts.some(([, { isTwice }]) => isTwice) ||
            new Set(parts.map(([name]) => JSON.parse(`"${name}"`))).size < parts.length,
        })),
      ),
    })).value;
    fc.assert(
      fc.property(value, ({ text, isTwice }) => {
        expect(repeatedKey(text) !== undefined, text).toBe(isTwice);
        expect(coreRepeatedKey(text)).toBe(repeatedKey(text));
      }),
      { seed: 1, numRuns: 1000 },
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
