/**
 * What `pnpm train` needs of a training, whatever kind of string it makes; one file beside this for each kind, and
 * prepare.ts to choose between them.
 */
import type { Core } from "@neural-string/core-wasm";
import type { LossHeader, ModelFile, Tensor, TrainConfig } from "@neural-string/shared";
import type { FollowedFacts } from "../core/followed-examples.ts";
import type { ResidualSize } from "../core/passive/residual.ts";
import type { TrainingCallbacks, TrainingState } from "../core/train.ts";
import type { Histories } from "../judge.ts";
import type { DataPictures } from "../report/data-plots.ts";
import type { SourcedRecording } from "../sources.ts";

/** What a training starts from. */
export interface TrainingRequest<Config extends TrainConfig = TrainConfig> {
  config: Config;
  name: string;
  /** Hz, of the string. */
  f0: number;
  core: Core;
  trainedOn: readonly SourcedRecording[];
  /** Further files that a classic string is trained on: stability recordings and natural harmonics. */
  further?: readonly FurtherRecording[];
  /** Where to go on. */
  resume?: TrainingState;
  /** A model file to start from. */
  from?: string;
  /** The ablation's: a passive string with a network beside its loops, which no model file holds. */
  residual?: ResidualSize;
}

/** A file that is read from its first sample on, at the string's own pitch. */
export type FurtherRecording = SourcedRecording & { role: "stability" | "harmonic" };

/** A training that is ready to run. */
export interface PreparedTraining extends Histories {
  /** What it will do, for people. */
  summary(steps: number): string;
  /** Turn a time budget into steps. */
  stepsFor(minutes: number): Promise<number>;
  /** The examples whose losses are told; null where the config wants none. */
  readonly followed: LossHeader | null;
  /** See the trainings in `core`. */
  run(steps: number, callbacks: TrainingCallbacks): Promise<TrainingState>;
  /** The model file's content that some parameters make, without provenance. */
  exported(parameters: Map<string, Tensor>): ModelFile;
  /** What the data look like, for the report; a passive string's are the recordings themselves. */
  pictures?(): DataPictures;
  dispose(): void;
}

/** The header of the file of losses, from what a training knows of the examples it follows in what it was given. */
export function lossHeader(
  followed: FollowedFacts | null,
  { config, trainedOn, further = [] }: TrainingRequest,
): LossHeader | null {
  if (followed === null) return null;
  const [{ sampleRate }] = trainedOn;
  const skipped = Math.round(config.data.skipSeconds * sampleRate);
  const { recording, sample, ...columns } = followed.examples;
  return {
    schema: 1,
    ...followed,
    sampleRate,
    recordings: [...trainedOn, ...further].map(({ name }) => name),
    examples: {
      recording,
      sample: sample.map((at, i) => (recording[i] < trainedOn.length ? skipped + at : at)),
      ...columns,
    },
  };
}

/** The part of a recording that the config trains on. */
export function cropToConfig(recording: SourcedRecording, { data }: TrainConfig): Float32Array {
  const { sampleRate, samples } = recording;
  const start = Math.round(data.skipSeconds * sampleRate);
  const end = data.seconds === null ? samples.length : start + Math.round(data.seconds * sampleRate);
  return samples.subarray(start, end);
}
