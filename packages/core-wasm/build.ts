/**
 * Compile the builds of the core: for players the same source with no SIMD, with SIMD, and with relaxed SIMD
 * (one-rounding multiply-add); for training the latter two. Run by `pnpm build`; skips what is newer than its sources.
 */
import { mkdirSync, readdirSync, realpathSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL(".", import.meta.url));
const SIMD = ["--enable", "simd"];
const RELAXED = [...SIMD, "--enable", "relaxed-simd"];
/** The builds: what each is made of, and which instructions it may use. */
export const TARGETS = {
  scalar: { entry: "index.ts", features: [] },
  simd: { entry: "index.ts", features: SIMD },
  relaxed: { entry: "index.ts", features: RELAXED },
  "train-simd": { entry: "train.ts", features: SIMD },
  "train-relaxed": { entry: "train.ts", features: RELAXED },
};
// -O3s: the hot loops come out as with -O3, and what is called now and then is not inlined: 20 KB less. const-hoisting:
// a constant that a function uses often is written once, 470 bytes less, and simplify-locals-nostructure spares the locals
// that this leaves behind, 30 more; engines make the same code of it.
const OPTIONS = [
  ...["--runtime", "stub", "-O3s", "--noAssert", "--converge", "--use", "abort="],
  ...["--runPasses", "const-hoisting,simplify-locals-nostructure"],
];

const words = process.argv.slice(2);
if (words.length > 0 && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.stderr.write(`pnpm build: expected no arguments, got ${words.join(" ")}; it builds all there is\n`);
  process.exit(2);
}

const sources = readdirSync(join(root, "assembly"), { recursive: true, encoding: "utf8" }).map((name) =>
  join(root, "assembly", name),
);
const newest = Math.max(
  ...[...sources, fileURLToPath(import.meta.url)].map((path) => statSync(path).mtimeMs),
);

mkdirSync(join(root, "build"), { recursive: true });
for (const name of Object.keys(TARGETS) as (keyof typeof TARGETS)[]) {
  const outFile = join(root, "build", `${name}.wasm`);
  const built = statSync(outFile, { throwIfNoEntry: false });
  if (built && built.mtimeMs > newest) continue;
  await compile(name, outFile);
  process.stderr.write(`core-wasm ${name}: ${statSync(outFile).size} bytes\n`);
}

/**
 * Compile one build.
 * @param more options beyond those that all builds have: `--debug` keeps the functions' names beside the same code
 * @throws what the compiler says
 */
export async function compile(
  name: keyof typeof TARGETS,
  outFile: string,
  more: readonly string[] = [],
): Promise<void> {
  const { entry, features } = TARGETS[name];
  // loaded only when needed: commands call this script first, and mostly nothing has changed
  const { default: asc } = await import("assemblyscript/asc");
  const { error, stderr } = await asc.main([
    join("assembly", entry),
    "--baseDir",
    root,
    "--outFile",
    relative(root, outFile),
    ...OPTIONS,
    ...features,
    ...more,
  ]);
  if (error) {
    process.stderr.write(stderr.toString());
    throw error;
  }
}
