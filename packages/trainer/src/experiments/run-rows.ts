/**
 * Trains the rows, each into a run folder of its own, and goes on where an earlier call ended: a row whose config has
 * been trained to its end is left alone, one that was stopped is resumed.
 */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  parseOrExplain,
  type RunRecord,
  type TrainConfig,
  TrainConfigSchema,
  UserError,
} from "@neural-string/shared";
import { generateStability, numbered } from "../commands/generate-stability.ts";
import { train } from "../commands/train.ts";
import { ensureFolder, readWhole, writeJson } from "../files.ts";
import { listRuns } from "../numbered-runs.ts";
import type { RunFolder } from "../run-folder.ts";
import { line, type Terminal } from "../terminal.ts";
import { type RowResult, readJudgement } from "./results.ts";
import type { Row } from "./rows.ts";
import { rowResult } from "./table.ts";

export interface RowBudget {
  /** Optimisation steps of every row; default: what its config states. */
  steps?: number;
  /** Minutes of every row, instead. */
  minutes?: number;
}

/** What the strings are trained on: recordings that come as packages, or some that lie beside the repository. */
export interface Strings {
  recordings: string[];
  judge: string[];
  /** Samples that excite the judged string. */
  skip: number;
}

export interface RowsRequest extends RowBudget {
  rows: readonly Row[];
  /** Parent of the run folders. */
  runs: string;
  /** Instead of the recordings that configs name; generated strings stay. */
  strings?: Strings;
}

/** A row's config as a person wrote it. @throws UserError where it is not one */
export function rowConfig(id: string, strings?: Strings): Record<string, unknown> {
  const path = fileURLToPath(new URL(`../../experiments/${id}.json`, import.meta.url));
  const config = JSON.parse(new TextDecoder().decode(readWhole(path, "an experiment's config")));
  const isRecorded = (config.recordings as unknown[]).every((source) => typeof source === "string");
  if (strings !== undefined && isRecorded) {
    const { recordings, judge, skip } = strings;
    config.recordings = recordings.slice(0, config.recordings.length);
    config.judge = { ...config.judge, recordings: judge, skip };
  }
  parseOrExplain(TrainConfigSchema, config, `${id}.json`);
  return config;
}

/** The run that a row has led to, the newest first: of the config it has now. */
function findRowRun(runs: string, config: TrainConfig): RunFolder | undefined {
  // a run states its steps even where its config asked for minutes
  const isTimed = config.training.steps === null;
  const comparable = ({ training: { steps, ...training }, ...rest }: TrainConfig) =>
    JSON.stringify({ ...rest, training, ...(!isTimed && { steps }) });
  const wanted = comparable(config);
  return listRuns(runs).findLast((folder) => {
    try {
      return comparable(folder.readConfig()) === wanted;
    } catch (error) {
      if (error instanceof UserError) return false; // begun, but nothing was written yet
      throw error;
    }
  });
}

/**
 * Train all rows.
 * @returns whether all were trained to their end (or failed by themselves); false where the user stopped it
 */
export async function runRows(request: RowsRequest, terminal: Terminal): Promise<boolean> {
  const { rows, runs } = request;
  ensureFolder(runs);
  for (const [i, row] of rows.entries()) {
    terminal.say(`\nexperiment ${i + 1} of ${rows.length}, ${row.id}: ${row.what}`);
    if (!(await runRow(row, request, terminal))) return false;
  }
  return true;
}

