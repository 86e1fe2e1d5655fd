// What can happen to a run from outside: signals at random moments, another training in its folder, a folder that may only
// be read, a clock that jumps, hands in its files, a torn cache. Nothing that was finished is lost, nothing half-written
// is taken for whole, and what goes on reaches the bits of a run that was left alone. (A full disk: disk-full.test.ts.)
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { UserError } from "@neural-string/shared";
import { train } from "@neural-string/trainer/commands/train";
import { Terminal } from "@neural-string/trainer/terminal";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { temporaryFolder } from "../support/audio-files.ts";
import { listFiles, readJson, run, start, startWith } from "../support/cli.ts";
import { disturbExport, disturbTraining, type Tally, timed } from "./moments.ts";
import { expectLikeWhole, expectNothingHalf, prepareVictims, VICTIMS } from "./runs.ts";
import { disturbSweep, prepareSweep } from "./sweeps.ts";

const folder = temporaryFolder();
const mounted: string[] = [];
// before the folder is removed: hooks run backwards
afterAll(() => {
  for (const path of mounted) execFileSync("umount", [path]);
});
const [classic, passive] = VICTIMS;
const at = (...path: string[]) => join(folder, ...path);
const IN_THE_MIDDLE = /"type":"evaluation","step":[1-9]/;

/** All that a folder holds. */
function contents(path: string): [name: string, text: string][] {
  return listFiles(path).map((name) => [name, readFileSync(join(path, name), "latin1")]);
}

/** Demand one line, exit code 2, and a folder that is as it was. */
async function expectRefused(dir: string, sentence: RegExp, ...args: string[]): Promise<void> {
  const before = contents(at(dir));
  const { code, stdout, stderr } = await run(folder, ...args);
  expect(stderr.replace(/\n$/, "")).toMatch(sentence);
  expect(stderr.trimEnd()).not.toContain("\n");
  expect([code, stdout]).toEqual([2, ""]);
  expect(contents(at(dir))).toEqual(before);
}

/** Train a while, and be killed after the first evaluation that follows a step. */
async function killedHalfway(runDir: string): Promise<void> {
  const { child, ended, says } = start(folder, ...classic.args, "--run-dir", runDir, "--json");
  await says(IN_THE_MIDDLE);
  child.kill("SIGKILL");
  await ended;
}

// dozens of processes, some of which start TensorFlow.js: on a busy machine they may take minutes
vi.setConfig({ testTimeout: 600_000 });
beforeAll(async () => {
  await prepareVictims(folder, VICTIMS);
  await killedHalfway("halfway");
}, 300_000);

describe("signals at random moments", () => {
  test.concurrent.each(VICTIMS)("of a training ($kind), which goes on until it is over", async (victim) => {
    const tally: Tally = { moments: 0 };
    await disturbTraining(folder, victim, { whole: 2500, seed: 3, most: 1 }, tally);
    expect(tally.moments).toBe(1);
  });

  test("of a sweep, which goes on until it is over", async () => {
    const tally: Tally = { moments: 0 };
    const whole = await timed(() => prepareSweep(folder));
    await disturbSweep(folder, { whole, seed: 2, most: 2 }, tally);
    expect(tally.moments).toBeGreaterThan(0);
  });

  test("of a render over another one, and of a run that is kept", async () => {
    const tally: Tally = { moments: 0 };
    await disturbExport(folder, "classic", 1, tally);
    expect(tally.moments).toBe(2);
  });
});

describe("two trainings", () => {
  test("into one folder: whoever comes second is refused, and the first is not disturbed", async () => {
    cpSync(at("halfway"), at("shared"), { recursive: true });
    const { child, ended, says } = start(folder, "train", "--resume", "shared", "--json");
    await says(/"type":"evaluation"/);
    const second = await run(folder, "train", "--resume", "shared");
    expect(second).toMatchObject({ code: 2, stdout: "" });
    expect(second.stderr).toBe(
      `shared: another training (process ${child.pid}) is writing into this folder; wait for it, or end it\n`,
    );
    expect(await ended).toMatchObject({ code: 0 });
    expectLikeWhole(folder, "shared", "classic");
  });
});

describe("trainings begun at the same moment", () => {
  const begin = (...where: string[]) => run(folder, ...classic.args, "--steps", "8", ...where);

  test("in one new folder: one has it, the others are refused", async () => {
    const ends = await Promise.all([1, 2, 3].map(() => begin("--run-dir", "at-once")));
    expect(ends.map(({ code }) => code).toSorted()).toEqual([0, 2, 2]);
    for (const { code, stderr } of ends)
      if (code === 2) expect(stderr).toMatch(/^at-once: expected no such folder yet, got one; .*\n$/);
    expectNothingHalf(at("at-once"));
  });

  test("among numbered runs: each has a number of its own", async () => {
    const ends = await Promise.all([1, 2, 3].map(() => begin("--runs", "numbered")));
    expect(ends.map(({ code }) => code)).toEqual([0, 0, 0]);
    const numbers = readdirSync(at("numbered")).map(
      (name) => readJson(at("numbered", name), "run.json").number,
    );
    expect(numbers.toSorted()).toEqual([1, 2, 3]);
  });
});

