/**
 * The folders of many runs: `runs/0007-name/`, with numbers that are given once and folders that are never overwritten; a
 * run is made, found and kept here, and its files are run-folder.ts's.
 */
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
} from "node:fs";
import { basename, dirname, join, resolve, sep } from "node:path";
import { UserError } from "@neural-string/shared";
import { explainWriteError, listFolder, makeFolders } from "./files.ts";
import { RunFolder } from "./run-folder.ts";

/** The default parent of run folders. */
export const RUNS = "runs";

const NO_PARENT = "a folder for runs, got a file; choose another --runs";

const NUMBERED = /^(\d{4,})-/;

/**
 * Make a new run's folder.
 * @param where a parent, in which the run gets the next number; or exactly the folder, which must not exist
 * @throws UserError where it exists or cannot be made
 */
export function createRunFolder(where: { parent: string; name: string } | { exactly: string }): {
  folder: RunFolder;
  number: number;
} {
  try {
    if ("exactly" in where) {
      const path = resolve(where.exactly);
      makeFolders(dirname(path));
      mkdirSync(path);
      addCheckpoints(path);
      return { folder: new RunFolder(path), number: Number(NUMBERED.exec(basename(path))?.[1] ?? 0) };
    }
    const { path, number } = claimNumber(where.parent, where.name);
    addCheckpoints(path);
    return { folder: new RunFolder(path), number };
  } catch (error) {
    const given = "exactly" in where ? where.exactly : where.parent;
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EEXIST" || !existsSync(given)) throw explainWriteError(given, error);
    throw new UserError(
      "exactly" in where
        ? `${given}: expected no such folder yet, got one; a run is never overwritten: choose another --run-dir`
        : `${given}: expected ${NO_PARENT}`,
    );
  }
}

/** Make the folder for checkpoints in a new run's; where it cannot be made, that one goes too. */
function addCheckpoints(path: string): void {
  try {
    mkdirSync(join(path, "checkpoints"));
  } catch (error) {
    rmdirSync(path);
    throw error;
  }
}

/**
 * Take the next free number. Of runs that start at once and take the same one, whoever sees another tries again: the
 * later one always does.
 */
function claimNumber(parent: string, name: string): { path: string; number: number } {
  makeFolders(resolve(parent));
  const numbers = () => readdirSync(parent).flatMap((entry) => NUMBERED.exec(entry)?.[1] ?? []);
  for (;;) {
    const number = 1 + Math.max(0, ...numbers().map(Number));
    // beyond this, one more is the same number, and the search would never end
    if (!Number.isSafeInteger(number))
      throw new UserError(
        `${parent}: number ${number} in it is too high to count on from; rename that folder`,
      );
    const digits = String(number).padStart(4, "0");
    const path = join(resolve(parent), `${digits}-${name}`);
    try {
      mkdirSync(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") continue;
      throw error;
    }
    const rivals = readdirSync(parent).filter((entry) => entry.startsWith(`${digits}-`));
    if (rivals.length === 1) return { path, number };
    rmdirSync(path);
    // each waits another while, else they would meet again
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20 * Math.random());
  }
}

/**
 * Find a run by number, folder name or path.
 * @throws UserError, naming the runs there are
 */
export function findRun(run: string, parent: string = RUNS): RunFolder {
  for (const path of [run, join(parent, run)]) {
    if (existsSync(join(path, "run.json"))) return new RunFolder(resolve(path));
  }
  const runs = listRuns(parent);
  const found = /^\d+$/.test(run)
    ? runs.find(({ path }) => Number(NUMBERED.exec(basename(path))?.[1]) === Number(run))
    : undefined;
  if (found) return found;
  if (existsSync(run))
    throw new UserError(`${run}: expected a run's folder (with a run.json), got another; name a run`);
  const names = runs.map(({ path }) => basename(path)).slice(-5);
  throw new UserError(
    `${run}: no such run in ${parent}; ${names.length > 0 ? `the latest are ${names.join(", ")}` : "there are none yet"}`,
  );
}

/** List a parent's runs by number; none where it does not exist. @throws UserError where it is no folder to read */
export function listRuns(parent: string = RUNS): RunFolder[] {
  return numbered(parent)
    .filter((path) => existsSync(join(path, "run.json")))
    .map((path) => new RunFolder(path));
}

/** List a parent's folders that are numbered as runs but have no record: empty, or of a run that has just begun. */
export function unbegunRuns(parent: string): string[] {
  return numbered(parent).filter(
    (path) =>
      lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true &&
      !existsSync(join(path, "run.json")),
  );
}

/** What in a folder is numbered as runs are, by number. @throws UserError where it is no folder to read */
function numbered(parent: string): string[] {
  return listFolder(parent, NO_PARENT)
    .filter((entry) => NUMBERED.test(entry))
    .toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
    .map((entry) => resolve(parent, entry));
}

/** The sentence where runs were found and none of them could be read. */
export function noneReadable(parent: string, count: number): string {
  return `${parent}: expected a run that can be read, got ${count} damaged; mend what the notes name, or remove it`;
}

/**
 * Copy a run to where version control keeps it: all but the checkpoints, which only resuming needs.
 * @throws UserError where the destination exists or cannot be written
 */
export function keepRun(folder: RunFolder, destination: string): void {
  if (existsSync(destination)) {
    throw new UserError(`${destination}: expected no such folder yet, got one; choose another name`);
  }
  if (`${resolve(destination)}${sep}`.startsWith(`${resolve(folder.path)}${sep}`)) {
    throw new UserError(
      `${destination}: expected a place outside the run's own folder, got one in it; name another`,
    );
  }
  const partial = `${destination}.partial-${process.pid}`;
  try {
    makeFolders(dirname(resolve(destination)));
    try {
      cpSync(folder.path, partial, {
        recursive: true,
        filter: (path) => path !== folder.file("checkpoints"),
      });
      renameSync(partial, destination);
    } catch (error) {
      rmSync(partial, { recursive: true, force: true });
      throw error;
    }
  } catch (error) {
    throw explainWriteError(destination, error);
  }
}
