/** The cache keeps bits, distrusts its own files and never fails a command. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder, cacheKey, readCache, writeCache } from "@neural-string/trainer/audio/cache";
import { afterEach, describe, expect, test, vi } from "vitest";
import { temporaryFolder } from "../../support/audio-files.ts";

const folder = temporaryFolder();
const key = cacheKey("ab", { f0: null }, 1);
const entry = {
  header: { f0: 82.5, text: "e\u0301 \u{1f3b8}" },
  samples: Float32Array.from([0, -0, 1e-40, 0.1, -1]),
};
const entryFile = (inside: string) => join(inside, readdirSync(inside)[0]);

afterEach(() => vi.unstubAllEnvs());

describe("readCache, writeCache", () => {
  test("give back header and samples, bit for bit, and leave one file", async () => {
    const inside = join(folder, "round-trip");
    expect(await readCache(inside, key)).toBeUndefined();
    expect(await writeCache(inside, key, entry)).toBeUndefined();
    expect(await writeCache(inside, key, entry)).toBeUndefined();
    const back = await readCache<typeof entry.header>(inside, key);
    expect(back?.header).toEqual(entry.header);
    expect(back && Buffer.from(back.samples.buffer).equals(Buffer.from(entry.samples.buffer))).toBe(true);
    expect(readdirSync(inside)).toHaveLength(1);
  });

  test("an entry cut at any byte, or with any byte changed, is ignored and can be written again", async () => {
    const inside = join(folder, "damaged");
    await writeCache(inside, key, entry);
    const file = entryFile(inside);
    const bytes = readFileSync(file);
    for (let at = 0; at < bytes.length; at++) {
      writeFileSync(file, bytes.subarray(0, at));
      expect(await readCache(inside, key)).toBeUndefined();
      const changed = Buffer.from(bytes);
      changed[at] ^= 1;
      writeFileSync(file, changed);
      expect(await readCache(inside, key)).toBeUndefined();
    }
    await writeCache(inside, key, entry);
    expect(await readCache(inside, key)).toBeDefined();
  });

  test("a folder that cannot be made is a note, not an error", async () => {
    const blocked = join(folder, "blocked");
    writeFileSync(blocked, "a file where the folder should be");
    expect(await writeCache(join(blocked, "cache"), key, entry)).toMatch(
      /^not cached in .* \(E[A-Z]+\); the next run/,
    );
    expect(await readCache(join(blocked, "cache"), key)).toBeUndefined();
  });

  test.skipIf(process.getuid?.() === 0)(
    "a folder without permission is a note (root may write all)",
    async () => {
      const locked = join(folder, "locked");
      mkdirSync(locked);
      chmodSync(locked, 0o500);
      expect(await writeCache(locked, key, entry)).toMatch(/EACCES/);
    },
  );
});

describe("cacheKey", () => {
  test("changes with content, settings and version", () => {
    const keys = [
      key,
      cacheKey("ac", { f0: null }, 1),
      cacheKey("ab", { f0: 1 }, 1),
      cacheKey("ab", { f0: null }, 2),
    ];
    expect(new Set(keys).size).toBe(4);
  });
});

describe("cacheFolder", () => {
  test("is the one in the environment, else in the outermost project around the folder", () => {
    vi.stubEnv("NEURAL_STRING_CACHE", join(folder, "mine"));
    expect(cacheFolder(folder)).toBe(join(folder, "mine"));
    vi.stubEnv("NEURAL_STRING_CACHE", "");
    const inner = join(folder, "project/packages/trainer");
    for (const project of [join(folder, "project"), inner]) {
      mkdirSync(join(project, "node_modules"), { recursive: true });
      writeFileSync(join(project, "package.json"), "{}");
    }
    expect(cacheFolder(inner)).toBe(join(folder, "project/node_modules/.cache/neural-string"));
  });
});
