/**
 * Writes `third-party-notices.txt` beside the built site: every npm package with code in its scripts, worker's scripts
 * included, and what gets in by other ways, each with the text of its licence.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AstroIntegration } from "astro";

/** In the site, but not as modules: the compiler's library within the core's binaries, the search, highlighted code. */
const BESIDE: readonly { name: string; from: string }[] = [
  { name: "assemblyscript", from: "@neural-string/core-wasm" },
  { name: "pagefind", from: "@astrojs/starlight" },
  { name: "astro-expressive-code", from: "@astrojs/starlight" },
];
const LICENCE = /^(licen[cs]e|copying|notice)/i;

/** The folder of the npm package that a module belongs to; undefined for our own. */
export function packageFolderOf(module: string): string | undefined {
  return module.match(/^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//)?.[1];
}

/** A package's name, version and licence, and the licence's text as the package brings it. */
function noticeOf(folder: string): string {
  const { name, version, license, author } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const files = readdirSync(folder, { withFileTypes: true }).filter(
    (file) => file.isFile() && LICENCE.test(file.name),
  );
  const texts = files.map((file) => readFileSync(join(folder, file.name), "utf8").trim());
  const by = typeof author === "string" ? author : author?.name;
  const without = `${by === undefined ? "" : `Copyright ${by}. `}The package brings no licence's text; it names ${license}.`;
  return [`${name} ${version} (${license})`, ...(texts.length > 0 ? texts : [without])].join("\n\n");
}

/** The page. @param folders of packages */
export function noticesOf(folders: Iterable<string>): string {
  const notices = [...folders].map(noticeOf).sort();
  return [
    `What this site contains of others' work, beside that of its own authors.`,
    ...new Set(notices),
  ].join(`\n\n${"-".repeat(80)}\n\n`);
}

/** Where a package is that another one brings. */
function folderOf({ name, from }: { name: string; from: string }): string {
  const own = createRequire(import.meta.url);
  const near = createRequire(fileURLToPath(import.meta.resolve(from)));
  for (const parent of [...(near.resolve.paths(name) ?? []), ...(own.resolve.paths(name) ?? [])]) {
    try {
      readFileSync(join(parent, name, "package.json"));
      return join(parent, name);
    } catch {}
  }
  throw new Error(
    `${name}: expected to be installed for ${from}; has the site stopped to use it? then take it off this list`,
  );
}

export function thirdPartyNotices(): AstroIntegration {
  const folders = new Set<string>();
  const collect = () => ({
    name: "third-party-notices",
    generateBundle(_: unknown, bundle: Record<string, { type: string; moduleIds?: string[] }>) {
      for (const { moduleIds = [] } of Object.values(bundle)) {
        for (const module of moduleIds) {
          const folder = packageFolderOf(module);
          if (folder !== undefined) folders.add(folder);
        }
      }
    },
  });
  return {
    name: "third-party-notices",
    hooks: {
      "astro:config:setup": ({ updateConfig }) => {
        const inPages = {
          ...collect(),
          applyToEnvironment: ({ name }: { name: string }) => name === "client",
        };
        updateConfig({ vite: { plugins: [inPages], worker: { plugins: () => [collect()] } } });
      },
      "astro:build:done": ({ dir }) => {
        const beside = BESIDE.map(folderOf);
        writeFileSync(
          fileURLToPath(new URL("third-party-notices.txt", dir)),
          noticesOf([...folders, ...beside]),
        );
      },
    },
  };
}