/** Train one row. @returns false where the user stopped it */
async function runRow(row: Row, request: RowsRequest, terminal: Terminal): Promise<boolean> {
  const { runs } = request;
  const config = await resolveRow(row, request, terminal);
  const found = findRowRun(runs, config);
  const record = found?.readRecord();
  if (found !== undefined && record !== undefined && isResult(record)) {
    terminal.say(`  ${record.status} already: ${line(found.path)}`);
    return true;
  }
  try {
    const isBegun = record?.status !== "failed" && found !== undefined && existsSync(found.last);
    const code = await train(
      isBegun ? { resume: found.path, runs } : { config: writeConfig(runs, row.id, config), runs },
      terminal,
    );
    return code === 0;
  } catch (error) {
    const left = findRowRun(runs, config)?.readRecord();
    if (!(error instanceof UserError) || left === undefined || !isResult(left)) throw error;
    terminal.warn(`${row.id}: ${error.message}`);
    return true;
  }
}

/** Whether a run came to something: to its end, or to a loss that is no number, which is a result as well. */
function isResult({ status, error }: RunRecord): boolean {
  return status === "finished" || (status === "failed" && error?.includes("no longer a number") === true);
}

/** What a row has come to so far. */
export async function resultOf(row: Row, request: RowsRequest, terminal: Terminal): Promise<RowResult> {
  try {
    return rowResult(row, findRowRun(request.runs, await resolveRow(row, request, terminal)));
  } catch (error) {
    // one that waits for others has not been trained either
    if (error instanceof UserError) return rowResult(row, undefined);
    throw error;
  }
}

/** A row's config with the budget and with the data that other rows have made. */
async function resolveRow(row: Row, request: RowsRequest, terminal: Terminal): Promise<TrainConfig> {
  const { steps, minutes, runs, strings } = request;
  const config = parseOrExplain(TrainConfigSchema, rowConfig(row.id, strings), `${row.id}.json`);
  if (minutes !== undefined) Object.assign(config.training, { steps: null, minutes });
  else if (steps !== undefined) config.training.steps = steps;
  if (row.stabilityFrom !== undefined) {
    config.data.stability = await stabilityFiles(row.stabilityFrom, { ...request, runs }, terminal);
  }
  return config;
}

/** Make the stability recordings of a row from what other rows came to. */
async function stabilityFiles(
  { unstable, stable }: NonNullable<Row["stabilityFrom"]>,
  request: RowsRequest,
  terminal: Terminal,
): Promise<string[]> {
  const { runs } = request;
  const folderOf = async (id: string) =>
    findRowRun(runs, await resolveRow({ id, group: "", what: "" }, request, terminal));
  const model = await folderOf(stable);
  if (model === undefined || !existsSync(model.file("model.safetensors"))) {
    throw new UserError(
      `experiments: the row ${stable} must be trained first; name it too, or leave --only out`,
    );
  }
  const candidates: RunFolder[] = [];
  for (const id of unstable)
    candidates.push(...([await folderOf(id)].filter((f) => f !== undefined) as RunFolder[]));
  // where none has failed the first will do: its sound is then only another of the string's
  const failed =
    candidates.find((folder) => (readJudgement(folder)?.failures.length ?? 0) > 0) ?? candidates[0];
  if (failed === undefined) {
    throw new UserError(
      `experiments: one of ${unstable.join(", ")} must be trained first; name it too, or leave --only out`,
    );
  }
  const out = stabilityFile(runs, failed.path, model.path);
  const files = [1, 2, 3, 4].map((n) => numbered(out, n));
  if (!files.every((file) => existsSync(file))) {
    const from = failed.file("render.wav");
    await generateStability(
      { model: model.file("model.safetensors"), from, seconds: 1, guard: true, channel: 0, out },
      terminal,
    );
  }
  return files.filter((file) => existsSync(file));
}

/** Named after the runs it is made from: what a quick look has made is not what a longer training is shown. */
export function stabilityFile(runs: string, unstable: string, stable: string): string {
  return join(runs, `stability-${basename(unstable)}-by-${basename(stable)}.wav`);
}

/** `train` reads configs from files. */
function writeConfig(runs: string, id: string, config: TrainConfig): string {
  const folder = join(runs, "configs");
  ensureFolder(folder);
  const path = join(folder, `${id}.json`);
  writeJson(path, config);
  return path;
}
