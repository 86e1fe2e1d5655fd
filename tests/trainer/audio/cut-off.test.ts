// Compressed files that break off: each of the small fixtures, cut at several places, must say so, and whole not.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeCompressed } from "@neural-string/trainer/audio/compressed";
import { describe, expect, test } from "vitest";
import { repositoryRoot } from "../../support/audio-files.ts";

const FILES = [
  ["two-tones.ogg", "ogg-vorbis"],
  ["two-tones.opus", "ogg-opus"],
  ["two-tones.oga", "flac"],
  ["two-tones.flac", "flac"],
  ["two-tones.mp3", "mp3"],
] as const;

describe.each(FILES)("%s", (name, format) => {
  const bytes = new Uint8Array(readFileSync(join(repositoryRoot, "tests/goldens/audio", name)));

  test("whole, it has no note", async () => {
    expect((await decodeCompressed(bytes, format)).notes).toEqual([]);
  });

  test.each([0.5, 0.6, 0.8, 0.95])("cut at %f of its length, it says that it breaks off", async (share) => {
    const cut = bytes.slice(0, Math.floor(share * bytes.length));
    const { notes } = await decodeCompressed(cut, format).catch((error: Error) => ({
      notes: [error.message],
    }));
    expect(notes.join()).toMatch(/breaks off after \d+\.\d\d s of its sound|damaged or cut off/);
  });
});

describe("an MP3", () => {
  const whole = new Uint8Array(readFileSync(join(repositoryRoot, "tests/goldens/audio/two-tones.mp3")));
  const first = 0x139; // its first frame states what the file holds, the second begins here
  const tag = (size: number, footer = 0) => [
    ...Buffer.from("ID3\x04\0"),
    footer,
    0,
    0,
    size >> 7,
    size & 0x7f,
  ];
  const notesOf = async (...parts: (Uint8Array | number[])[]) =>
    (await decodeCompressed(Uint8Array.from(parts.flatMap((part) => [...part])), "mp3")).notes.join();
  const states = (flags: number, ...counts: number[]) => {
    const bytes = Buffer.from(whole.slice(0, first));
    bytes.writeUInt32BE(flags, 0x28);
    for (const [i, count] of counts.entries()) bytes.writeUInt32BE(count, 0x2c + 4 * i);
    return new Uint8Array(bytes);
  };

  test("is whole with tags before and behind it", async () => {
    expect(await notesOf(tag(200), new Uint8Array(200), whole, Buffer.from("TAG".padEnd(128, "a")))).toBe("");
    const footed = [tag(3, 0x10), [1, 2, 3], new Uint8Array(10), [0, 0], whole];
    expect(await notesOf(...footed)).toBe("");
    expect(await notesOf(...footed.slice(0, -1), whole.slice(0, -1))).toMatch(/breaks off/);
  });

  test("without a header of its own is cut where its last frame is", async () => {
    expect(await notesOf(whole.slice(first))).toBe("");
    for (const lost of [1, 100, 250]) expect(await notesOf(whole.slice(first, -lost))).toMatch(/breaks off/);
  });

  test("is held to the frames or to the bytes that its header states", async () => {
    const rest = whole.slice(first);
    expect(await notesOf(states(0), rest)).toBe("");
    expect(await notesOf(states(1, 17), rest)).toBe("");
    expect(await notesOf(states(1, 40), rest)).toMatch(/breaks off/);
    expect(await notesOf(states(2, whole.length), rest)).toBe("");
    expect(await notesOf(states(2, whole.length + 1), rest)).toMatch(/breaks off/);
  });
});
