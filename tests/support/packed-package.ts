/** core-wasm as it is published: packed, and unpacked into a folder; and the example pages that install it. */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { codeBlocksOf, readText } from "./markdown.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PACKAGE = join(ROOT, "packages/core-wasm");
/** Beside the binaries, and like them no part of the repository. */
const PACKED = join(PACKAGE, "build/packed");

/** Run pnpm in a folder, with this Node first on the path. @returns what it printed */
function pnpm(cwd: string, ...args: string[]): string {
  return execFileSync("npx", ["-y", "pnpm@12", ...args], {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
      ASTRO_TELEMETRY_DISABLED: "1",
      CI: "true",
    },
  });
}

/** Milliseconds after which another's packing is taken for dead. */
const PATIENCE = 180_000;

/** Packing writes into the package's own dist: one test file at a time. */
function alone(work: () => void): void {
  const lock = join(PACKAGE, "build/.packing");
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0;
      if (since > 0 && Date.now() - since > PATIENCE) rmSync(lock, { recursive: true, force: true });
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    }
  }
  try {
    work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** The newest change of what the package is made of. */
function newestSource(): number {
  const files = readdirSync(PACKAGE, { recursive: true, encoding: "utf8" })
    .filter((name) => !/^(node_modules|dist|build)(\/|$)/.test(name))
    .map((name) => join(PACKAGE, name));
  return Math.max(...[...files, join(ROOT, "pnpm-workspace.yaml")].map((file) => statSync(file).mtimeMs));
}

/** Pack core-wasm as it is published, unless that has been done since it changed. @returns the packed file */
export function packedFile(): string {
  alone(() => {
    const newest = `${newestSource()}`;
    const stamp = join(PACKED, "made-of");
    if (existsSync(stamp) && readFileSync(stamp, "utf8") === newest) return;
    rmSync(PACKED, { recursive: true, force: true });
    mkdirSync(PACKED, { recursive: true });
    pnpm(PACKAGE, "pack", "--pack-destination", PACKED);
    writeFileSync(stamp, newest);
  });
  const name = readdirSync(PACKED).find((name) => name.endsWith(".tgz")) ?? "";
  return join(PACKED, name);
}

/** Unpack core-wasm as it is published. @param into a folder, made if need be */
export function unpackPackage(into: string): void {
  mkdirSync(into, { recursive: true });
  execFileSync("tar", ["-xzf", packedFile(), "-C", into, "--strip-components", "1"]);
}

/** Install and build the example pages in a folder of their own. @param addModel puts a model file where each wants it */
export function buildExamples(into: string, addModel: (folders: string[]) => void): void {
  cpSync(join(ROOT, "examples"), into, {
    recursive: true,
    filter: (path) => !/\/(node_modules|dist|core-wasm|\.astro)$/.test(path),
  });
  unpackPackage(join(into, "core-wasm"));
  const folders = ["vite/public", "astro/public", "esbuild", "no-bundler"].map((folder) =>
    join(into, folder),
  );
  for (const folder of folders) mkdirSync(folder, { recursive: true });
  addModel(folders);
  pnpm(into, "install", "--frozen-lockfile");
  pnpm(into, "run", "build");
}

/** The JavaScript of a page, block by block; core-wasm's README unless another is named. */
export function codeBlocks(page = "packages/core-wasm/README.md"): string[] {
  return codeBlocksOf(readText(page))
    .filter(({ language }) => language === "js")
    .map(({ code }) => code);
}
