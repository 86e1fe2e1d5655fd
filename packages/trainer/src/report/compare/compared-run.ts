/** One run as a page of many runs shows it: what it was, how it came out, and its curves. */
import { basename } from "node:path";
import { type Judgement, type LogLine, type RunRecord, UserError } from "@neural-string/shared";
import type { LossRecord } from "../../loss-file.ts";
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
 * Read a run, as far as it can be read: without lines of its log that are damaged, or its examples' losses.
 * @param most points of a curve
 * @param note told what could not be read, a sentence each
 * @throws UserError where what the run is, or how it sounded, cannot be read
 */
export function comparedRun(
  folder: RunFolder,
  most: number,
  note: (trouble: string) => void = () => {},
): ComparedRun {
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
    series: runSeries(legibleLog(folder, note), legibleLosses(folder, note), most),
  };
}

function legibleLog(folder: RunFolder, note: (trouble: string) => void): LogLine[] {
  const { lines, troubles } = folder.legibleLog();
  const more = troubles.length > 1 ? ` (and ${troubles.length - 1} more such lines)` : "";
  if (troubles.length > 0) note(`${troubles[0]}${more}`);
  return lines;
}

function legibleLosses(folder: RunFolder, note: (trouble: string) => void): LossRecord["rows"] {
  try {
    return folder.readLosses()?.rows ?? [];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    note(error.message);
    return [];
  }
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
