/**
 * Where TensorFlow's native library lies for tfjs-node, and what may be wrong with it. `backend.ts` asks before it
 * loads it, `setup.ts` before and after it installs it. Nothing here loads anything.
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** tfjs-node 4.22 calls what Node 23 has taken away. */
const NEWEST_NODE = 22;

/** Version of Node-API that the addon is built for: the newest that tfjs-node names. */
export const NODE_API = 8;

/** The places that tfjs-node itself looks into. */
export interface Installation {
  /** The package's folder. */
  package: string;
  /** The C++ addon, which the package loads. */
  addon: string;
  /** Folder of the libraries that the addon loads. */
  libraries: string;
  /** Folder of their C headers. */
  headers: string;
}

/** @returns null where the package is not there: it is an optional dependency */
export function findInstallation(): Installation | null {
  const require = createRequire(import.meta.url);
  try {
    return installationIn(dirname(require.resolve("@tensorflow/tfjs-node/package.json")));
  } catch {
    return null;
  }
}

/** The places within a folder of the package. */
export function installationIn(folder: string): Installation {
  return {
    package: folder,
    addon: join(folder, "lib", `napi-v${NODE_API}`, "tfjs_binding.node"),
    libraries: join(folder, "deps", "lib"),
    headers: join(folder, "deps", "include"),
  };
}

/** Whether the addon is there; it may still be broken. */
export function isInstalled(installation: Installation | null): installation is Installation {
  return installation !== null && existsSync(installation.addon);
}

/**
 * What this Node has against tfjs-node.
 * @param version as `process.versions.node`
 * @returns part of a sentence, or null
 */
export function nodeProblem(version: string = process.versions.node): string | null {
  if (Number(version.split(".")[0]) <= NEWEST_NODE) return null;
  return `tfjs-node 4.22 does not work on Node ${version}, only up to ${NEWEST_NODE}`;
}
