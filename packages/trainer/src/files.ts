/**
 * Writing files so that nothing half-written is ever taken for whole: to a temporary name, then renamed. What stands
 * in the way (a full disk, a read-only folder) becomes one sentence.
 */
import {
  appendFileSync,
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
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
    const got = FOUND[(error as NodeJS.ErrnoException).code ?? ""] ?? (error as Error).message;
    throw new UserError(`${path}: expected ${expected}, got ${got}; check the path`);
  }
}
