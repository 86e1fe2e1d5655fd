/**
 * A file that says which process works in a folder, so that no second one does. A process that was killed leaves it
 * behind; who comes next sees that it is gone.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { UserError } from "@neural-string/shared";
import { explainWriteError } from "../files.ts";

/** What this process holds: a number in a file may be our own, given again by the system. */
const held = new Set<string>();

/** How often somebody who waits looks again. */
const LOOK_MILLISECONDS = 100;

/**
 * Take a lock, held until `release` is called or this process ends.
 * @param what it is, for the sentence that refuses
 * @param patienceMs how long to wait for a process that may be ending
 * @throws UserError where another process has it, or the disk does not let us write
 */
export async function takeLock(path: string, what: string, patienceMs = 0): Promise<{ release(): void }> {
  const own = `${hostname()} ${process.pid}`;
  const until = Date.now() + patienceMs;
  for (;;) {
    if (create(path, own)) {
      held.add(path);
      return { release: () => release(path) };
    }
    const owner = readOwner(path);
    if (owner === undefined) continue;
    if (owner === own ? !held.has(path) : !isAlive(owner)) {
      takeAway(path, owner);
    } else if (Date.now() >= until) {
      throw new UserError(
        `${what}: another process works on it (${owner.replace(" ", ", process ")}); wait until it has ended, or remove ${path} where it has`,
      );
    } else await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
  }
}

function release(path: string): void {
  held.delete(path);
  rmSync(path, { force: true });
}

function create(path: string, own: string): boolean {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, own, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST" && existsSync(path)) return false;
    throw explainWriteError(path, error);
  }
}

/** Who holds it; undefined where it has just been released. */
function readOwner(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Whether an owner may be at work: of another machine that cannot be told. */
function isAlive(owner: string): boolean {
  const [host, pid] = owner.split(" ");
  if (host !== hostname()) return host !== "" && host !== undefined;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Take a dead owner's lock away; one that somebody else has taken meanwhile is put back. */
function takeAway(path: string, owner: string): void {
  const aside = `${path}.${process.pid}.old`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  if (readOwner(aside) === owner) rmSync(aside);
  else renameSync(aside, path);
}
