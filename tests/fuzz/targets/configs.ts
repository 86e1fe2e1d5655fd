/**
 * Damaged configs and `--set`s: each is refused in one sentence, or becomes a config that says what was set, that reads
 * back as itself, whose files can be opened or are refused in one sentence, and whose run gets a folder inside the folder for runs.
 */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSetting, type TrainConfig, TrainConfigSchema, UserError } from "@neural-string/shared";
import { readFileBytes } from "@neural-string/trainer/audio/read-recording";
import { resolveConfig } from "@neural-string/trainer/config";
import { defaultName } from "@neural-string/trainer/core/provenance";
import { pathOf } from "@neural-string/trainer/sources";
import { stringSources } from "@neural-string/trainer/sweep/trial";
import { runPlace } from "@neural-string/trainer/train/run-place";
import fc from "fast-check";
import { expect } from "vitest";
import { fieldPaths } from "../../support/reader-agreement.ts";
import { anyJson, damagedBytes, damagedJson } from "../mutate.ts";
import type { Target } from "../target.ts";

interface ConfigCase {
  /** The file's text. */
  text: string;
  /** Each "path=value". */
  set: string[];
}

const shipped = fileURLToPath(new URL("../../../packages/trainer/configs", import.meta.url));
const KINDS = [{}, { model: { kind: "classic" } }].map((said) => TrainConfigSchema.parse(said));
const CONFIGS: unknown[] = [
  ...readdirSync(shipped).map((name) => JSON.parse(readFileSync(join(shipped, name), "utf8"))),
  ...KINDS,
];
/** Lists of files, one of which there is, and names that no system has. */
const FILES = [
  ...["\0", "\0.wav", "npm:\0/x", "npm:fast-check/\0", "", " ", ".", "/dev/zero", "npm:", "npm:@/x"],
  ...["npm:fast-check/package.json", "a/../b", "x".repeat(5000), "\ud800"],
].map((name) => JSON.stringify([name]));
/** Where configs name files. */
const FILE_PATHS = ["judge.recordings", "data.stability", "data.harmonics"];
const TEXTS = CONFIGS.map((config) => new Uint8Array(Buffer.from(JSON.stringify(config))));
const PATHS = [...new Set(KINDS.flatMap((config) => fieldPaths(config).map((path) => path.join("."))))];

/** Written anew for every case; a process has one. */
let file: string | undefined;
function written(text: string): string {
  file ??= join(mkdtempSync(join(tmpdir(), "neural-string-fuzz-")), "c.json");
  writeFileSync(file, text);
  return file;
}

/** What a path leads to. */
function at(config: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (here, key) =>
      typeof here === "object" && here !== null && Object.hasOwn(here, key)
        ? Reflect.get(here, key)
        : undefined,
    config,
  );
}

/** Recordings come from the arguments here, and those count. */
const fromElsewhere = (path: string) => path.split(".")[0] === "recordings";

/** Demand that the last thing that was set is what the config says: filled in where it left something out, no more. */
function expectSaid(config: unknown, set: string): void {
  const [path, text] = [set.slice(0, set.indexOf("=")), set.slice(set.indexOf("=") + 1)];
  if (fromElsewhere(path)) return;
  const wanted = parseSetting(TrainConfigSchema, path, text);
  const got = at(config, path.split("."));
  if (typeof wanted === "object" && wanted !== null) expect(got).toMatchObject(wanted);
  else expect(got, set).toBe(wanted);
}

/** Demand that a config which was accepted says all that its text says, but for what was set after it. */
function expectKept(config: unknown, text: string, set: readonly string[]): void {
  const said = JSON.parse(text);
  const paths = set.map((one) => one.slice(0, one.indexOf("=")).split("."));
  const isSetSince = (path: readonly string[]) =>
    paths.some((later) => later.every((key, i) => i >= path.length || key === path[i]));
  for (const path of fieldPaths(said)) {
    // a config's judges belong to its own recordings, and the arguments name others
    const isForgotten = path[0] === "judge" && path[1] === "recordings";
    if (isSetSince(path) || fromElsewhere(path[0]) || isForgotten) continue;
    const [wanted, got] = [at(said, path), at(config, path)];
    if (typeof wanted !== "object" || wanted === null) expect(got, path.join(".")).toBe(wanted);
    else expect([typeof got, Array.isArray(got)], path.join(".")).toEqual(["object", Array.isArray(wanted)]);
  }
}

