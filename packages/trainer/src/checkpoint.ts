/** Training states on disk. */
import { decodeCheckpoint, encodeCheckpoint } from "./core/checkpoint.ts";
import type { TrainingState } from "./core/training.ts";
import { readWhole, writeWhole } from "./files.ts";

/** Write a state, whole or not at all. @throws UserError */
export function writeCheckpoint(path: string, state: TrainingState): void {
  writeWhole(path, encodeCheckpoint(state));
}

/** Read a state. @throws UserError where it is missing, damaged or something else */
export function readCheckpoint(path: string): TrainingState {
  return decodeCheckpoint(readWhole(path, "a checkpoint"), path);
}
