/** Everything a run of `pnpm train` works with, from its recordings to its folder. */
import type { Core } from "@neural-string/core-wasm";
import type { RunRecord, TrainConfig } from "@neural-string/shared";
import type { ChosenBackend } from "../backend.ts";
import type { DataPictures } from "../report/data-plots.ts";
import type { RunFolder } from "../run-folder.ts";
import type { SourcedRecording } from "../sources.ts";

export interface Run {
  core: Core;
  config: TrainConfig;
  backend: ChosenBackend;
  trainedOn: SourcedRecording[];
  /** Further files that it is trained on. */
  further: readonly SourcedRecording[];
  judgedOn: SourcedRecording[];
  folder: RunFolder;
  record: RunRecord;
  /** What the data look like, where the training can tell. */
  pictures?: DataPictures;
}
