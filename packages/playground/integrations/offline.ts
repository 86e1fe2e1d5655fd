/**
 * Writes the site's service worker when it has been built: after a first visit the site works without a network. What
 * every page needs is fetched while the worker is installed (pages, scripts, styles, the core, the models); recordings,
 * what decodes them, what trains and the search index follow in the background, since they are as large as all the rest
 * and nobody is to wait for them.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AstroIntegration } from "astro";

/** Kept in the background. */
const LATER =
  /\.ogg$|^pagefind\/|decoder|ogg-vorbis|flac|codec-parser|mpg123|(training|compute)-worker|train-(simd|relaxed)/i;

/**
 * Nothing that a page asks for: Pagefind's other interfaces, and of its engines the one for languages that are not ours.
 * And what a decoder of Opus may do about lost packets, which files have not: 4 MB, fetched by nobody. And the picture that
 * other sites show.
 */
const NOT_ASKED_FOR =
  /\.(map|ts)$|^pagefind\/(pagefind-(ui|component-ui|modular-ui|highlight)\.|wasm\.unknown)|opus-ml|^share\.png$/;

/** What to keep: first what the worker is installed with, then the rest. Names are relative to the site's root. */
export function keptFiles(names: readonly string[]): { first: string[]; later: string[] } {
  const wanted = names.filter((name) => !NOT_ASKED_FOR.test(name)).sort();
  return {
    first: wanted.filter((name) => !LATER.test(name)).map((name) => name.replace(/(^|\/)index\.html$/, "$1")),
    later: wanted.filter((name) => LATER.test(name)),
  };
}

/** The worker's script. @param version of all files together */
export function workerScript({ first, later }: ReturnType<typeof keptFiles>, version: string): string {
  const template = readFileSync(new URL("./service-worker.js", import.meta.url), "utf8");
  return template
    .replace('"VERSION"', JSON.stringify(version))
    .replace('["FILES"]', JSON.stringify(first, null, 1))
    .replace('["LATER"]', JSON.stringify(later, null, 1));
}

export function offline(): AstroIntegration {
  return {
    name: "offline",
    hooks: {
      "astro:build:done": ({ dir }) => {
        const folder = fileURLToPath(dir);
        const names = readdirSync(folder, { recursive: true, encoding: "utf8" })
          .filter((name) => statSync(join(folder, name)).isFile())
          .map((name) => name.replaceAll("\\", "/"))
          .sort();
        const hash = createHash("sha256");
        for (const name of names) hash.update(name).update(readFileSync(join(folder, name)));
        writeFileSync(
          join(folder, "service-worker.js"),
          workerScript(keptFiles(names), hash.digest("hex").slice(0, 16)),
        );
      },
    },
  };
}
