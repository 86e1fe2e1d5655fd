/**
 * A run's folder: `runs/0007-name/` with run.json, config.json, log.jsonl, losses.bin, checkpoints, model.safetensors,
 * render.wav, metrics.json and report.html. Numbers are given once, folders are never overwritten, every file is
 * written whole.
 */
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import {
  type Judgement,
  JudgementsSchema,
  type LogLine,
  LogLineSchema,
  parseJsonOrExplain,
  type RunRecord,
  RunRecordSchema,
  type TrainConfig,
  TrainConfigSchema,
  UserError,
} from "@neural-string/shared";
import { z } from "zod";
import {
  appendJsonLine,
  explainWriteError,
  listFolder,
  makeFolders,
  readWhole,
  writeJson,
  writeWhole,
} from "./files.ts";
import { type LossRecord, readLosses } from "./loss-file.ts";

/** The default parent of run folders. */
export const RUNS = "runs";

const NO_PARENT = "a folder for runs, got a file; choose another --runs";

const LOOSE_CONFIG = z.looseObject({ training: z.looseObject({}) });

const NUMBERED = /^(\d{4,})-/;

/** A run's files. Methods that write throw UserError where the disk does not let them. */
export class RunFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Path of a file in the folder. */
  file(...parts: string[]): string {
    return join(this.path, ...parts);
  }

  get best(): string {
    return this.file("checkpoints", "best.safetensors");
  }

  get last(): string {
    return this.file("checkpoints", "last.safetensors");
  }

  /** Losses of single examples, where any were followed. */
  get losses(): string {
    return this.file("losses.bin");
  }

  /** The state to go on from: the last, or the best where the last was not written any more, the same then. */
  get newest(): string {
    return existsSync(this.last) ? this.last : this.best;
  }

  writeRecord(record: RunRecord): void {
    writeJson(this.file("run.json"), record);
  }

  /** @throws UserError where run.json is missing or damaged */
  readRecord(): RunRecord {
    const { text, where } = this.#text("run.json");
    return parseJsonOrExplain(RunRecordSchema, text, where);
  }

  /** @returns `configSha256` of it */
  writeConfig(config: TrainConfig): string {
    writeJson(this.file("config.json"), config);
    return this.configSha256();
  }

  /** SHA-256 of what the config says, its number of steps aside, which a resumed run may raise. @throws UserError */
  configSha256(): string {
    const { text, where } = this.#text("config.json");
    const { training, ...rest } = parseJsonOrExplain(LOOSE_CONFIG, text, where);
    const said = { ...rest, training: { ...training, steps: null } };
    return createHash("sha256").update(JSON.stringify(said)).digest("hex");
  }

  /** @throws UserError where config.json is missing or damaged */
  readConfig(): TrainConfig {
    const { text, where } = this.#text("config.json");
    return parseJsonOrExplain(TrainConfigSchema, text, where);
  }

  /** How its string sounded; empty where nothing was judged. @throws UserError where metrics.json is damaged */
  readJudgements(): Judgement[] {
    if (!existsSync(this.file("metrics.json"))) return [];
    const { text, where } = this.#text("metrics.json");
    return parseJsonOrExplain(JudgementsSchema, text, where).judgements;
  }

  /** The losses of single examples; null where none were followed. @throws UserError where losses.bin is damaged */
  readLosses(): LossRecord | null {
    return existsSync(this.losses) ? readLosses(this.losses) : null;
  }

  log(line: LogLine): void {
    appendJsonLine(this.file("log.jsonl"), line);
  }

  /** Read the log; a last line cut short by a crash is left out. @throws UserError where another line is damaged */
  readLog(): LogLine[] {
    const { lines, troubles } = this.legibleLog();
    if (troubles.length > 0) throw new UserError(troubles[0]);
    return lines;
  }

  /** What of the log can be read, for who only looks; and a sentence for each line that cannot. @throws UserError */
  legibleLog(): { lines: LogLine[]; troubles: string[] } {
    const lines: LogLine[] = [];
    const troubles: string[] = [];
    if (!existsSync(this.file("log.jsonl"))) return { lines, troubles };
    const { text, where } = this.#text("log.jsonl");
    // what follows the last line feed is empty, or was being written when the run was killed
    const whole = text.split("\n").slice(0, -1);
    for (const [i, line] of whole.entries()) {
      try {
        lines.push(parseJsonOrExplain(LogLineSchema, line, `${where}, line ${i + 1}`));
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        troubles.push(`${error.message}; without that line the log can be read`);
      }
    }
    return { lines, troubles };
  }

  /** Forget what was logged after a step: a resumed run goes through it again. */
  truncateLog(step: number): void {
    // the stage that begins at this step will say so again
    const lines = this.readLog().filter(
      (line) => line.step < step || (line.step === step && line.type !== "stage"),
    );
    writeWhole(this.file("log.jsonl"), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  }

  #text(name: string): { text: string; where: string } {
    const where = this.file(name);
    return { text: new TextDecoder().decode(readWhole(where, "a run folder's file")), where };
  }
}

/**
 * Make a new run's folder.
 * @param where a parent, in which the run gets the next number; or exactly the folder, which must not exist
 * @throws UserError where it exists or cannot be made
 */
