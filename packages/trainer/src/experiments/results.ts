/** What a row came to, read from its run folder. */
import type { Judgement, RunRecord } from "@neural-string/shared";
import type { RunFolder } from "../run-folder.ts";
import type { Row } from "./rows.ts";

export interface RowResult {
  row: Row;
  /** Null where it has not been trained. */
  record: RunRecord | null;
  folder: string | null;
  /** On the unseen recording; null where training failed. */
  judgement: Judgement | null;
  /** Held-out over training loss at the checkpoint that was kept; null where either is unknown. */
  gap: number | null;
}

/** A run's judgement on its first judge. */
export function readJudgement(folder: RunFolder): Judgement | null {
  return folder.readJudgements()[0] ?? null;
}
