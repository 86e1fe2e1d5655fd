/** Reads what a sweep is told: a file in YAML or JSON, then the options, then the schema. */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  parseOrExplain,
  type RecordingSource,
  type Space,
  type Sweep,
  SweepSchema,
  UserError,
} from "@neural-string/shared";
import { parse } from "yaml";
import { readWrittenConfig, resolveValue, type WrittenConfig } from "../config.ts";
import { readWhole } from "../files.ts";
import { parseOver, refuseTwice } from "./parse-over.ts";
import { type Dimension, isRange, pathsOf } from "./space.ts";

/** What the command line says of a sweep. */
export interface SweepRequest {
  /** A sweep file. */
  file?: string;
  over: string[];
  search?: string;
  metric?: string;
  seed?: number;
  runs?: number;
  /** What every trial trains on, and with: as `pnpm train`. */
  config?: string;
  set: string[];
  recordings: RecordingSource[];
  judge: RecordingSource[];
  steps?: number;
  backend?: string;
}

const LAWS = fileURLToPath(new URL("../../laws", import.meta.url));

/** Read a sweep, and the config that its trials change. @throws UserError naming the field */
export function readSweep(request: SweepRequest): { sweep: Sweep; base: WrittenConfig; name: string } {
  const written = request.file === undefined ? { value: {}, name: undefined } : readSweepFile(request.file);
  const where = request.file === undefined ? "sweep" : basename(request.file);
  const value: Record<string, unknown> = { ...written.value };
  if (request.over.length > 0) value.over = { ...(value.over as Space), ...parseOver(request.over) };
  if (request.search !== undefined) {
    const said = value.search as { kind?: unknown } | undefined;
    value.search = said?.kind === request.search ? said : { kind: request.search };
  }
  if (request.config !== undefined) value.config = request.config;
  for (const option of ["metric", "seed", "runs"] as const) {
    if (request[option] !== undefined) value[option] = request[option];
  }
  if (value.over === undefined) {
    throw new UserError(
      `${where}: over: expected what to vary, got nothing; for example --over training.batchSize=16,32,64`,
    );
  }
  const sweep = parseOrExplain(SweepSchema, value, where);
  const { config } = sweep;
  const bare = Object.keys(config).length === 0 && request.recordings.length === 0;
  const base =
    typeof config === "string" ? readWrittenConfig(config) : bare ? readWrittenConfig("piano-a1") : config;
  const { set, recordings, judge, steps, backend } = request;
  const changed = structuredClone(base);
  resolveValue(changed, where, { set, recordings, judge, steps, backend });
  for (const [name, choices] of Object.entries(sweep.over)) {
    checkTogether({ name, choices }, where);
    if (!isRange(choices)) refuseTwice(`${where}: over.${name}`, choices);
  }
  return { sweep, base: changed, name: sweep.name ?? written.name ?? "sweep" };
}

/** A sweep file's content. @throws UserError where it cannot be read */
function readSweepFile(file: string): { value: Record<string, unknown>; name: string } {
  const ours = join(LAWS, `${file.replace(/^laws\//, "")}.yaml`);
  const path = !existsSync(file) && file.startsWith("laws/") && existsSync(ours) ? ours : file;
  const text = new TextDecoder().decode(readWhole(path, "a sweep file (YAML or JSON)"));
  let value: unknown;
  try {
    // aliases could make a small file an endless one
    value = parse(text, { maxAliasCount: 100, logLevel: "error" });
  } catch (error) {
    const [reason] = (error as Error).message.split("\n");
    throw new UserError(`${file}: expected YAML or JSON, got something else (${reason})`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new UserError(`${file}: expected an object with the fields of a sweep, over for one`);
  }
  const { law: _, ...rest } = value as Record<string, unknown>;
  return { value: rest, name: basename(path).replace(/\.[^.]+$/, "") };
}

/** What varies together must have an entry for each path; all else is seen when a trial is made. @throws UserError */
function checkTogether({ name, choices }: Dimension, where: string): void {
  const paths = pathsOf(name);
  if (paths.length === 1) return;
  if (isRange(choices) || choices.some((value) => !Array.isArray(value) || value.length !== paths.length)) {
    throw new UserError(
      `${where}: over.${name}: expected a list of lists of ${paths.length}, one entry for each of the paths that vary together`,
    );
  }
}
