/**
 * Puts a run's config together: a named or given file (or nothing), then `--set` and the other options, then the
 * schema, which fills in the rest and refuses what it does not know.
 */
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  clip,
  describeValue,
  parseJson,
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
  refuseTwoBudgets(request);
  const bare = request.config === undefined && (request.recordings ?? []).length === 0;
  const { value, where } = readConfig(bare ? DEFAULT_CONFIG : request.config);
  return resolveValue(value, where, request);
}

/** Refuse a budget of steps beside one of time. @throws UserError */
export function refuseTwoBudgets({ steps, minutes }: Pick<ConfigRequest, "steps" | "minutes">): void {
  if (steps === undefined || minutes === undefined) return;
  throw new UserError("--minutes, --steps: expected one of them, got both; leave one out");
}

/** A config as somebody wrote it. */
export type WrittenConfig = Record<string, unknown>;

/** Read a config's file, or one of ours, as it was written. @throws UserError where it is no JSON object */
export function readWrittenConfig(name: string): WrittenConfig {
  return readConfig(name).value;
}

/**
 * Resolve a config that is at hand.
 * @param value changed
 * @param where what it is, as the user knows it
 * @throws UserError naming the field
 */
export function resolveValue(
  value: WrittenConfig,
  where: string,
  request: Omit<ConfigRequest, "config">,
): TrainConfig {
  // a config's own judge belongs to its own recordings; one that is set does not
  if (request.recordings?.length && !request.judge?.length) forgetJudges(value);
  const lost = (request.set ?? []).flatMap((assignment) => assign(value, assignment) ?? []);
  if (request.recordings?.length) value.recordings = request.recordings;
  if (request.judge?.length) put(value, ["judge", "recordings"], request.judge);
  for (const option of ["backend", "seed", "steps", "minutes"] as const) {
    if (request[option] !== undefined) put(value, ["training", option], request[option]);
  }
  nameDefaults(value);
  const config = parseOrExplain(TrainConfigSchema, value, where);
  if (lost.length > 0) throw new UserError(`${where}: ${lost[0]}`);
  if (config.recordings.length === 0) {
    throw new UserError(`${where}: recordings: expected one recording or more, got none; name audio files`);
  }
  return config;
}

type Json = WrittenConfig;

function forgetJudges({ judge }: Json): void {
  if (typeof judge === "object" && judge !== null) delete (judge as Json).recordings;
}

// Choices told apart by a name: who changes a field of one without naming it means to change the default.
const CHOICES = [
  { path: ["model"], key: "kind" },
  { path: ["training", "loss"], key: "name" },
  { path: ["training", "optimizer"], key: "name" },
  { path: ["training", "schedule"], key: "name" },
];

// what holds where nothing is said; then what holds for the other kind of string
const DEFAULTS = [{}, { model: { kind: "classic" } }].map((said) => TrainConfigSchema.parse(said));

function nameDefaults(config: Json): void {
  for (const { path, key } of CHOICES) {
    const chosen = at(config, path);
    const isPart = typeof chosen === "object" && chosen !== null && !Array.isArray(chosen);
    if (isPart && !Object.hasOwn(chosen, key)) {
      put(config, path, { ...(at(DEFAULTS[0], path) as Json), ...chosen });
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
  const value = parseJson(text, where);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new UserError(`${where}: expected a JSON object with the fields of a training config`);
  }
  return { value: value as Json, where };
}

/** Carry out one `--set path=value`. @returns why it changes nothing, for the case that the schema finds no fault */
function assign(config: Json, assignment: string): string | undefined {
  const split = assignment.indexOf("=");
  if (split < 1)
    throw new UserError(`--set ${clip(assignment)}: expected path=value, for example training.batchSize=64`);
  const path = assignment.slice(0, split);
  const keys = path.split(".");
  if (keys.some((key) => key === "" || key === "__proto__")) {
    throw new UserError(
      `--set ${clip(path)}: expected keys joined by dots, for example training.batchSize=64`,
    );
  }
  const end = put(config, keys, parseSetting(TrainConfigSchema, path, assignment.slice(split + 1)));
  if (end === undefined) return undefined;
  const found = at(config, end);
  const lacks = Array.isArray(found) ? "no such part" : "no parts";
  return `${clip(path)}: ${clip(end.join("."))} is ${describeValue(found)} and has ${lacks}; set ${clip(end.join("."))} itself`;
}

/** Put a value where a path leads. @returns the part of the path that holds no fields, where there is one */
function put(config: Json, keys: readonly string[], value: unknown): readonly string[] | undefined {
  let here = config;
  for (const [i, key] of keys.slice(0, -1).entries()) {
    const path = keys.slice(0, i + 1);
    if (!isPart(here, key)) return keys.slice(0, i);
    if (!Object.hasOwn(here, key)) {
      // an entry of a list that nobody has written yet: of the default one. Where the kind that is trained has no
      // such list, the schema says so
      here[key] = structuredClone(defaultList(path)) ?? {};
    } else if (here[key] === null && at(DEFAULTS[0], path) === null) {
      // a part that is left out unless someone asks for it
      here[key] = {};
    }
    const next = here[key];
    if (typeof next !== "object" || next === null) return path;
    here = next as Json;
  }
  const last = keys[keys.length - 1];
  if (!isPart(here, last)) return keys.slice(0, -1);
  here[last] = value;
  return undefined;
}

/** Whether a key may name a part: of a list an entry that there is, or the next one, and no place billions further on. */
function isPart(here: Json, key: string): boolean {
  return !Array.isArray(here) || (/^(0|[1-9]\d{0,3})$/.test(key) && Number(key) <= here.length);
}

function defaultList(path: readonly string[]): unknown[] | undefined {
  return DEFAULTS.map((defaults) => at(defaults, path)).find(Array.isArray);
}
