/**
 * Says whose code is in the package beside ours, when it is packed: parts of AssemblyScript's standard library are compiled
 * into the binaries.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = dirname(createRequire(import.meta.url).resolve("assemblyscript/package.json"));
const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
const [text, authors] = ["LICENSE", "NOTICE"].map((file) => readFileSync(join(folder, file), "utf8").trim());
writeFileSync(
  fileURLToPath(new URL("dist/third-party-notices.txt", import.meta.url)),
  `The WebAssembly binaries contain parts of the standard library of AssemblyScript (${name} ${version}, ${license}).\n\n${authors}\n\n${text}\n`,
);
