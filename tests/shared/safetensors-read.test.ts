import { readSafetensors, type TensorFile, UserError, writeSafetensors } from "@neural-string/shared";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

/** A file of any header text and body, however wrong. */
function fileOf(header: string | object, body: number[] | Uint8Array = [], claim?: bigint): Uint8Array {
  const json = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(claim ?? BigInt(json.length));
  return new Uint8Array(Buffer.concat([length, json, Buffer.from(body)]));
}

const f32 = (shape: unknown, ...data_offsets: unknown[]) => ({ dtype: "F32", shape, data_offsets });

/** What the user is told; fails for any other error. */
function complaint(bytes: Uint8Array): string {
  try {
    readSafetensors(bytes, "m");
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as UserError).message;
  }
  return "no complaint";
}

const small: TensorFile = {
  metadata: { title: "a string" },
  tensors: new Map([
    ["w", { shape: [1, 2], data: Float32Array.of(0.5, -1) }],
    ["b", { shape: [1], data: Float32Array.of(3) }],
  ]),
};

/** The bits of a file's numbers, since NaN equals no NaN. */
function bits({ metadata, tensors }: TensorFile) {
  return {
    metadata,
    tensors: [...tensors].map(([name, { shape, data }]) => [
      name,
      shape,
      [...new Uint32Array(data.buffer, data.byteOffset, data.length)],
    ]),
  };
}

