// The passive kind of model file: its description and tensors, and the two readers held together on it.
import {
  aheadRange,
  longestPassiveDelay,
  METADATA_KEY,
  type PassiveHeader,
  PassiveHeaderSchema,
  passiveContradiction,
  passiveLayout,
  readModelFile,
  writeModelFile,
} from "@neural-string/shared";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BAD_PASSIVE_MODELS, encodePassive, mixed, single } from "../support/bad-passive-models.ts";
import { makePassiveModel } from "../support/passive-models.ts";
import {
  coreSays,
  expectAgreement,
  fieldPaths,
  fileEdited,
  jsonOf,
  put,
  sharedSays,
} from "../support/reader-agreement.ts";

const whole = writeModelFile(mixed());

describe("passiveLayout", () => {
  test("lists filters, the mixture where there is one, and excitations, one after the other", () => {
    const shapes = (header: PassiveHeader) =>
      Object.fromEntries(passiveLayout(header).map(({ name, shape }) => [name, shape]));
    expect(shapes(mixed().header)).toEqual({
      "filters.logDamping": [4, 17],
      "filters.phase": [4, 17],
      "filters.taps": [4, 32],
      "mixture.hidden.weight": [2, 4],
      "mixture.hidden.bias": [2],
      "mixture.output.weight": [3, 2],
      "mixture.output.bias": [3],
      "excitations.0": [100],
      "excitations.1": [100],
    });
    expect(Object.keys(shapes(single().header))).toEqual([
      "filters.logDamping",
      "filters.phase",
      "filters.taps",
      "excitations.0",
    ]);
    const { offset, size } = passiveLayout(mixed().header).at(-1) ?? { offset: 0, size: 0 };
    expect(offset + size).toBe(2 * 4 * 17 + 4 * 32 + 8 + 2 + 6 + 3 + 200);
  });
});

describe("a passive header", () => {
  test("says how much past its string needs", () => {
    // period 50, 16 ahead, 32 taps: 34 .. 65 samples ago
    expect(longestPassiveDelay(mixed().header)).toBe(65);
  });

  test("its taps hold the period; what is trained stays one further inside", () => {
    expect(aheadRange({ taps: 32, period: 50 }, "file")).toEqual({ least: 0, most: 31 });
    expect(aheadRange({ taps: 64, period: 50 }, "file")).toEqual({ least: 0, most: 49 });
    expect(aheadRange({ taps: 32, period: 50 }, "training")).toEqual({ least: 1, most: 30 });
    expect(aheadRange({ taps: 64, period: 50 }, "training")).toEqual({ least: 1, most: 48 });
  });

  test("keeps what another program adds, to it and to an excitation", () => {
    const { header } = mixed();
    const more = {
      ...header,
      licence: "CC0-1.0",
      excitations: header.excitations.map((excitation) => ({ ...excitation, licence: "CC0-1.0" })),
    };
    expect(PassiveHeaderSchema.parse(more)).toEqual(more);
    expect(expectAgreement(encodePassive(more, mixed().tensors))).toBe("read");
  });

  test("at its limits does not contradict itself; one step beyond, it does", () => {
    const { header } = single();
    const at = (changes: Partial<PassiveHeader>) => passiveContradiction({ ...header, ...changes });
    expect(at({ ahead: 31 })).toBeNull();
    expect(at({ ahead: 32 })).toMatch(/^ahead: /);
    expect(at({ taps: 8192, ahead: 49 })).toBeNull();
    expect(at({ taps: 8192, ahead: 50 })).toMatch(/^ahead: /);
    const { gain, growth } = header.certificate;
    const scaled = (factor: number) => ({ gain, growth: { ...growth, fromY: factor * growth.fromY } });
    expect(at({ certificate: scaled(1 + 0.9e-6) })).toBeNull();
    expect(at({ certificate: scaled(1 + 1.1e-6) })).toMatch(/^certificate.growth.fromY: /);
    expect(at({ certificate: scaled(1 - 1.1e-6) })).toMatch(/^certificate.growth.fromY: /);
  });
});

describe("readModelFile, passive", () => {
  test("what was written is read", () => {
    const { header, tensors } = mixed();
    const provenance = { recordings: [{ name: "é.wav", sha256: "00" }], seed: 3 };
    const file = { header: { ...header, provenance, check: { past: [0, 1], expected: [0.5] } }, tensors };
    expect(readModelFile(writeModelFile(file), "m")).toEqual(file);
  });

  test.each(BAD_PASSIVE_MODELS)("%s is refused, by core-wasm too", (_, file, sentence) => {
    expect(sharedSays(file())).toContain(sentence);
    expect(expectAgreement(file())).toBe("refused");
    expect(coreSays(file())).not.toBe("");
  });
});

