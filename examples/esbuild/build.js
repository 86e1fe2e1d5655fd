// Bundles the page's script, and copies what is not bundled.
import { copyFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

await build({
  entryPoints: ["main.js"],
  bundle: true,
  format: "esm",
  loader: { ".wasm": "file" },
  outdir: "dist",
});
copyFileSync(fileURLToPath(import.meta.resolve("@neural-string/core-wasm/worklet")), "dist/worklet.js");
for (const file of ["index.html", "model.safetensors"]) copyFileSync(file, `dist/${file}`);