export function createRunFolder(where: { parent: string; name: string } | { exactly: string }): {
  folder: RunFolder;
  number: number;
} {
  try {
    if ("exactly" in where) {
      const path = resolve(where.exactly);
      makeFolders(dirname(path));
      mkdirSync(path);
      addCheckpoints(path);
      return { folder: new RunFolder(path), number: Number(NUMBERED.exec(basename(path))?.[1] ?? 0) };
    }
    const { path, number } = claimNumber(where.parent, where.name);
    addCheckpoints(path);
    return { folder: new RunFolder(path), number };
  } catch (error) {
    const given = "exactly" in where ? where.exactly : where.parent;
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EEXIST" || !existsSync(given)) throw explainWriteError(given, error);
    throw new UserError(
      "exactly" in where
        ? `${given}: expected no such folder yet, got one; a run is never overwritten: choose another --run-dir`
        : `${given}: expected ${NO_PARENT}`,
    );
  }
}

/** Make the folder for checkpoints in a new run's; where it cannot be made, that one goes too. */
function addCheckpoints(path: string): void {
  try {
    mkdirSync(join(path, "checkpoints"));
  } catch (error) {
    rmdirSync(path);
    throw error;
  }
}

/**
 * Take the next free number. Of runs that start at once and take the same one, whoever sees another tries again: the
 * later one always does.
 */
function claimNumber(parent: string, name: string): { path: string; number: number } {
  makeFolders(resolve(parent));
  const numbers = () => readdirSync(parent).flatMap((entry) => NUMBERED.exec(entry)?.[1] ?? []);
  for (;;) {
    const number = 1 + Math.max(0, ...numbers().map(Number));
    // beyond this, one more is the same number, and the search would never end
    if (!Number.isSafeInteger(number))
      throw new UserError(
        `${parent}: number ${number} in it is too high to count on from; rename that folder`,
      );
    const digits = String(number).padStart(4, "0");
    const path = join(resolve(parent), `${digits}-${name}`);
    try {
      mkdirSync(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") continue;
      throw error;
    }
    const rivals = readdirSync(parent).filter((entry) => entry.startsWith(`${digits}-`));
    if (rivals.length === 1) return { path, number };
    rmdirSync(path);
    // each waits another while, else they would meet again
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20 * Math.random());
  }
}

/**
 * Find a run by number, folder name or path.
 * @throws UserError, naming the runs there are
 */
export function findRun(run: string, parent: string = RUNS): RunFolder {
  for (const path of [run, join(parent, run)]) {
    if (existsSync(join(path, "run.json"))) return new RunFolder(resolve(path));
  }
  const runs = listRuns(parent);
  const found = /^\d+$/.test(run)
    ? runs.find(({ path }) => Number(NUMBERED.exec(basename(path))?.[1]) === Number(run))
    : undefined;
  if (found) return found;
  if (existsSync(run))
    throw new UserError(`${run}: expected a run's folder (with a run.json), got another; name a run`);
  const names = runs.map(({ path }) => basename(path)).slice(-5);
  throw new UserError(
    `${run}: no such run in ${parent}; ${names.length > 0 ? `the latest are ${names.join(", ")}` : "there are none yet"}`,
  );
}

/** List a parent's runs by number; none where it does not exist. @throws UserError where it is no folder to read */
export function listRuns(parent: string = RUNS): RunFolder[] {
  return numbered(parent)
    .filter((path) => existsSync(join(path, "run.json")))
    .map((path) => new RunFolder(path));
}

/** List a parent's folders that are numbered as runs but have no record: empty, or of a run that has just begun. */
export function unbegunRuns(parent: string): string[] {
  return numbered(parent).filter(
    (path) =>
      lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true &&
      !existsSync(join(path, "run.json")),
  );
}

/** What in a folder is numbered as runs are, by number. @throws UserError where it is no folder to read */
function numbered(parent: string): string[] {
  return listFolder(parent, NO_PARENT)
    .filter((entry) => NUMBERED.test(entry))
    .toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
    .map((entry) => resolve(parent, entry));
}

/** The sentence where runs were found and none of them could be read. */
export function noneReadable(parent: string, count: number): string {
  return `${parent}: expected a run that can be read, got ${count} damaged; mend what the notes name, or remove it`;
}

/**
 * Copy a run to where version control keeps it: all but the checkpoints, which only resuming needs.
 * @throws UserError where the destination exists or cannot be written
 */
export function keepRun(folder: RunFolder, destination: string): void {
  if (existsSync(destination)) {
    throw new UserError(`${destination}: expected no such folder yet, got one; choose another name`);
  }
  const partial = `${destination}.partial-${process.pid}`;
  try {
    makeFolders(dirname(resolve(destination)));
    try {
      cpSync(folder.path, partial, {
        recursive: true,
        filter: (path) => path !== folder.file("checkpoints"),
      });
      renameSync(partial, destination);
    } catch (error) {
      rmSync(partial, { recursive: true, force: true });
      throw error;
    }
  } catch (error) {
    throw explainWriteError(destination, error);
  }
}
