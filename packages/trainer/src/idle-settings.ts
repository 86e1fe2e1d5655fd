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
    "data.symmetric",
    "data.inputNoise",
    "selection.stretches",
    "selection.patience",
  ],
  passive: ["training.sequence"],
};

/** @returns one sentence for each setting that was changed and does nothing */
export function idleSettings(config: TrainConfig): string[] {
  const { kind } = config.model;
  const other = kind === "passive" ? "classic" : "passive";
  return configDifferences(config)
    .filter(({ path }) => ONLY[other].some((field) => path === field || path.startsWith(`${field}.`)))
    .map(({ path }) => `${path}: a ${kind} string does not use it; set model.kind=${other}, or leave it out`);
}
