/** core-wasm as it is published: packed, and unpacked into a folder; and the example pages that install it. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

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
  const lock = join(ROOT, "packages/core-wasm/build/.packing");
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

/** Pack core-wasm and unpack it. @param into a folder, made if need be @returns the packed file's name */
export function unpackPackage(into: string): string {
  const folder = mkdtempSync(join(tmpdir(), "neural-string-pack-"));
  try {
    alone(() => pnpm(join(ROOT, "packages/core-wasm"), "pack", "--pack-destination", folder));
    const [name] = readdirSync(folder);
    mkdirSync(into, { recursive: true });
    execFileSync("tar", ["-xzf", join(folder, name), "-C", into, "--strip-components", "1"]);
    return name;
  } finally {
    rmSync(folder, { recursive: true });
  }
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

/** The JavaScript of core-wasm's README, block by block. */
export function codeBlocks(): string[] {
  const text = readFileSync(join(ROOT, "packages/core-wasm/README.md"), "utf8");
  return [...text.matchAll(/^```js\n(.*?)^```/gms)].map(([, code]) => code);
}
