/** `pnpm bench:wasm`: reads what is asked for, measures or reads a run, prints it, writes it. */
import { accessSync, constants, existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseJsonOrExplain, UserError } from "@neural-string/shared";
import { readWhole, writeJson, writeWhole } from "@neural-string/trainer/files";
import { runMain } from "@neural-string/trainer/run-main";
import { Terminal } from "@neural-string/trainer/terminal";
import { type Arguments, HELP, readArguments } from "./arguments.ts";
import { drawCurves, fillPage, PLOTS_FOLDER } from "./docs.ts";
import { type BenchRun, BenchRunSchema } from "./schema.ts";
import { printedRun } from "./screen.ts";

const DOCS = fileURLToPath(new URL("../../docs/", import.meta.url));
const PAGE = join(DOCS, "benchmarks.md");

await runMain(main);

async function main(): Promise<number> {
  const wish = readArguments(process.argv.slice(2));
  if (wish.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (wish.json !== null) checkPlace(wish.json);
  const terminal = new Terminal(false);
  const { run, refused } = wish.from === null ? await measure(wish, terminal) : readRun(wish.from);
  terminal.say(printedRun(run));
  if (wish.json !== null) writeJson(wish.json, run);
  for (const sentence of refused) terminal.warn(sentence);
  if (refused.length > 0) return 1;
  if (wish.docs) writeDocs(run, terminal);
  return 0;
}

/** Minutes of measuring must not end in a file that cannot be written. @throws UserError */
function checkPlace(path: string): void {
  const exists = existsSync(path);
  try {
    accessSync(exists ? path : dirname(path), constants.W_OK);
    if (exists && statSync(path).isDirectory()) throw new Error("it is a folder");
    if (!statSync(dirname(path)).isDirectory()) throw new Error(`${dirname(path)} is no folder`);
  } catch (error) {
    throw new UserError(`--json ${path}: expected a file that can be written: ${(error as Error).message}`);
  }
}

/** Measure. Everything that computes is loaded only now: tfjs alone takes a second. */
async function measure(wish: Arguments, terminal: Terminal) {
  const { measureRun } = await import("./run.ts");
  return measureRun(wish, terminal);
}

function readRun(path: NonNullable<Arguments["from"]>): { run: BenchRun; refused: string[] } {
  const text = new TextDecoder().decode(readWhole(path, "what --json FILE wrote"));
  return { run: parseJsonOrExplain(BenchRunSchema, text, path), refused: [] };
}

/** Write the page, the plots, and the run they were made of. */
function writeDocs(run: BenchRun, terminal: Terminal): void {
  const page = fillPage(readFileSync(PAGE, "utf8"), run);
  const folder = join(DOCS, PLOTS_FOLDER);
  mkdirSync(folder, { recursive: true });
  for (const [name, plot] of drawCurves(run)) writeWhole(join(folder, name), plot);
  writeJson(join(folder, "run.json"), run);
  writeWhole(PAGE, page);
  terminal.say("\nWritten: docs/benchmarks.md, its plots and the run they show");
}
