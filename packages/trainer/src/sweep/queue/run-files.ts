/** A run folder as a list of contents, and back: all files of it, or nothing. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { type TrialFile, UserError } from "@neural-string/shared";
import { writeWhole } from "../../files.ts";
import type { Store } from "./store.ts";

/** Put a run folder's files into the store. @returns none where there is no folder */
export async function sendRun(store: Store, folder: string): Promise<TrialFile[]> {
  if (!existsSync(folder)) return [];
  const files: TrialFile[] = [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    // what a process that was killed was just writing is no part of the run
    if (!entry.isFile() || entry.name.endsWith(".tmp")) continue;
    const file = join(entry.parentPath, entry.name);
    const path = relative(folder, file).split(sep).join("/");
    files.push({ path, ...(await store.put(readFileSync(file))) });
  }
  return files;
}

/**
 * Fetch a run's files; the folder takes the place of one that is there only when all have come.
 * @throws UserError where one is missing or damaged, or the disk does not let us write
 */
export async function fetchRun(store: Store, files: readonly TrialFile[], folder: string): Promise<void> {
  const arriving = `${folder}.arriving`;
  rmSync(arriving, { recursive: true, force: true });
  if (new Set(files.map(({ path }) => path)).size !== files.length)
    throw new UserError(`${folder}: expected each file of the run once, got one twice; it is refused`);
  for (const file of files) {
    const path = join(arriving, file.path);
    mkdirSync(dirname(path), { recursive: true });
    writeWhole(path, await store.get(file, file.path));
  }
  rmSync(folder, { recursive: true, force: true });
  renameSync(arriving, folder);
}
