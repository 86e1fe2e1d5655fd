/** A prepared training, run to its end with its log and its checkpoints in a run folder. */
import type { LogLine } from "@neural-string/shared";
import { readCheckpoint, writeCheckpoint } from "../checkpoint.ts";
import type { TrainingState } from "../core/train.ts";
import type { RunFolder } from "../run-folder.ts";
import type { PreparedTraining } from "./prepared.ts";

/**
 * Train.
 * @param steps counted from the run's very beginning
 * @param show called with every line that is logged
 * @returns the state at the end, and the best
 * @throws UserError where the loss is no longer a number, or the disk is full
 */
export async function trainIntoFolder(
  training: PreparedTraining,
  folder: RunFolder,
  steps: number,
  show: (line: LogLine) => void,
  shouldStop: () => boolean,
): Promise<{ end: TrainingState; best: TrainingState }> {
  const end = await training.run(steps, {
    onLog: (line) => {
      folder.log(line);
      show(line);
    },
    onState: (reached, isBest) => {
      if (isBest) writeCheckpoint(folder.best, reached);
      writeCheckpoint(folder.last, reached);
    },
    pause: () => new Promise((resolve) => setImmediate(resolve)),
    shouldStop,
  });
  return { end, best: readCheckpoint(folder.best) };
}
