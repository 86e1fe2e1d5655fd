/** What a result was made with: the commit of this repository, and the versions of what it depends on. */
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import type { RunRecord } from "@neural-string/shared";

/** The commit a run was made from, null outside version control. */
export function gitState(): RunRecord["git"] {
  const git = (...args: string[]) =>
    execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    return { commit: git("rev-parse", "HEAD"), dirty: git("status", "--porcelain") !== "" };
  } catch {
    return null;
  }
}

/** Versions of what a result depends on. */
export function versions(): Record<string, string> {
  const require = createRequire(import.meta.url);
  const version = (name: string) => (require(`${name}/package.json`) as { version: string }).version;
  const own = require("../package.json") as { version: string };
  return {
    node: process.versions.node,
    "@neural-string/trainer": own.version,
    "@tensorflow/tfjs": version("@tensorflow/tfjs"),
    "@tensorflow/tfjs-backend-wasm": version("@tensorflow/tfjs-backend-wasm"),
  };
}
