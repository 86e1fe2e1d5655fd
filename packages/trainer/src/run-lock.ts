/** Keeps two trainings out of one run folder, and clears away what a killed one had half written there. */
import { readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { type Lock, lockFile } from "./process-lock.ts";
import type { RunFolder } from "./run-folder.ts";

/** What a write that was killed leaves behind (files.ts). */
const HALF_WRITTEN = /\.\d+\.tmp$/;

/**
 * Claim a run's folder for this process.
 * @throws UserError where another training holds it, or it cannot be written
 */
export async function claimFolder(folder: RunFolder): Promise<Lock> {
  const lock = await lockFile(folder.file("checkpoints", "lock"), {
    refusal: ({ pid }) =>
      `${basename(folder.path)}: another training (process ${pid}) is writing into this folder; wait for it, or end it`,
    blamed: folder.path,
  });
  for (const inside of [folder.path, folder.file("checkpoints")]) {
    for (const name of readdirSync(inside))
      if (HALF_WRITTEN.test(name)) rmSync(join(inside, name), { force: true });
  }
  return lock;
}
