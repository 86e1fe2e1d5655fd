/** What the training of a passive string is made from: the config, the string's facts, and its recordings. */
import type { Core } from "@neural-string/core-wasm";
import type { PassiveTrainConfig } from "@neural-string/shared";
import type { TrainingState } from "../training.ts";
import type { StringFacts } from "./export.ts";
import type { HeardRecording } from "./listen.ts";
import type { PlaneWorkFactory } from "./planes/setup.ts";
import type { ResidualPlayer, ResidualSize } from "./residual.ts";
import type { RolloutsFactory } from "./stage-rollouts.ts";
import type { Tuning } from "./tuning.ts";
import type { Parameters } from "./variables.ts";

/** A recording to learn from. */
export interface PassiveRecording extends HeardRecording {
  tuning: Tuning;
  /** B of its string, where it could be told. */
  inharmonicity?: number;
}

export interface PassiveTrainingOptions {
  config: PassiveTrainConfig;
  facts: StringFacts;
  core: Core;
  recordings: readonly PassiveRecording[];
  createRollouts: RolloutsFactory;
  /** How the last touch is computed; without it there is none. */
  createPlaneWork?: PlaneWorkFactory;
  resume?: TrainingState;
  warmStart?: Parameters;
  /** The ablation's: a network beside the loops, and how a string that has it is played (residual.ts). */
  residual?: ResidualSize & { player: ResidualPlayer };
}
