/**
 * Compile the three builds of the core: the same source with no SIMD, with SIMD, and with relaxed SIMD (one-rounding
 * multiply-add). Run by `pnpm build`; skips what is newer than its sources. With `--names` the builds go to
 * `build/named` and keep their functions' names, for profiles: the code in them is the same.
 */
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL(".", import.meta.url));
const named = process.argv.includes("--names");
const out = named ? join("build", "named") : "build";
const SIMD = ["--enable", "simd"];
const RELAXED = [...SIMD, "--enable", "relaxed-simd"];
const TARGETS = {
  scalar: { entry: "index.ts", features: [] },
  simd: { entry: "index.ts", features: SIMD },
  relaxed: { entry: "index.ts", features: RELAXED },
  "train-simd": { entry: "train.ts", features: SIMD },
  "train-relaxed": { entry: "train.ts", features: RELAXED },
};
// -O3s: the hot loops come out as with -O3, and what is called now and then is not inlined: 20 KB less.
const OPTIONS = ["--runtime", "stub", "-O3s", "--noAssert", "--converge", "--use", "abort="];
if (named) OPTIONS.push("--debug");

const sources = readdirSync(join(root, "assembly"), { recursive: true, encoding: "utf8" }).map((name) =>
  join(root, "assembly", name),
);
const newest = Math.max(
  ...[...sources, fileURLToPath(import.meta.url)].map((path) => statSync(path).mtimeMs),
);

mkdirSync(join(root, out), { recursive: true });
for (const [name, { entry, features }] of Object.entries(TARGETS)) {
  const outFile = join(out, `${name}.wasm`);
  const built = statSync(join(root, outFile), { throwIfNoEntry: false });
  if (built && built.mtimeMs > newest) continue;
  // loaded only when needed: commands call this script first, and mostly nothing has changed
  const { default: asc } = await import("assemblyscript/asc");
  const { error, stderr } = await asc.main([
    join("assembly", entry),
    "--baseDir",
    root,
    "--outFile",
    outFile,
    ...OPTIONS,
    ...features,
  ]);
  if (error) {
    process.stderr.write(stderr.toString());
    throw error;
  }
  process.stderr.write(`core-wasm ${name}: ${statSync(join(root, outFile)).size} bytes\n`);
}
