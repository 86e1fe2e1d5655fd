/** One run as a page of many runs shows it: what it was, how it came out, and its curves. */
import { basename } from "node:path";
import type { Judgement, RunRecord } from "@neural-string/shared";
import type { RunFolder } from "../../run-folder.ts";
import { settings } from "../config-differences.ts";
import { decidingJudgement, runVerdict } from "../verdict.ts";
import { type RunSeries, runSeries } from "./series.ts";

/** How one run came out on the recording that decides, the worst of the unseen. */
export interface Outcome {
  recording: string;
  seenInTraining: boolean;
  edr: number;
  lsd: number;
  edc: number;
  partials: number | null;
  cents: number;
  /** Names of what failed. */
  failures: string[];
}

export interface ComparedRun {
  /** The folder's name. */
  id: string;
  name: string;
  kind: string;
  status: RunRecord["status"];
  startedAt: string;
  /** Updates done. */
  steps: number;
  tone: string;
  sentence: string;
  /** Null where nothing was judged. */
  outcome: Outcome | null;
  /** JSON by path, as `--set` takes it. */
  settings: ReadonlyMap<string, string>;
  series: RunSeries;
}

/**
 * Read a run.
 * @param most points of a curve
 * @throws UserError where its files are damaged
 */
export function comparedRun(folder: RunFolder, most: number): ComparedRun {
  const record = folder.readRecord();
  const judgements = folder.readJudgements();
  const { tone, sentence } = runVerdict(record, judgements);
  return {
    id: basename(folder.path),
    name: record.name,
    kind: record.kind,
    status: record.status,
    startedAt: record.startedAt,
    steps: record.stepsDone,
    tone,
    sentence,
    outcome: outcomeOf(judgements),
    settings: new Map(settings(folder.readConfig()).map(({ path, value }) => [path, value])),
    series: runSeries(folder.readLog(), folder.readLosses()?.rows ?? [], most),
  };
}

/** The paths in which some runs differ, in the order of the first run that has them. */
export function differingSettings(runs: readonly ComparedRun[]): string[] {
  const paths = new Set(runs.flatMap(({ settings }) => [...settings.keys()]));
  return [...paths].filter((path) => new Set(runs.map(({ settings }) => settings.get(path))).size > 1);
}

function outcomeOf(judgements: readonly Judgement[]): Outcome | null {
  const worst = decidingJudgement(judgements);
  if (worst === null) return null;
  const { metrics, failures, recording, seenInTraining } = worst;
  return {
    recording,
    seenInTraining: seenInTraining === true,
    edr: metrics.edrDb,
    lsd: metrics.lsdDb,
    edc: metrics.edcDb,
    partials: metrics.partialDb,
    cents: metrics.cents,
    failures: failures.map(({ name }) => name),
  };
}