const opened = new Set<string>();

/** Demand that whatever a config names can be opened, or is refused in one sentence. */
async function expectOpened(config: TrainConfig): Promise<void> {
  for (const source of stringSources(config)) {
    if (opened.has(source)) continue;
    try {
      await readFileBytes(pathOf(source));
    } catch (error) {
      expect(error, JSON.stringify(source)).toBeInstanceOf(UserError);
    }
    opened.add(source); // a case that fails does so again
  }
}

/** A config with its own recordings; null where it is refused. */
function ownRecordings(text: string, set: string[]): TrainConfig | null {
  try {
    return resolveConfig({ config: written(text), set });
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return null;
  }
}

export const configs: Target<ConfigCase> = {
  name: "configs",
  what: "damaged training configs and --set",
  kept: "json",
  shortRun: 400,
  cases: () => {
    const text = fc.oneof(
      { arbitrary: damagedJson(CONFIGS).map((value) => JSON.stringify(value) ?? ""), weight: 6 },
      { arbitrary: damagedBytes(TEXTS).map((bytes) => Buffer.from(bytes).toString("latin1")), weight: 2 },
      { arbitrary: fc.constantFrom(...CONFIGS.map((config) => JSON.stringify(config))), weight: 3 },
      { arbitrary: fc.string(), weight: 1 },
    );
    const key = fc.oneof(
      { arbitrary: fc.constantFrom(...PATHS), weight: 8 },
      { arbitrary: fc.constantFrom(...PATHS, "a").map((path) => `${path}.__proto__.x`), weight: 1 },
      {
        arbitrary: fc.constantFrom("constructor.prototype.x", "name.0", "model.hidden.99.units", "", "."),
        weight: 1,
      },
      { arbitrary: fc.string(), weight: 1 },
    );
    const value = fc.oneof(
      fc.constantFrom("../../x", "..", "/etc/x", "1e999", "-1", "NaN", "null", "true", "0x10", " 1", ""),
      anyJson.map((json) => JSON.stringify(json) ?? ""),
      fc.string(),
    );
    const files = fc.tuple(fc.constantFrom(...FILE_PATHS), fc.constantFrom(...FILES));
    const set = fc
      .oneof({ arbitrary: fc.tuple(key, value), weight: 4 }, { arbitrary: files, weight: 1 })
      .map(([path, said]) => `${path}=${said}`);
    return fc.record({ text, set: fc.array(set, { maxLength: 3 }) });
  },
  check: async ({ text, set }) => {
    const own = ownRecordings(text, set);
    if (own !== null) await expectOpened(own);
    let config: ReturnType<typeof resolveConfig>;
    try {
      config = resolveConfig({ config: written(text), set, recordings: ["a.wav"] });
    } catch (error) {
      expect(error).toBeInstanceOf(UserError);
      expect((error as Error).message.replaceAll("\n", " ")).toMatch(/^.{1,700}$/u);
      return;
    }
    expect(config.recordings).toEqual(["a.wav"]);
    const kept = JSON.stringify(config);
    expect(JSON.stringify(TrainConfigSchema.parse(JSON.parse(kept)))).toBe(kept);
    expectKept(config, text, set);
    const last = set.at(-1);
    if (last !== undefined) expectSaid(config, last);
    const { kind } = config.model;
    const place = runPlace({}, kind, config.name ?? defaultName([{ name: "../../x.wav" }], kind));
    if (!("parent" in place)) throw new Error("expected a folder by number");
    expect(dirname(resolve(place.parent, `0001-${place.name}`))).toBe(resolve("runs"));
  },
};
