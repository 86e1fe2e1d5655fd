/**
 * Keeps two trainings out of one run folder: whoever trains there leaves its process's number in a file beside the
 * checkpoints. One that was killed leaves it behind; the next sees that nobody of that number lives, and takes its place.
 */
import { linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { UserError } from "@neural-string/shared";
import { explainWriteError } from "./files.ts";
import type { RunFolder } from "./run-folder.ts";

/** What a write that was killed leaves behind (files.ts). */
const HALF_WRITTEN = /\.\d+\.tmp$/;

/** Milliseconds: far longer than another takes between looking at a lock that nobody holds and taking it over. */
const A_MOMENT = 50;

/**
 * Claim a run's folder for this process, and clear away what a killed one had half written.
 * @returns gives it up
 * @throws UserError where another training holds it, or it cannot be written
 */
export function claimFolder(folder: RunFolder): () => void {
  const path = folder.file("checkpoints", "lock");
  const own = `${path}.${process.pid}.tmp`;
  const text = `${process.pid} ${birthOf(process.pid)}\n`;
  try {
    writeFileSync(own, text);
    if (!claimed(own, path)) {
      refuseWhereHeld(folder, readFileSync(path, "utf8"));
      renameSync(own, path);
      // of several that take over at once, the last one holds it
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, A_MOMENT);
      const now = readFileSync(path, "utf8");
      if (now !== text) refuseWhereHeld(folder, now);
    }
  } catch (error) {
    throw explainWriteError(folder.path, error);
  } finally {
    try {
      rmSync(own, { force: true });
    } catch {} // where nothing can be written, nothing was
  }
  for (const inside of [folder.path, folder.file("checkpoints")]) {
    for (const name of readdirSync(inside))
      if (HALF_WRITTEN.test(name)) rmSync(join(inside, name), { force: true });
  }
  return () => rmSync(path, { force: true });
}

/** Link a file to the lock's name. @returns whether that was free */
function claimed(own: string, path: string): boolean {
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function refuseWhereHeld(folder: RunFolder, text: string): void {
  const [pid, birth] = text.trim().split(" ");
  if (Number(pid) === process.pid || !lives(Number(pid)) || birthOf(Number(pid)) !== birth) return;
  throw new UserError(
    `${basename(folder.path)}: another training (process ${pid}) is writing into this folder; wait for it, or end it`,
  );
}

function lives(pid: number): boolean {
  if (!(Number.isSafeInteger(pid) && pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // it lives, and is another's
  }
}

/** When a process began, in the system's own count: numbers of processes are given again. "?" where that is not told. */
function birthOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return "?";
  }
}
