/**
 * Who imports whom in this repository, read from the source: every import statement, dynamic import, worker and style
 * sheet, with its target as a file of the repository, a Node module or a package's name.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const SCOPE = "@neural-string/";
/** What is made, fetched or kept, not written. */
const SKIPPED = /(^|\/)(node_modules|dist|build|runs|\.astro|generated|api|models|goldens|results)(\/|$)/;
const SOURCE = /\.(ts|js|mjs|astro|mdx)$/;

export interface Import {
  /** A path from the repository's root, "node:fs", or a package's name. */
  to: string;
  /** Types are gone when the code runs. */
  isType: boolean;
  /** Runs in a thread of its own. */
  isThread: boolean;
}

/** Paths from the repository's root, and what each imports. */
export type Imports = Map<string, Import[]>;

/** Read all sources of the packages, the tests and the examples. */
export function readImports(): Imports {
  const files = ["packages", "tests", "examples"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .map((name) => posix.join(folder, name))
      .filter((name) => SOURCE.test(name) && !name.endsWith(".d.ts") && !SKIPPED.test(name)),
  );
  return new Map(files.sort().map((file) => [file, importsOf(file, readFileSync(join(ROOT, file), "utf8"))]));
}

/** A source's imports. @param file from the repository's root */
export function importsOf(file: string, source: string): Import[] {
  const found: Import[] = [];
  const add = (specifier: string, isType = false, isThread = false) =>
    found.push({ to: resolveImport(file, specifier), isType, isThread });
  // as Biome lays them out: from the line's beginning, to the next semicolon
  for (const [, what, specifier] of source.matchAll(
    /^\s*(?:import|export)\b(?!\s*\()([^"'`;]*?)\bfrom "([^"]+)"/gm,
  )) {
    add(specifier, isTypes(what));
  }
  for (const [, specifier] of source.matchAll(/^\s*import "([^"]+)"/gm)) add(specifier);
  for (const [, specifier] of source.matchAll(/\bimport\("([^"]+)"\)/g)) add(specifier);
  for (const [, specifier] of source.matchAll(/\bnew URL\("(\.[^"]+\.[tj]s)", import\.meta\.url\)/g)) {
    add(specifier, false, true);
  }
  return found;
}

/** Whether nothing but types is named: `type {...}`, or `{ type A, type B }`. */
function isTypes(what: string): boolean {
  const names = what.match(/^\s*(type\b)?[^{]*\{([^}]*)\}/);
  if (names?.[1] !== undefined) return true;
  return (
    names !== null &&
    /^\s*\{/.test(what) &&
    names[2].split(",").every((name) => name.trim() === "" || name.trim().startsWith("type "))
  );
}

function resolveImport(file: string, specifier: string): string {
  const path = specifier.replace(/\?.*$/, "");
  if (path.startsWith(".")) return posix.normalize(posix.join(posix.dirname(file), path));
  if (path.startsWith(SCOPE)) return resolveOwn(path.slice(SCOPE.length));
  if (path.startsWith("node:")) return path;
  return path.split("/", path.startsWith("@") ? 2 : 1).join("/");
}

/** A file behind a package's door. @param path after the scope: "trainer/core/mlp" */
function resolveOwn(path: string): string {
  const [name, ...rest] = path.split("/");
  const folder = name === "tests" ? "tests" : `packages/${name}`;
  const { exports = {} } = JSON.parse(readFileSync(join(ROOT, folder, "package.json"), "utf8"));
  const door = ["."].concat(rest).join("/");
  for (const [pattern, target] of Object.entries<string>(exports)) {
    const [before, after] = pattern.split("*");
    if (pattern === door) return posix.join(folder, target);
    if (after === undefined || !door.startsWith(before) || !door.endsWith(after)) continue;
    const file = posix.join(
      folder,
      target.replace("*", door.slice(before.length, door.length - after.length)),
    );
    if (existsSync(join(ROOT, file))) return file;
  }
  return posix.join(folder, ...rest);
}

/** All that runs where some files run: what they import, what that imports, and so on; types left out. */
export function closureOf(imports: Imports, from: string[]): Map<string, string[]> {
  const paths = new Map<string, string[]>(from.map((file) => [file, [file]]));
  for (const [file, path] of paths) {
    for (const { to, isType } of imports.get(file) ?? []) {
      if (!isType && !paths.has(to)) paths.set(to, [...path, to]);
    }
  }
  return paths;
}
