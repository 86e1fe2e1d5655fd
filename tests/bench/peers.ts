/**
 * The peers' packages: installed into a folder of their own when a benchmark first asks for one, and loaded from
 * there. Only what is used of them is typed here, since a type check must not need them.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Absent } from "./contestant.ts";

const FOLDER = fileURLToPath(new URL("peers", import.meta.url));

/** The versions that the folder's package.json names. */
export function peerVersions(): Record<string, string> {
  const manifest = JSON.parse(readFileSync(join(FOLDER, "package.json"), "utf8"));
  return manifest.dependencies;
}

/** Whether all peers are installed, in the versions that are named. */
export function arePeersInstalled(): boolean {
  return Object.entries(peerVersions()).every(([name, version]) => {
    const manifest = join(FOLDER, "node_modules", name, "package.json");
    return existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).version === version;
  });
}

/**
 * Install the peers where they are missing, from the folder's own lockfile.
 * @param say told before anything is fetched
 * @returns what went wrong, in one sentence; null where they are there
 */
export function installPeers(say: (text: string) => void): string | null {
  if (arePeersInstalled()) return null;
  say("Installing what this core is measured against (some 470 MB, once) ...");
  const pnpm = process.env.npm_execpath;
  const [command, ...words] = pnpm?.includes("pnpm") ? [pnpm] : ["npx", "-y", "pnpm@12"];
  const { status, stderr, stdout, error } = spawnSync(command, [...words, "install", "--frozen-lockfile"], {
    cwd: FOLDER,
    encoding: "utf8",
  });
  if (status === 0 && arePeersInstalled()) return null;
  const last = `${stdout ?? ""}${stderr ?? ""}`.trim().split("\n").at(-1) ?? "";
  return `the peers could not be installed (${error?.message ?? last}); onnxruntime and Faust are left out`;
}

/**
 * Load a peer's module.
 * @param path within the package, where its entry is not what is wanted
 * @throws Absent where it is not installed or does not load
 */
export async function loadPeer<Module>(name: string, path?: string): Promise<Module> {
  try {
    const file =
      path === undefined
        ? resolveEntry(name)
        : pathToFileURL(join(FOLDER, "node_modules", name, ...path.split("/"))).href;
    const module = await import(file);
    return (path === undefined ? (module.default ?? module) : module) as Module;
  } catch (error) {
    throw new Absent(`${name} is left out: ${(error as Error).message.split("\n")[0]}`);
  }
}

/** Where a file of an installed peer is. */
export function peerFile(name: string, ...path: string[]): string {
  return join(FOLDER, "node_modules", name, ...path);
}

function resolveEntry(name: string): string {
  return pathToFileURL(createRequire(join(FOLDER, "package.json")).resolve(name)).href;
}