describe("readModelFile of shared and of core-wasm, passive", () => {
  // a description is most of such a file, and every reading of it certifies its filters: fewer runs than for classic
  const numRuns = 700;

  test("valid models are read alike", () => {
    const options = fc.record({
      sampleRate: fc.constantFrom(8000, 44100),
      f0: fc.double({ min: 20, max: 1000, noNaN: true }),
      taps: fc.constantFrom(32, 34, 64, 130),
      filters: fc.integer({ min: 1, max: 4 }),
      hidden: fc.integer({ min: 1, max: 5 }),
      hop: fc.constantFrom(16, 100, 65536),
      controls: fc.nat(3),
      excitations: fc.nat(2),
      gain: fc.double({ min: 0.1, max: 0.9999, noNaN: true }),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(options, (say) => {
        expect(expectAgreement(writeModelFile(makePassiveModel(say)))).toBe("read");
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  test("models at the limits are read alike", () => {
    for (const options of [
      { sampleRate: 1000, f0: 31.3, taps: 32, ahead: 0 },
      { sampleRate: 1_000_000, f0: 1, taps: 32, excitations: 0 },
      { taps: 64, ahead: 49 },
      { filters: 16, hidden: 1024, controls: 64, hop: 65536, excitations: 64 },
    ])
      expect(expectAgreement(writeModelFile(makePassiveModel(options)))).toBe("read");
    // the longest filters; a lone tap, since spectra of that length take their time
    const { header, tensors } = makePassiveModel({ sampleRate: 44100, f0: 20 });
    const longest = { ...header, taps: 8192, ahead: 1000 };
    for (const { name, shape, size } of passiveLayout(longest)) {
      const data = new Float32Array(size);
      if (name === "filters.taps") data[1000] = data[9192] = 0.98;
      if (name.startsWith("filters.")) tensors.set(name, { shape, data });
    }
    expect(expectAgreement(writeModelFile({ header: longest, tensors }))).toBe("read");
  });

  test("a file cut anywhere is refused by both", () => {
    for (let length = 0; length < whole.length; length += 7) {
      expect(sharedSays(whole.subarray(0, length))).not.toBe("");
      expect(coreSays(whole.subarray(0, length))).not.toBe("");
    }
  });

  test("files with changed bytes are read alike or refused by both", () => {
    const flip = fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }));
    const seen = { read: 0, refused: 0 };
    fc.assert(
      fc.property(fc.array(flip, { minLength: 1, maxLength: 3 }), (flips) => {
        const changed = whole.slice();
        for (const [at, mask] of flips) changed[at] ^= mask;
        seen[expectAgreement(changed)]++;
      }),
      { seed: 1, numRuns },
    );
    expect(Math.min(seen.read, seen.refused)).toBeGreaterThan(50);
  });

  test("files with any JSON in place of a field, or beside it, are read alike or refused by both", () => {
    const { header, tensors } = mixed();
    const paths = fieldPaths(header);
    const seen = { read: 0, refused: 0 };
    fc.assert(
      fc.property(
        fc.constantFrom(...paths),
        fc.option(fc.string(), { freq: 5 }),
        fc.oneof(
          fc.constantFrom(null, true, -1, 0, -0, 0.5, 1, 2, 16, 32, 33, 64, 65, 100, 1024, 8192),
          fc.constantFrom(65536, 80000, 80001, 1e6, 2 ** 53, 1e300, 5e-324, "1", [], {}, [1], [0, 1]),
          fc.jsonValue(),
          fc.constant(undefined),
        ),
        (path, extra, json) => {
          const changed = structuredClone(header);
          put(changed, extra === null ? path : [...path, extra], json);
          seen[expectAgreement(encodePassive(changed, tensors))]++;
        },
      ),
      { seed: 1, numRuns },
    );
    expect(Math.min(seen.read, seen.refused)).toBeGreaterThan(50);
  });

  test("files with any JSON in place of a tensor's description are read alike or refused by both", () => {
    const description = JSON.parse(jsonOf(whole));
    const paths = fieldPaths(description).filter((path) => path[1] !== METADATA_KEY);
    const value = fc.oneof(
      fc.constantFrom(null, 0, 4, 17, 32, 1.5, -4, 2 ** 53, 1e300, "F16", [], {}, [4, 17], "[4,17]"),
      fc.jsonValue(),
      fc.constant(undefined),
    );
    fc.assert(
      fc.property(fc.constantFrom(...paths), value, (path, json) => {
        const changed = structuredClone(description);
        put(changed, path, json);
        expectAgreement(fileEdited(whole, () => JSON.stringify(changed)));
      }),
      { seed: 1, numRuns },
    );
  });

  test("counts that ask for gigabytes are refused before anything is allocated", () => {
    const { header, tensors } = mixed();
    const huge = { ...header, sampleRate: 1e6, taps: 8192, filters: 16 };
    huge.mixture = { hidden: 1024, hop: 64 };
    huge.excitations = new Array(64).fill({ name: "", f0: 100, level: 0, samples: 1e7 });
    const bytes = encodePassive(huge, tensors);
    const before = process.memoryUsage().arrayBuffers;
    expect(sharedSays(bytes)).not.toBe("");
    expect(coreSays(bytes)).not.toBe("");
    // what the file itself holds is a few kB; what it asks for, 2.6 GB
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 20);
  });
});
