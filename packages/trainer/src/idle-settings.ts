/** Settings that the chosen kind of string has no use for: said aloud, since silence would look like obedience. */
import type { TrainConfig } from "@neural-string/shared";
import { configDifferences } from "./report/config-differences.ts";

/** Fields, or sections, that only one kind reads. */
const ONLY: Record<TrainConfig["model"]["kind"], readonly string[]> = {
  classic: [
    "training.loss",
    "training.optimizer",
    "training.schedule",
    "training.batchSize",
    "training.rollout",
    "training.weightDecay",
    "training.dropout",
    "training.warmupSteps",
    "data.symmetric",
    "data.inputNoise",
    "data.maxFrames",
    "data.sineBursts",
    "data.stability",
    "data.harmonics",
    "data.notes",
    "selection.stretches",
    "selection.patience",
  ],
  passive: ["training.sequence"],
};

/** Fields that only a mixture's network reads. */
const NETWORK_ONLY = [
  "model.hidden",
  "model.hop",
  "model.hearsChange",
  "model.pitchControl",
  "training.sequence.networkRate",
  "training.sequence.networkDecay",
  "training.sequence.mixtureSlowdown",
];

/** @returns one sentence for each setting that was changed and does nothing */
export function idleSettings(config: TrainConfig): string[] {
  const { model } = config;
  const { kind } = model;
  const other = kind === "passive" ? "classic" : "passive";
  const isLinear = model.kind === "passive" && model.filters === 1;
  return configDifferences(config).flatMap(({ path }) => {
    const isOf = (fields: readonly string[]) =>
      fields.some((field) => path === field || path.startsWith(`${field}.`));
    if (isOf(ONLY[other]))
      return `${path}: a ${kind} string does not use it; set model.kind=${other}, or leave it out`;
    if (isLinear && isOf(NETWORK_ONLY))
      return `${path}: a linear string (model.filters=1) does not use it; set model.filters above 1, or leave it out`;
    return [];
  });
}
