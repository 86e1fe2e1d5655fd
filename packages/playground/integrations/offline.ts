/**
 * Writes the site's service worker when it has been built: after a first visit the site works without a network. What
 * every page needs is fetched then (pages, scripts, styles, the core, the models); recordings, what decodes them, what
 * trains and the search index are kept once they were asked for, since they are larger than all the rest.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AstroIntegration } from "astro";

/** Kept when asked for, not ahead. */
const ON_DEMAND =
  /\.(ogg|wav|map|ts)$|^pagefind\/|decoder|ogg-vorbis|flac|opus-ml|(training|compute)-worker|train-(simd|relaxed)/;

/** The worker's script. @param files what to keep ahead, relative to the site's root @param version of all of them */
export function workerScript(files: readonly string[], version: string): string {
  const template = readFileSync(new URL("./service-worker.js", import.meta.url), "utf8");
  return template
    .replace('"VERSION"', JSON.stringify(version))
    .replace('["FILES"]', JSON.stringify(files, null, 1));
}

export function offline(): AstroIntegration {
  return {
    name: "offline",
    hooks: {
      "astro:build:done": ({ dir }) => {
        const folder = fileURLToPath(dir);
        const hash = createHash("sha256");
        const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
          .filter((name) => statSync(join(folder, name)).isFile() && !ON_DEMAND.test(name))
          .sort();
        for (const name of files) hash.update(name).update(readFileSync(join(folder, name)));
        const pages = files.map((name) => name.replace(/(^|\/)index\.html$/, "$1"));
        writeFileSync(
          join(folder, "service-worker.js"),
          workerScript(pages, hash.digest("hex").slice(0, 16)),
        );
      },
    },
  };
}
