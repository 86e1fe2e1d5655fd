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
] as const;

describe.each(FILES)("%s", (name, format) => {
  const bytes = new Uint8Array(readFileSync(join(repositoryRoot, "tests/goldens/audio", name)));

  test("whole, it has no note", async () => {
    expect((await decodeCompressed(bytes, format)).notes).toEqual([]);
  });

  test.each([0.6, 0.8, 0.95])("cut at %f of its length, it says that it breaks off", async (share) => {
    const cut = bytes.slice(0, Math.floor(share * bytes.length));
    const { notes } = await decodeCompressed(cut, format).catch((error: Error) => ({
      notes: [error.message],
    }));
    expect(notes.join()).toMatch(/breaks off after \d+\.\d\d s of its sound|damaged or cut off/);
  });
});
