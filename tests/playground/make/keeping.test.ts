// What leaves the page: a link that holds the whole string and says when it does not, provenance as it was stated, names
// that file systems take.

import { fileName } from "@neural-string/playground/make/file-name";
import { MOST_CHARACTERS, packModel, unpackModel } from "@neural-string/playground/make/link";
import { stated, TRAINED_IN } from "@neural-string/playground/make/statement";
import { readModelFile } from "@neural-string/shared";
import { describe, expect, test } from "vitest";
import { physicalFile } from "../../support/physical-file.ts";
import { physicalString } from "../../support/physical-string.ts";

const model = physicalFile(physicalString());

describe("a string in a link", () => {
  test("comes back to the last byte, and is smaller than the file", async () => {
    const packed = await packModel(model);
    expect(packed).toMatch(/^string=1\.[\w-]+$/);
    expect(packed.length).toBeLessThan((4 / 3) * model.length);
    expect(packed.length).toBeLessThan(MOST_CHARACTERS);
    expect(await unpackModel(`#${packed}`)).toEqual(new Uint8Array(model));
    for (const length of [0, 1, 7]) {
      const odd = new Uint8Array(length).fill(9);
      expect(await unpackModel(await packModel(odd))).toEqual(odd);
    }
  });

  test("is told from other hashes; damage, a missing end and a later version are named", async () => {
    const packed = await packModel(model);
    expect(await unpackModel("")).toBeNull();
    expect(await unpackModel("#record-title")).toBeNull();
    await expect(unpackModel(packed.slice(0, packed.length / 2))).rejects.toThrow(/carries no whole string/);
    await expect(unpackModel("string=1.a!b")).rejects.toThrow(/carries no whole string/);
    await expect(unpackModel(packed.replace("=1.", "=2."))).rejects.toThrow(
      /of version 2, and this page knows version 1/,
    );
  });

  test("does not fill the memory with what a small one unpacks to", async () => {
    const larger = await packBytes(new Uint8Array(9_000_000));
    await expect(unpackModel(larger)).rejects.toThrow(/unpacks to more than 8 MB/);
  });
});

/** As `packModel` does, without its own limit. */
async function packBytes(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  return `string=1.${Buffer.from(await new Response(packed).arrayBuffer()).toString("base64url")}`;
}

test("provenance says what was stated, and the string plays the same", () => {
  const statement = { name: " my string ", licence: "CC-BY-4.0", attribution: "A. Player" };
  const bytes = stated(model, statement, [
    { name: "take.wav", sha256: "ab" },
    { name: "pluck 1", sha256: null },
  ]);
  const { header, tensors } = readModelFile(bytes, "stated");
  expect(header.name).toBe("my string");
  expect(header.provenance).toMatchObject({
    recordings: [
      { name: "take.wav", sha256: "ab", licence: "CC-BY-4.0", attribution: "A. Player" },
      { name: "pluck 1", sha256: "", licence: "CC-BY-4.0", attribution: "A. Player" },
    ],
    trainedIn: TRAINED_IN,
  });
  expect(tensors).toEqual(readModelFile(model, "before").tensors);
  const silent = stated(model, { name: "", licence: "", attribution: "" }, [{ name: "a", sha256: "b" }]);
  expect(readModelFile(silent, "silent").header.provenance?.recordings).toEqual([{ name: "a", sha256: "b" }]);
});

test("file names are what file systems take", () => {
  expect(fileName("Strat: low E / 2.wav", "string")).toBe("Strat-low-E-2");
  expect(fileName("../..", "string")).toBe("string");
  expect(fileName("Ré♯", "string")).toBe("Ré");
});
