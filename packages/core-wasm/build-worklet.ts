/**
 * Make the worklet's script one file without imports, when the package is packed: a bundler that meets
 * `new URL("./worklet.js", import.meta.url)` copies that file, and not what it imports.
 */
import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";

const file = fileURLToPath(new URL("dist/worklet.js", import.meta.url));
await build({
  input: fileURLToPath(new URL("src/worklet.ts", import.meta.url)),
  // says that it is a module, which nothing else in it does
  output: { file, format: "esm", minify: false, footer: "export {};" },
});
process.stderr.write(`core-wasm worklet.js: ${statSync(file).size} bytes\n`);
