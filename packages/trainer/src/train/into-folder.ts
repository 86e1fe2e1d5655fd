/** A prepared training, run to its end with its log, its losses and its checkpoints in a run folder. */
import type { LogLine, LossHeader } from "@neural-string/shared";
import { readCheckpoint, writeCheckpoint } from "../checkpoint.ts";
import type { TrainingState } from "../core/train.ts";
import { LossFile } from "../loss-file.ts";
import type { RunFolder } from "../run-folder.ts";
import type { PreparedTraining } from "./prepared.ts";

/**
 * Train.
 * @param steps counted from the run's very beginning
 * @param resumed the step from which a run goes on; null for a new one
 * @param show called with every line that is logged
 * @returns the state at the end, and the best
 * @throws UserError where the loss is no longer a number, or the disk is full
 */
export async function trainIntoFolder(
  training: PreparedTraining,
  folder: RunFolder,
  steps: number,
  resumed: number | null,
  show: (line: LogLine) => void,
  shouldStop: () => boolean,
): Promise<{ end: TrainingState; best: TrainingState }> {
  const { followed } = training;
  const losses = followed && openLosses(folder.losses, followed, resumed);
  const end = await training.run(steps, {
    onLog: (line) => {
      folder.log(line);
      show(line);
    },
    onLosses: losses ? (row) => losses.append(row) : undefined,
    onState: (reached, isBest) => {
      if (isBest) writeCheckpoint(folder.best, reached);
      writeCheckpoint(folder.last, reached);
    },
    pause: () => new Promise((resolve) => setImmediate(resolve)),
    shouldStop,
  });
  return { end, best: readCheckpoint(folder.best) };
}

function openLosses(path: string, header: LossHeader, resumed: number | null): LossFile {
  return resumed === null ? new LossFile(path, header) : LossFile.resume(path, header, resumed);
}
