/** AIFF and AIFF-C reading, from hand-made bytes. */
import { UserError } from "@neural-string/shared";
import { decodeAiff } from "@neural-string/trainer/audio/aiff";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aiff } from "../../support/audio-files.ts";

function decodesOrExplains(bytes: Uint8Array): void {
  try {
    decodeAiff(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
  }
}

describe("decodeAiff", () => {
  test.each([
    { name: "8 bits", bits: 8, data: [0x80, 0x40, 0xff], type: undefined, expected: [-1, 0.5, -1 / 128] },
    { name: "16 bits", bits: 16, data: [0x80, 0, 0x40, 0], type: undefined, expected: [-1, 0.5] },
    {
      name: "24 bits",
      bits: 24,
      data: [0x40, 0, 0, 0xff, 0xff, 0xff],
      type: undefined,
      expected: [0.5, -(2 ** -23)],
    },
    { name: "32 bits", bits: 32, data: [0x40, 0, 0, 0], type: undefined, expected: [0.5] },
    { name: "AIFF-C NONE", bits: 16, data: [0x40, 0], type: "NONE", expected: [0.5] },
    { name: "AIFF-C sowt, little-endian", bits: 16, data: [0, 0x40], type: "sowt", expected: [0.5] },
    { name: "AIFF-C fl32", bits: 32, data: [0x3f, 0x80, 0, 0], type: "fl32", expected: [1] },
    { name: "AIFF-C FL32", bits: 32, data: [0x3f, 0x80, 0, 0], type: "FL32", expected: [1] },
    { name: "AIFF-C fl64", bits: 64, data: [0x3f, 0xe0, 0, 0, 0, 0, 0, 0], type: "fl64", expected: [0.5] },
  ])("reads $name", ({ bits, data, type, expected }) => {
    const decoded = decodeAiff(aiff(bits, expected.length, data, type));
    expect([...decoded.channels[0]]).toEqual(expected);
    expect(decoded.sampleRate).toBe(44_100);
    expect(decoded.notes).toEqual([]);
  });

  test("fewer frames than promised are a note", () => {
    expect(decodeAiff(aiff(8, 9, [0x40])).notes).toEqual(["the file ends early: 1 of 9 frames are there"]);
  });

  test("refuses compressed AIFF-C and odd widths with a sentence", () => {
    expect(() => decodeAiff(aiff(16, 1, [0, 0], "ima4"))).toThrow(/compressed AIFF-C \("ima4"\)/);
    expect(() => decodeAiff(aiff(48, 1, [0, 0]))).toThrow(/48 bits per sample; expected 1 to 32/);
  });

  test("a file cut at any byte, or with any byte changed, is read or explained", () => {
    const file = aiff(16, 3, [1, 2, 3, 4, 5, 6], "sowt");
    for (let length = 0; length < file.length; length++) decodesOrExplains(file.subarray(0, length));
    for (let at = 0; at < file.length; at++) {
      for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
        const changed = Buffer.from(file);
        changed[at] = value;
        decodesOrExplains(changed);
      }
    }
  });

  test("random bytes after a genuine start are read or explained", () => {
    const start = [...Buffer.from("FORM\0\0\0\x20AIFF", "latin1")];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) =>
        decodesOrExplains(Uint8Array.from([...start, ...bytes])),
      ),
      { numRuns: 200 },
    );
  });
});