describe("a clock that jumps back, and a cache cut short", () => {
  test("change no bit of a run; the clock of its workers jumps too, and the cache is made anew", async () => {
    const cache = at("torn-cache");
    cpSync(at(".cache"), cache, { recursive: true });
    const sizes = () => readdirSync(cache).map((file) => readFileSync(join(cache, file)).length);
    const whole = sizes();
    expect(whole.length).toBeGreaterThan(3);
    for (const [i, file] of readdirSync(cache).entries()) truncateSync(join(cache, file), i % 2 ? 0 : 5000);
    const preload = new URL("./clock-jumps-back.ts", import.meta.url).href;
    const env = { NODE_OPTIONS: `--import ${preload}`, NEURAL_STRING_CACHE: cache };
    const { code, stderr } = await startWith(env, folder, ...passive.args, "--run-dir", "jumped").ended;
    expect([code, stderr]).toEqual([0, stderr]);
    const { startedAt, finishedAt } = readJson(folder, "jumped", "run.json");
    expect(Date.parse(finishedAt)).toBeLessThan(Date.parse(startedAt));
    expectLikeWhole(folder, "jumped", "passive");
    // those that this run has read are whole again
    expect(sizes().filter((size, i) => size === whole[i]).length).toBeGreaterThanOrEqual(2);
  });
});

describe("hands in a run's folder", () => {
  const damaged = (name: string, damage: (file: (name: string) => string) => void) => {
    cpSync(at("halfway"), at(name), { recursive: true });
    damage((file) => at(name, file));
    return name;
  };

  test.concurrent.each<[string, (file: (name: string) => string) => void, RegExp]>([
    [
      "another config",
      (file) => {
        const config = JSON.parse(readFileSync(file("config.json"), "utf8"));
        config.training.batchSize = 32;
        writeFileSync(file("config.json"), JSON.stringify(config));
      },
      /^--resume: \S*config\.json is not as the run wrote it, .* --config \S+config\.json$/,
    ],
    [
      "another config, and no word of the first",
      (file) => {
        const config = JSON.parse(readFileSync(file("config.json"), "utf8"));
        config.training.batchSize = 32;
        writeFileSync(file("config.json"), JSON.stringify(config));
        const { configSha256: _, ...record } = JSON.parse(readFileSync(file("run.json"), "utf8"));
        writeFileSync(file("run.json"), JSON.stringify(record));
      },
      /^--resume: \S*config\.json is not as the run wrote it/,
    ],
    [
      "a config that is none",
      (file) => writeFileSync(file("config.json"), "{ batchSize: 32 }"),
      /config\.json: expected JSON/,
    ],
    [
      "a record that is none",
      (file) => writeFileSync(file("run.json"), '{"schema":1}'),
      /run\.json: number: expected/,
    ],
    [
      "a checkpoint cut short",
      (file) => truncateSync(file("checkpoints/last.safetensors"), 900),
      /last\.safetensors: .*damaged/,
    ],
    [
      "no best checkpoint",
      (file) => rmSync(file("checkpoints/best.safetensors")),
      /best\.safetensors: expected a checkpoint, got nothing there/,
    ],
    [
      "no checkpoints",
      (file) => {
        for (const name of ["best", "last"]) rmSync(file(`checkpoints/${name}.safetensors`));
      },
      /^--resume: the run was ended before its first checkpoint/,
    ],
  ])("%s: resuming is refused in one line", async (what, damage, sentence) => {
    const name = damaged(what.replaceAll(" ", "-"), damage);
    // the lock that the killed one left goes with the first that looks
    rmSync(at(name, "checkpoints/lock"), { force: true });
    const before = contents(at(name));
    // in this process: that such an error is one line and exit code 2 is bad-input.test.ts's
    const resuming = train({ resume: at(name) }, new Terminal(false));
    await expect(resuming).rejects.toThrow(UserError);
    await expect(resuming).rejects.toThrow(sentence);
    expect(contents(at(name))).toEqual(before);
  });

  test("a log that is torn and lacks lines costs those lines, not the run", async () => {
    const name = damaged("torn", (file) => truncateSync(file("log.jsonl"), 333));
    expect((await run(folder, "train", "--resume", name)).code).toBe(0);
    expectNothingHalf(at(name));
    for (const file of ["model.safetensors", "metrics.json", "render.wav"])
      expect(readFileSync(at(name, file)).equals(readFileSync(at("whole-classic", file))), file).toBe(true);
  });

  test("a log with a line that no crash has torn is not gone on with", async () => {
    const name = damaged("edited-log", (file) => {
      const lines = readFileSync(file("log.jsonl"), "utf8").split("\n");
      writeFileSync(file("log.jsonl"), lines.with(1, "{}").join("\n"));
      rmSync(file("checkpoints/lock"), { force: true });
    });
    const sentence = /log\.jsonl, line 2: .*; without that line the log can be read$/;
    await expectRefused(name, sentence, "train", "--resume", name);
  });
});

describe("a folder that may only be read (skipped where none may be mounted)", () => {
  /** Show a folder at another place, to be read only. @returns whether that is allowed here */
  function mountReadOnly(from: string, to: string): boolean {
    mkdirSync(to);
    try {
      execFileSync("mount", ["--bind", from, to], { stdio: "ignore" });
      mounted.push(to);
      execFileSync("mount", ["-o", "remount,bind,ro", to], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  }

  mkdirSync(at("try"));
  const canMount = mountReadOnly(at("try"), at("try-mounted"));
  const sentence = /cannot be written: the folder is read-only; choose another$/;

  test.skipIf(!canMount)("refuses a run that would go on, one that would begin, and a render", async () => {
    expect(mountReadOnly(at("halfway"), at("locked"))).toBe(true);
    await expectRefused("locked", sentence, "train", "--resume", "locked");
    await expectRefused("locked", sentence, ...classic.args, "--steps", "2", "--run-dir", "locked/new");
    const model = ["--model", "whole-classic/model.safetensors", "--init", "a.wav"];
    await expectRefused("locked", sentence, "render", ...model, "--out", "locked/out.wav");
    expect(existsSync(at("locked/new"))).toBe(false);
  });
});
