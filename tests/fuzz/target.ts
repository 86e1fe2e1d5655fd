/**
 * What a fuzz target is: cases to draw, and a promise that every one of them must keep. The same targets run for some
 * seconds in the test suite (fuzz.test.ts) and for as long as one likes as `pnpm fuzz` (main.ts).
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type fc from "fast-check";
import { expect } from "vitest";

/** Cases that once broke a promise, or come near one: a folder for each target. */
export const CORPUS = fileURLToPath(new URL("../corpus", import.meta.url));

export interface Target<Case> {
  /** As it is called on the command line; the name of its folder in the corpus. */
  name: string;
  /** What is thrown at what, in a few words. */
  what: string;
  /** Cases are kept as their bytes or as JSON. */
  kept: "bytes" | "json";
  /** What to draw; the corpus may be built upon. */
  cases(corpus: Case[]): fc.Arbitrary<Case>;
  /** Throws (or rejects) where a case breaks the promise. */
  check(value: Case): void | Promise<void>;
  /** Cases that the suite draws: some two seconds' worth; and those of `pnpm fuzz`, unless it is told how many. */
  shortRun: number;
  longRun?: number;
}

/** Cases of `pnpm fuzz`. */
export const LONG_RUN = 100_000;

/** A case as a file's bytes. */
export function encodeCase<Case>({ kept }: Target<Case>, value: Case): Uint8Array {
  return kept === "bytes" ? (value as Uint8Array) : Buffer.from(`${JSON.stringify(value, null, 1)}\n`);
}

/** The corpus of a target, by file name. */
export function readCorpus<Case>({ name, kept }: Target<Case>, folder = CORPUS): Map<string, Case> {
  const inside = join(folder, name);
  if (!existsSync(inside)) return new Map();
  const files = readdirSync(inside, { withFileTypes: true }).filter((entry) => entry.isFile());
  const decode = (bytes: Buffer) =>
    (kept === "bytes" ? new Uint8Array(bytes) : JSON.parse(bytes.toString())) as Case;
  return new Map(files.map((file) => [file.name, decode(readFileSync(join(inside, file.name)))]));
}

const PROTOTYPES = [Object, Array, Function, String, Number, Map, Float32Array, Promise].map(
  ({ prototype }) => prototype as object,
);
const CLEAN = PROTOTYPES.map((prototype) => Reflect.ownKeys(prototype));

/** Demand that nothing has been written into what all objects share. */
function expectCleanPrototypes(): void {
  for (const [i, prototype] of PROTOTYPES.entries()) {
    const more = Reflect.ownKeys(prototype).filter((key) => !CLEAN[i].includes(key));
    // taken away again, so that the next case is not blamed for it
    for (const key of more) Reflect.deleteProperty(prototype, key);
    if (more.length > 0) expect(more).toEqual([]);
  }
}

/** Run a case and demand that it left the prototypes alone. */
export async function checkCase<Case>(target: Target<Case>, value: Case): Promise<void> {
  await target.check(value);
  expectCleanPrototypes();
}
