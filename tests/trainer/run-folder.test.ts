// Run folders: numbers given once, nothing overwritten, a torn log still read.
import { execFile } from "node:child_process";
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type LogLine, type RunRecord, TrainConfigSchema, UserError } from "@neural-string/shared";
import { createRunFolder, findRun, keepRun, listRuns } from "@neural-string/trainer/numbered-runs";
import { RunFolder } from "@neural-string/trainer/run-folder";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/audio-files.ts";

const folder = temporaryFolder();
const under = (...parts: string[]) => join(folder, ...parts);
const message = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as Error).message.replaceAll(folder, "FOLDER");
  }
  return "no error";
};

const record: RunRecord = {
  schema: 1,
  number: 1,
  name: "a",
  kind: "classic",
  status: "finished",
  startedAt: "2026-01-01T00:00:00.000Z",
  finishedAt: null,
  seed: 1,
  backend: "wasm",
  steps: 10,
  stepsDone: 10,
  bestStep: null,
  bestScoreDb: null,
  f0: 220,
  sampleRate: 8000,
  trainedOn: [],
  judgedOn: [],
  git: null,
  versions: {},
};
const line = (step: number): LogLine => ({ type: "epoch", step, epoch: step, loss: 1 / step });

describe("createRunFolder", () => {
  test("numbers from 0001 up, after the highest there is, and makes the parent", () => {
    const parent = under("numbered/runs");
    const make = (name: string) => basename(createRunFolder({ parent, name }).folder.path);
    expect([make("a"), make("b"), make("a")]).toEqual(["0001-a", "0002-b", "0003-a"]);
    mkdirSync(join(parent, "0041-by-hand"));
    mkdirSync(join(parent, "notes"));
    expect(make("a")).toBe("0042-a");
    mkdirSync(join(parent, "9999-a"));
    expect([make("a"), make("a")]).toEqual(["10000-a", "10001-a"]);
  });

  test("a number too high to count on from is refused, not searched for ever", () => {
    const parent = under("high");
    mkdirSync(join(parent, "9007199254740992-by-hand"), { recursive: true });
    expect(message(() => createRunFolder({ parent, name: "a" }))).toMatchInlineSnapshot(
      `"FOLDER/high: number 9007199254740992 in it is too high to count on from; rename that folder"`,
    );
    expect(readdirSync(parent)).toEqual(["9007199254740992-by-hand"]);
  });

  test("exactly this folder: new, in a parent that need not exist, with the number of its name", () => {
    const made = createRunFolder({ exactly: under("deep/er/0012-mine") });
    expect(made.number).toBe(12);
    expect(readdirSync(made.folder.path)).toEqual(["checkpoints"]);
    expect(createRunFolder({ exactly: under("plain") }).number).toBe(0);
  });

  test("what exists is never taken, not even an empty folder or a file", () => {
    mkdirSync(under("empty"));
    writeFileSync(under("file"), "kept");
    expect([
      message(() => createRunFolder({ exactly: under("empty") })),
      message(() => createRunFolder({ exactly: under("file") })),
      message(() => createRunFolder({ exactly: under("file/run") })),
      message(() => createRunFolder({ parent: under("file"), name: "a" })),
    ]).toMatchInlineSnapshot(`
      [
        "FOLDER/empty: expected no such folder yet, got one; a run is never overwritten: choose another --run-dir",
        "FOLDER/file: expected no such folder yet, got one; a run is never overwritten: choose another --run-dir",
        "FOLDER/file/run: cannot be written: a part of its path is a file; choose another folder",
        "FOLDER/file: expected a folder for runs, got a file; choose another --runs",
      ]
    `);
    expect(readFileSync(under("file"), "utf8")).toBe("kept");
    expect(readdirSync(under("empty"))).toEqual([]);
  });

  test("processes that claim at once get different numbers, whatever their names", async () => {
    const parent = under("claimed");
    const module = fileURLToPath(import.meta.resolve("@neural-string/trainer/numbered-runs"));
    // each waits for the same instant, then claims five in a row
    const script = `
      const { createRunFolder } = await import(${JSON.stringify(module)});
      const [, parent, name, at] = process.argv;
      while (Date.now() < Number(at));
      for (let i = 0; i < 5; i++) console.log(createRunFolder({ parent, name: name + i }).number);`;
    const at = String(Date.now() + 1500);
    const claims = ["a", "b", "c", "d"].map((name) =>
      promisify(execFile)(process.execPath, ["--input-type=module", "-e", script, parent, name, at]),
    );
    const numbers = (await Promise.all(claims)).flatMap(({ stdout }) =>
      stdout.trim().split("\n").map(Number),
    );
    expect(numbers).toHaveLength(20);
    expect(new Set(numbers).size).toBe(20);
    const claimed = readdirSync(parent).map((name) => Number.parseInt(name, 10));
    expect(claimed.toSorted((a, b) => a - b)).toEqual(numbers.toSorted((a, b) => a - b));
  });
});

