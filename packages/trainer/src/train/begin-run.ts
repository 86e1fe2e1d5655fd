/** Begins a new run: its folder with config and record, claimed; where the disk does not let us, nothing of it stays. */
import { rmSync } from "node:fs";
import type { RunRecord, TrainConfig } from "@neural-string/shared";
import { createRunFolder } from "../numbered-runs.ts";
import type { Lock } from "../process-lock.ts";
import type { RunFolder } from "../run-folder.ts";
import { claimFolder } from "../run-lock.ts";

/**
 * Begin a run.
 * @param where as `createRunFolder` takes it
 * @param recordOf its record, by its number
 * @throws UserError where it cannot be written, with the folder gone
 */
export async function beginRun(
  where: Parameters<typeof createRunFolder>[0],
  config: TrainConfig,
  recordOf: (number: number) => RunRecord,
): Promise<{ folder: RunFolder; record: RunRecord; lock: Lock }> {
  const { folder, number } = createRunFolder(where);
  let lock: Lock | undefined;
  try {
    lock = await claimFolder(folder);
    return { folder, record: writeBeginning(folder, config, recordOf(number)), lock };
  } catch (error) {
    lock?.release();
    // without a record it is no run, and nobody would ever clear it away
    rmSync(folder.path, { recursive: true, force: true });
    throw error;
  }
}

/** Write what a run is. @returns its record, as it was written */
export function writeBeginning(folder: RunFolder, config: TrainConfig, record: RunRecord): RunRecord {
  // the record last: what has one is a run
  const whole = { ...record, configSha256: folder.writeConfig(config) };
  folder.writeRecord(whole);
  return whole;
}
