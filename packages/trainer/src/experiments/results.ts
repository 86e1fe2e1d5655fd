/** What a row came to, read from its run folder. */
import { existsSync } from "node:fs";
import { type Judgement, JudgementsSchema, parseJsonOrExplain, type RunRecord } from "@neural-string/shared";
import { readWhole } from "../files.ts";
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
  const path = folder.file("metrics.json");
  if (!existsSync(path)) return null;
  const text = new TextDecoder().decode(readWhole(path, "a run's metrics"));
  return parseJsonOrExplain(JudgementsSchema, text, path).judgements[0] ?? null;
}