describe("readSafetensors", () => {
  test("what was written is read, bit for bit", () => {
    const name = fc.oneof(
      fc.constantFrom("__proto__", "constructor", "toString", "1", "0", ""),
      fc.string({ unit: "grapheme" }),
    );
    const tensor = fc.array(fc.nat(3), { maxLength: 4 }).chain((shape) => {
      const size = shape.reduce((a, b) => a * b, 1);
      return fc
        .uint32Array({ minLength: size, maxLength: size })
        .map((words) => ({ shape, data: new Float32Array(words.slice().buffer) }));
    });
    const named = fc
      .uniqueArray(fc.tuple(name, tensor), { selector: ([key]) => key, maxLength: 6 })
      .map((entries) => new Map(entries.filter(([key]) => key !== "__metadata__")));
    const metadata = fc.dictionary(
      fc.string().filter((key) => key !== "__proto__"),
      fc.string({ unit: "binary" }),
      {
        noNullPrototype: true,
      },
    );
    fc.assert(
      fc.property(metadata, named, (texts, tensors) => {
        const file = { metadata: texts, tensors };
        const again = bits(readSafetensors(writeSafetensors(file), "m"));
        expect(again.metadata).toEqual(texts);
        // empty tensors share their place, so only the others have an order
        const sorted = (rows: ReturnType<typeof bits>["tensors"]) =>
          rows.toSorted((a, b) => (a[0] < b[0] ? -1 : 1));
        expect(sorted(again.tensors)).toEqual(sorted(bits(file).tensors));
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  test("tensors come in the order of their bytes, whatever the header's", () => {
    const body = new Uint8Array(12);
    const bytes = fileOf({ c: f32([1], 8, 12), a: f32([1], 0, 4), b: f32([1], 4, 8) }, body);
    expect([...readSafetensors(bytes, "m").tensors.keys()]).toEqual(["a", "b", "c"]);
  });

  test("the bytes may begin anywhere in their buffer, and may be a Node Buffer; the tensors are copies", () => {
    const bytes = writeSafetensors(small);
    for (let offset = 0; offset < 8; offset++) {
      const within = new Uint8Array(bytes.length + 16).fill(255);
      within.set(bytes, offset);
      const view = within.subarray(offset, offset + bytes.length);
      for (const input of [view, Buffer.from(view.buffer, offset, view.length)]) {
        const { tensors } = readSafetensors(input, "m");
        expect([...(tensors.get("w")?.data ?? [])]).toEqual([0.5, -1]);
        tensors.get("w")?.data.fill(9);
        expect(view).toEqual(bytes);
      }
    }
  });

  test("a file cut anywhere, or continued, is refused", () => {
    const bytes = writeSafetensors(small);
    for (let length = 0; length < bytes.length; length++)
      expect(complaint(bytes.subarray(0, length))).toMatch(
        /^m: .*; the file is damaged or not a safetensors file$/,
      );
    expect(complaint(Buffer.concat([bytes, Buffer.alloc(4)]))).toBe(
      "m: expected its data to end at byte 12, got 4 more; the file is damaged or not a safetensors file",
    );
  });

  const damaged = "; the file is damaged or not a safetensors file";
  test.each([
    ["an empty file", new Uint8Array(0), `expected a header, got a file of 0 bytes${damaged}`],
    [
      "a header of 2^60 bytes",
      fileOf("{}", [], 1n << 60n),
      `its header claims ${1n << 60n} bytes, the file has 10${damaged}`,
    ],
    [
      "a header longer than the file",
      fileOf("{}", [], 3n),
      `its header claims 3 bytes, the file has 10${damaged}`,
    ],
    [
      "a WAV file",
      Buffer.from("RIFF\0\0\0\0WAVEfmt "),
      `its header claims 1179011410 bytes, the file has 16${damaged}`,
    ],
    [
      "a header of more than a mebibyte",
      fileOf(`{}${" ".repeat(1 << 20)}`),
      `expected a header of at most 1048576 bytes, got 1048578${damaged}`,
    ],
    ["no header", fileOf(""), `its header is not JSON${damaged}`],
    ["broken JSON", fileOf('{"w":'), `its header is not JSON${damaged}`],
    ["a list", fileOf("[]"), `its header is not JSON${damaged}`],
    ["null", fileOf("null"), `its header is not JSON${damaged}`],
    ["a space before the header", fileOf(" {}"), `its header is not JSON${damaged}`],
    ["a byte order mark before the header", fileOf("\ufeff{}"), `its header is not JSON${damaged}`],
    [
      "bytes that are not UTF-8",
      fileOf('{"x": "?"}').map((b) => (b === 63 ? 0xff : b)),
      `its header is not JSON${damaged}`,
    ],
    ["metadata that is a list", fileOf({ __metadata__: [] }), "__metadata__: expected an object, got []"],
    [
      "metadata that is not text",
      fileOf({ __metadata__: { a: 1 } }),
      "__metadata__.a: expected a text, got 1",
    ],
    [
      "another dtype",
      fileOf({ w: { ...f32([1], 0, 2), dtype: "F16" } }, [0, 0]),
      'tensor "w": dtype: expected F32, got "F16"',
    ],
    [
      "no dtype",
      fileOf({ w: { shape: [0], data_offsets: [0, 0] } }),
      'tensor "w": dtype: expected F32, got nothing',
    ],
    ["a tensor that is a number", fileOf({ w: 1 }), 'tensor "w": expected an object, got 1'],
    ["a negative size", fileOf({ w: f32([-1], 0, 0) }), 'tensor "w": shape.0: expected at least 0, got -1'],
    ["half a size", fileOf({ w: f32([0.5], 0, 2) }), 'tensor "w": shape.0: expected a whole number, got 0.5'],
    [
      "nine dimensions",
      fileOf({ w: f32(Array(9).fill(1), 0, 4) }),
      'tensor "w": shape: expected a list of at most 8, got a list of 9',
    ],
    [
      "a negative offset",
      fileOf({ w: f32([1], -4, 0) }),
      'tensor "w": data_offsets.0: expected at least 0, got -4',
    ],
    [
      "half an offset",
      fileOf({ w: f32([1], 0.5, 4.5) }),
      'tensor "w": data_offsets.0: expected a whole number, got 0.5',
    ],
    [
      "one offset",
      fileOf({ w: f32([1], 4) }),
      'tensor "w": data_offsets: expected a list of at least 2, got [4]',
    ],
    [
      "three offsets",
      fileOf({ w: f32([1], 0, 4, 8) }),
      'tensor "w": data_offsets: expected a list of at most 2, got [0,4,8]',
    ],
    [
      "offsets reversed",
      fileOf({ w: f32([1], 4, 0) }),
      `tensor "w": expected 4 bytes for shape [1], got -4${damaged}`,
    ],
    [
      "a shape that is too large",
      fileOf({ w: f32([2 ** 50, 8], 0, 8) }, Array(8)),
      `tensor "w": expected ${2 ** 55} bytes for shape [${2 ** 50},8], got 8${damaged}`,
    ],
    [
      "a tensor of 2^50 bytes",
      fileOf({ w: f32([2 ** 48], 0, 2 ** 50) }),
      `tensor "w": expected data up to byte ${2 ** 50}, got a file that ends at 0${damaged}`,
    ],
    [
      "overlapping tensors",
      fileOf({ v: f32([2], 0, 8), w: f32([1], 4, 8) }, Array(8)),
      `tensor "w": expected its data at byte 8, got 4${damaged}`,
    ],
    [
      "a gap",
      fileOf({ v: f32([1], 0, 4), w: f32([1], 8, 12) }, Array(12)),
      `tensor "w": expected its data at byte 4, got 8${damaged}`,
    ],
    [
      "a tensor named twice",
      fileOf(
        '{"w": {"dtype":"F32","shape":[1],"data_offsets":[0,4]}, "w": {"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
        Array(8),
      ),
      `its header: expected every key once, got "w" twice${damaged}`,
    ],
    [
      "a tensor with a long name and line breaks",
      fileOf({ ["x\n".repeat(99)]: 1 }),
      `tensor "${"x\\n".repeat(18)}x\\...: expected an object, got 1`,
    ],
    [
      "an endless list",
      fileOf(`{"w":${"[".repeat(1e5)}${"]".repeat(1e5)}}`),
      'tensor "w": expected an object, got a list of 1',
    ],
  ])("%s is refused", (_, bytes, expected) => {
    expect(complaint(bytes)).toBe(`m: ${expected}`);
  });

  test("a tensor may be named __proto__, and is only that", () => {
    const bytes = fileOf(
      '{"__proto__": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}',
      [0, 0, 128, 63],
    );
    const { tensors } = readSafetensors(bytes, "m");
    expect([...tensors]).toEqual([["__proto__", { shape: [1], data: Float32Array.of(1) }]]);
    expect(({} as Record<string, unknown>).dtype).toBeUndefined();
  });

  test("empty tensors, scalars, fields we do not know, and no tensors at all are fine", () => {
    const bytes = fileOf({ e: f32([3, 0], 4, 4), s: { ...f32([], 0, 4), note: 1 } }, [0, 0, 0, 64]);
    expect([...readSafetensors(bytes, "m").tensors]).toEqual([
      ["s", { shape: [], data: Float32Array.of(2) }],
      ["e", { shape: [3, 0], data: new Float32Array(0) }],
    ]);
    expect(readSafetensors(fileOf("{}  "), "m")).toEqual({ metadata: {}, tensors: new Map() });
  });

  test("whatever is changed in a file, it is read or refused in one sentence", () => {
    const bytes = writeSafetensors(small);
    const edit = fc.record({
      at: fc.nat(bytes.length - 1),
      with: fc.uint8Array({ minLength: 1, maxLength: 6 }),
    });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), fc.nat(20), (edits, cut) => {
        const changed = bytes.slice(0, bytes.length - cut);
        for (const { at, with: values } of edits)
          changed.set(values.slice(0, Math.max(0, changed.length - at)), Math.min(at, changed.length));
        expect(complaint(changed)).toMatch(/^.{1,400}$/u);
      }),
      { seed: 1, numRuns: 5000 },
    );
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (dtype, shape, offsets) => {
        expect(complaint(fileOf({ w: { dtype, shape, data_offsets: offsets } }))).toMatch(
          /^m: tensor "w": .{1,300}$/u,
        );
        expect(complaint(fileOf({ w: { dtype: "F32", shape: [1], data_offsets: offsets } }))).toMatch(
          /^m: .{1,300}$/u,
        );
      }),
      { seed: 1, numRuns: 1000 },
    );
  });
});