describe("RunFolder", () => {
  const run = createRunFolder({ exactly: under("one") }).folder;

  test("record and config come back as they were written", () => {
    const config = TrainConfigSchema.parse({ recordings: ["a.wav"] });
    run.writeRecord(record);
    run.writeConfig(config);
    expect([run.readRecord(), run.readConfig()]).toEqual([record, config]);
  });

  test("a log whose last line a crash has torn is read without it, and can be cut", () => {
    expect(run.readLog()).toEqual([]);
    for (const step of [1, 2, 3]) run.log(line(step));
    appendFileSync(run.file("log.jsonl"), '{"type":"epoch","step":4,"ep');
    expect(run.readLog()).toEqual([line(1), line(2), line(3)]);
    run.truncateLog(2);
    expect(readFileSync(run.file("log.jsonl"), "utf8")).toBe(
      `${JSON.stringify(line(1))}\n${JSON.stringify(line(2))}\n`,
    );
    run.log(line(3));
    expect(run.readLog()).toEqual([line(1), line(2), line(3)]);
  });

  test("a damaged line that a crash cannot have torn is not passed over", () => {
    const folder = createRunFolder({ exactly: under("edited") }).folder;
    for (const step of [1, 2, 3]) folder.log(line(step));
    const edited = readFileSync(folder.file("log.jsonl"), "utf8").replace(/"epoch":2/, '"epoch":"two"');
    writeFileSync(folder.file("log.jsonl"), edited);
    expect(() => folder.readLog()).toThrow(
      /^\S+log\.jsonl, line 2: .*; without that line the log can be read$/,
    );
    expect(folder.legibleLog()).toMatchObject({ lines: [line(1), line(3)], troubles: [expect.any(String)] });
  });

  test("a log that is cut where a stage begins leaves the stage to say so again", () => {
    const stage = (step: number): LogLine => ({
      ...{ type: "stage", step, stage: 0, name: "linear", filters: 1, seconds: 0.5, batchSize: 8, steps: 2 },
    });
    const folder = createRunFolder({ exactly: under("staged") }).folder;
    for (const entry of [stage(0), line(1), line(2), stage(2), line(3)]) folder.log(entry);
    folder.truncateLog(2);
    expect(folder.readLog()).toEqual([stage(0), line(1), line(2)]);
  });

  test("a missing or damaged file is one sentence", () => {
    mkdirSync(under("damaged"));
    writeFileSync(under("damaged/run.json"), '{"schema":1}');
    writeFileSync(under("damaged/config.json"), "{");
    const damaged = new RunFolder(under("damaged"));
    expect([
      message(() => new RunFolder(under("nowhere")).readRecord()),
      message(() => damaged.readRecord()),
      message(() => damaged.readConfig()),
    ]).toMatchInlineSnapshot(`
      [
        "FOLDER/nowhere/run.json: expected a run folder's file, got nothing there; check the path",
        "FOLDER/damaged/run.json: number: expected a number, got nothing",
        "FOLDER/damaged/config.json: expected JSON, got something else (Expected property name or '}' in JSON at position 1 (line 1 column 2))",
      ]
    `);
  });
});

describe("findRun", () => {
  test("finds by number, name and path; else names the latest", () => {
    const parent = under("many");
    for (const name of ["a", "b", "c"]) createRunFolder({ parent, name }).folder.writeRecord(record);
    const found = ["2", "0002", "0002-b", join(parent, "0002-b")].map((run) =>
      basename(findRun(run, parent).path),
    );
    expect(found).toEqual(["0002-b", "0002-b", "0002-b", "0002-b"]);
    expect([
      message(() => findRun("7", parent)),
      message(() => findRun("x", under("none"))),
    ]).toMatchInlineSnapshot(`
      [
        "7: no such run in FOLDER/many; the latest are 0001-a, 0002-b, 0003-c",
        "x: no such run in FOLDER/none; there are none yet",
      ]
    `);
  });
});

describe("listRuns", () => {
  test("lists by number, only folders with a record", () => {
    const parent = under("listed");
    for (const name of ["10000-a", "0002-b", "9999-c"]) {
      createRunFolder({ exactly: join(parent, name) }).folder.writeRecord(record);
    }
    mkdirSync(join(parent, "0003-begun"));
    mkdirSync(join(parent, "other"));
    expect(listRuns(parent).map(({ path }) => basename(path))).toEqual(["0002-b", "9999-c", "10000-a"]);
    expect(listRuns(under("none"))).toEqual([]);
  });

  test("a file is refused, and says so to whoever looks for a run in it", () => {
    writeFileSync(under("a-file"), "");
    const sentence = "FOLDER/a-file: expected a folder for runs, got a file; choose another --runs";
    expect(message(() => listRuns(under("a-file")))).toBe(sentence);
    expect(message(() => findRun("1", under("a-file")))).toBe(sentence);
    expect(listRuns(under("a-file/below"))).toEqual([]);
  });
});

describe("keepRun", () => {
  test("copies everything but the checkpoints, to a place that does not exist yet", () => {
    const run = createRunFolder({ exactly: under("checkpoints") }).folder;
    run.writeRecord(record);
    writeFileSync(run.best, "best");
    mkdirSync(run.file("sounds"));
    writeFileSync(run.file("sounds/a.wav"), "sound");
    keepRun(run, under("docs/results/a"));
    expect(readdirSync(under("docs/results"))).toEqual(["a"]);
    expect(readdirSync(under("docs/results/a"), { recursive: true }).toSorted()).toEqual([
      "run.json",
      "sounds",
      join("sounds", "a.wav"),
    ]);
    expect([
      message(() => keepRun(run, under("docs/results/a"))),
      message(() => keepRun(run, under("docs/results/a/run.json/b"))),
    ]).toMatchInlineSnapshot(`
      [
        "FOLDER/docs/results/a: expected no such folder yet, got one; choose another name",
        "FOLDER/docs/results/a/run.json/b: cannot be written: a part of its path is a file; choose another folder",
      ]
    `);
    expect(readFileSync(run.best, "utf8")).toBe("best");
  });
});
