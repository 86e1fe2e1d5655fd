/**
 * A file that says which process works in a folder, so that no second one does. A process that was killed leaves it
 * behind; who comes next sees that it is gone.
 */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, resolve } from "node:path";
import { UserError } from "@neural-string/shared";
import { explainWriteError, makeFolders } from "./files.ts";

/** What this process holds: a number in a file may be our own, given again by the system. */
const held = new Set<string>();

/** How often somebody who waits looks again. */
const LOOK_MILLISECONDS = 100;

/** Who holds a lock. */
export interface Owner {
  host: string;
  pid: string;
  /** When the process began, in its system's own count: numbers of processes are given again. Perhaps not known. */
  birth?: string;
}

export interface LockOptions {
  /** How long to wait for a process that may be ending; default 0. */
  patienceMs?: number;
  /** The sentence that refuses. */
  refusal: (owner: Owner) => string;
  /** What is said not to be writable where the lock is not; default the lock's path. */
  blamed?: string;
}

/** A lock that is held until `release` is called or this process ends. */
export interface Lock {
  release(): void;
}

/**
 * Take a lock.
 * @param what it is, for the sentence that refuses @param patienceMs how long to wait for a process that may be ending
 * @throws UserError where another process has it, or the disk does not let us write
 */
export function takeLock(path: string, what: string, patienceMs = 0): Promise<Lock> {
  const refusal = ({ host, pid }: Owner) =>
    `${what}: another process works on it (${host}, process ${pid}); wait until it has ended, or remove ${path} where it has`;
  return lockFile(path, { patienceMs, refusal });
}

/** As `takeLock`, in words of the caller's. @throws UserError */
export async function lockFile(
  path: string,
  { patienceMs = 0, refusal, blamed = path }: LockOptions,
): Promise<Lock> {
  const until = Date.now() + patienceMs;
  for (;;) {
    if (create(path, blamed)) {
      held.add(path);
      return { release: () => release(path) };
    }
    const text = read(path);
    if (text === undefined) continue;
    const owner = ownerOf(text);
    if (!isAtWork(owner, path)) takeAway(path, text);
    else if (Date.now() >= until) throw new UserError(refusal(owner));
    else await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
  }
}

function release(path: string): void {
  held.delete(path);
  rmSync(path, { force: true });
}

/** Give the lock's name to a file that is whole: nobody shall read half an owner. @returns whether that was free */
function create(path: string, blamed: string): boolean {
  const own = `${path}.${process.pid}.tmp`;
  try {
    makeFolders(dirname(resolve(path)));
    writeFileSync(own, `${hostname()} ${process.pid} ${birthOf(process.pid)}`);
    linkSync(own, path);
    return true;
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && syscall === "link") return false;
    throw explainWriteError(blamed, error);
  } finally {
    try {
      rmSync(own, { force: true });
    } catch {} // where nothing can be written, nothing was
  }
}

/** What a lock says; undefined where it has just been released. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function ownerOf(text: string): Owner {
  const [host = "", pid = "", birth] = text.trim().split(" ");
  return { host, pid, birth };
}

/** Whether an owner may be at work: of another machine that cannot be told. */
function isAtWork({ host, pid, birth }: Owner, path: string): boolean {
  if (host !== hostname()) return host !== "";
  const number = Number(pid);
  if (!(Number.isSafeInteger(number) && number > 0)) return false;
  if (number === process.pid) return held.has(path);
  return lives(number) && (birth === undefined || birth === birthOf(number));
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // it lives, and is another's
  }
}

/** When a process began; "?" where that is not told. */
function birthOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return "?";
  }
}

/** Take away a lock whose owner is gone; one that somebody else has taken meanwhile is put back. */
function takeAway(path: string, text: string): void {
  const aside = `${path}.${process.pid}.old`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  if (read(aside) === text) rmSync(aside);
  else renameSync(aside, path);
}
