/**
 * Writing files so that nothing half-written is ever taken for whole: to a temporary name, then renamed. What stands
 * in the way (a full disk, a read-only folder) becomes one sentence.
 */
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import { UserError } from "@neural-string/shared";

const REASONS: Record<string, string> = {
  ENOSPC: "no space left on the disk; free some, then go on",
  EDQUOT: "your disk quota is used up; free some space, then go on",
  EROFS: "the folder is read-only; choose another",
  EACCES: "you may not write there; choose another folder",
  EPERM: "you may not write there; choose another folder",
  ENOENT: "its folder does not exist; make it first",
  ENOTDIR: "a part of its path is a file; choose another folder",
  EEXIST: "a part of its path is a file; choose another folder", // what mkdir says to it
  EISDIR: "it is a folder; name a file",
  ELOOP: "its links lead round in a circle; choose another name",
  ENAMETOOLONG: "its name is too long; choose a shorter one",
  ERR_INVALID_ARG_VALUE: "its name has the character U+0000 in it; choose another",
};

/** What is where something was to be read. */
const FOUND: Record<string, string> = {
  ENOENT: "nothing there",
  ENOTDIR: "nothing there (a part of its path is a file)",
  EISDIR: "a folder",
  EACCES: "what you may not read",
  EPERM: "what you may not read",
  ELOOP: "links that lead round in a circle",
  ENAMETOOLONG: "a name that is too long",
  ERR_FS_FILE_TOO_LARGE: "more than 2 GiB",
  ERR_INVALID_ARG_VALUE: "a name with the character U+0000 in it", // Node refuses it before the system does
};

/** Turn a system error into a sentence where a person can mend it; others stay as they are. */
export function explainWriteError(path: string, error: unknown): unknown {
  const reason = REASONS[(error as NodeJS.ErrnoException).code ?? ""];
  return reason === undefined
    ? error
    : new UserError(`${path}: cannot be written: ${reason}`, { cause: error });
}

/**
 * Write a whole file, or nothing. Not through write-file-atomic: its synchronous form takes a short write, which is
 * how a disk that fills up begins, for a whole one.
 * @throws UserError
 */
export function writeWhole(path: string, content: string | Uint8Array): void {
  const partial = `${path}.${process.pid}.tmp`;
  try {
    // renaming onto a device (/dev/null) would replace it
    const there = statSync(path, { throwIfNoEntry: false });
    if (there?.isDirectory()) throw Object.assign(new Error("a folder"), { code: "EISDIR" });
    if (there && !there.isFile()) {
      throw new UserError(`${path}: cannot be written: it is not an ordinary file; name another`);
    }
    const file = openSync(partial, "w");
    try {
      try {
        writeFileSync(file, content); // until all of it is written
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(partial, path);
    } catch (error) {
      rmSync(partial, { force: true });
      throw error;
    }
  } catch (error) {
    throw explainWriteError(path, error);
  }
}

/** Write JSON, indented for people. @throws UserError */
export function writeJson(path: string, value: unknown): void {
  writeWhole(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** Append one line of JSON. @throws UserError */
export function appendJsonLine(path: string, value: unknown): void {
  appendWhole(path, `${JSON.stringify(value)}\n`);
}

/** Append all of it, or nothing. @throws UserError */
export function appendWhole(path: string, content: string | Uint8Array): void {
  const before = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  try {
    appendFileSync(path, content);
  } catch (error) {
    try {
      if (statSync(path, { throwIfNoEntry: false })?.isFile()) truncateSync(path, before);
    } catch {} // where nothing can be written any more, nothing of it was
    throw explainWriteError(path, error);
  }
}

/** Read an ordinary file a person named. @throws UserError */
export function readWhole(path: string, expected: string): Uint8Array<ArrayBuffer> {
  try {
    const there = statSync(path);
    // a device may never end, and a pipe never begin
    if (!there.isFile() && !there.isDirectory()) {
      throw new UserError(`${path}: expected ${expected}, got what is not an ordinary file; save it first`);
    }
    return readFileSync(path);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${path}: expected ${expected}, got ${foundInstead(error)}; check the path`);
  }
}

/**
 * Make a folder and those above it, where missing. Node's own recursive form never returns under /proc, and of a
 * read-only disk it says ENOENT.
 * @throws the system's error, for explainWriteError
 */
export function makeFolders(path: string): void {
  const isFolder = () => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  if (isFolder()) return;
  if (dirname(path) !== path) makeFolders(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if (!isFolder()) throw error; // another process may have been quicker
  }
}

/** As `makeFolders`. @throws UserError where the disk does not let us */
export function ensureFolder(path: string): void {
  try {
    makeFolders(resolve(path));
  } catch (error) {
    throw explainWriteError(path, error);
  }
}

/**
 * The names in a folder that a person named; none where it does not exist.
 * @param unlessFile what is said where it is a file: "a folder for runs, got a file; choose another"
 * @throws UserError where it cannot be listed
 */
export function listFolder(path: string, unlessFile: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // below a file there is nothing either
    if (code === "ENOENT" || (code === "ENOTDIR" && !existsSync(path))) return [];
    if (code === "ENOTDIR") throw new UserError(`${path}: expected ${unlessFile}`);
    throw new UserError(`${path}: expected a folder, got ${foundInstead(error)}; check the path`);
  }
}

/** What is where something was to be read, in words. */
function foundInstead(error: unknown): string {
  return FOUND[(error as NodeJS.ErrnoException).code ?? ""] ?? (error as Error).message;
}
