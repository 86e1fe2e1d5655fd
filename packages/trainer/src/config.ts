/**
 * Puts a run's config together: a named or given file (or nothing), then `--set` and the other options, then the
 * schema, which fills in the rest and refuses what it does not know.
 */
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  parseOrExplain,
  parseSetting,
  type RecordingSource,
  type TrainConfig,
  TrainConfigSchema,
  UserError,
} from "@neural-string/shared";
import { readWhole } from "./files.ts";

const CONFIGS = fileURLToPath(new URL("../configs", import.meta.url));

/** The config of a bare `pnpm train`. */
const DEFAULT_CONFIG = "piano-a1";

export interface ConfigRequest {
  /** A file, or the name of one of ours. */
  config?: string;
  /** Each "path=value". */
  set?: string[];
  recordings?: RecordingSource[];
  judge?: RecordingSource[];
  backend?: string;
  seed?: number;
  steps?: number;
  minutes?: number;
}

/**
 * Resolve a config.
 * @throws UserError naming the field
 */
export function resolveConfig(request: ConfigRequest): TrainConfig {
  const bare = request.config === undefined && (request.recordings ?? []).length === 0;
  const { value, where } = readConfig(bare ? DEFAULT_CONFIG : request.config);
  for (const assignment of request.set ?? []) assign(value, assignment);
  if (request.recordings?.length) {
    value.recordings = request.recordings;
    // a config's own judge belongs to its own recordings
    if (!request.judge?.length) delete (value.judge as Record<string, unknown> | undefined)?.recordings;
  }
  if (request.judge?.length) put(value, ["judge", "recordings"], request.judge);
  for (const option of ["backend", "seed", "steps", "minutes"] as const) {
    if (request[option] !== undefined) put(value, ["training", option], request[option]);
  }
  nameDefaults(value);
  const config = parseOrExplain(TrainConfigSchema, value, where);
  if (config.recordings.length === 0) {
    throw new UserError(`${where}: recordings: expected one recording or more, got none; name audio files`);
  }
  return config;
}

type Json = Record<string, unknown>;

// Choices told apart by a name: who changes a field of one without naming it means to change the default.
const CHOICES = [
  { path: ["model"], key: "kind" },
  { path: ["training", "loss"], key: "name" },
  { path: ["training", "optimizer"], key: "name" },
  { path: ["training", "schedule"], key: "name" },
];

function nameDefaults(config: Json): void {
  const defaults = TrainConfigSchema.parse({}) as unknown as Json;
  for (const { path, key } of CHOICES) {
    const chosen = at(config, path);
    if (typeof chosen === "object" && chosen !== null && !Object.hasOwn(chosen, key)) {
      put(config, path, { ...(at(defaults, path) as Json), ...chosen });
    }
  }
}

/** What a path leads to; undefined where it leads nowhere. */
function at(root: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (here, key) =>
      typeof here === "object" && here !== null && Object.hasOwn(here, key) ? (here as Json)[key] : undefined,
    root,
  );
}

function readConfig(name: string | undefined): { value: Json; where: string } {
  if (name === undefined) return { value: {}, where: "config" };
  const ours = join(CONFIGS, `${name}.json`);
  const path = !existsSync(name) && existsSync(ours) ? ours : name;
  const names = readdirSync(CONFIGS).map((file) => basename(file, ".json"));
  const text = new TextDecoder().decode(readWhole(path, `a config file or one of ${names.join(", ")}`));
  const where = basename(path);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UserError(`${where}: expected JSON, got something else (${(error as Error).message})`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new UserError(`${where}: expected a JSON object with the fields of a training config`);
  }
  return { value: value as Json, where };
}

/** Carry out one `--set path=value`. */
function assign(config: Json, assignment: string): void {
  const split = assignment.indexOf("=");
  if (split < 1)
    throw new UserError(`--set ${assignment}: expected path=value, for example training.batchSize=64`);
  const path = assignment.slice(0, split);
  const keys = path.split(".");
  if (keys.some((key) => key === "" || key === "__proto__")) {
    throw new UserError(`--set ${path}: expected keys joined by dots, for example training.batchSize=64`);
  }
  put(config, keys, parseSetting(TrainConfigSchema, path, assignment.slice(split + 1)));
}

function put(config: Json, keys: readonly string[], value: unknown): void {
  let here = config;
  for (const [i, key] of keys.slice(0, -1).entries()) {
    if (!Object.hasOwn(here, key)) {
      // an entry of a list that nobody has written yet: of the default one
      const list = at(TrainConfigSchema.parse({}), keys.slice(0, i + 1));
      here[key] = Array.isArray(list) ? structuredClone(list) : {};
    }
    const next = here[key];
    // not an object, as it should be: the schema will say so
    if (typeof next !== "object" || next === null) return;
    here = next as Json;
  }
  here[keys[keys.length - 1]] = value;
}
