// A disk that fills up in the middle of a run, or that may only be read: one sentence, and every file that is there is
// whole. Needs the right to
// mount a small disk (root on Linux); elsewhere it is skipped, and files.test.ts has the sentence alone.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LogLineSchema, readSafetensors } from "@neural-string/shared";
import { readLosses } from "@neural-string/trainer/loss-file";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/audio-files.ts";
import { generatePlucks, lines, listFiles, readJson, run, succeed, writeTinyConfig } from "../support/cli.ts";

const folder = temporaryFolder();
const mounted: string[] = [];

/** Mount a disk of so many KiB. @returns whether that is allowed here */
function mountDisk(path: string, size: number, ...more: string[]): boolean {
  mkdirSync(path);
  const options = [`size=${size}k`, ...more].join(",");
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", path], { stdio: "ignore" });
    mounted.push(path);
    return true;
  } catch {
    return false;
  }
}

afterAll(() => {
  for (const path of mounted) execFileSync("umount", [path]);
});

const canMount = mountDisk(join(folder, "try"), 16);
const TRAIN = ["train", "a.wav", "--config", "tiny.json", "--steps", "60", "--runs"];
const SWEEP = [
  ...["sweep", "--config", "tiny.json", "--recordings", "a.wav", "--steps", "2"],
  ...["--over", "training.batchSize=16,32"],
];
// in 4 KiB, the page of such a disk; a file that replaces another needs room beside it
const PAGE = 4;
const SPARE = 8 * PAGE;

/** KiB that the files of a run take, its report left out. */
function sizeBeforeReport(path: string): number {
  const files = listFiles(path).filter((file) => !file.endsWith("report.html"));
  return files.reduce(
    (sum, file) => sum + PAGE * Math.ceil(statSync(join(path, file)).size / (1024 * PAGE)),
    0,
  );
}

/** Demand that a file is what its name says, from beginning to end. */
function expectWhole(path: string): void {
  const bytes = readFileSync(path);
  if (path.endsWith(".json")) JSON.parse(bytes.toString());
  else if (path.endsWith(".jsonl"))
    for (const line of lines(bytes.toString())) LogLineSchema.parse(JSON.parse(line));
  else if (path.endsWith(".safetensors")) readSafetensors(bytes, path);
  else if (path.endsWith(".wav")) expect(bytes.readUInt32LE(4) + 8).toBe(bytes.length);
  else if (path.endsWith(".bin")) readLosses(path);
  else if (path.endsWith(".html")) expect(bytes.toString()).toMatch(/<\/html>\s*$/);
  else expect.fail(`${path}: no file of a run`);
}

describe.skipIf(!canMount)(
  "train, where the disk fills up (skipped where no small disk may be mounted)",
  () => {
    let withoutReport = 0;
    beforeAll(async () => {
      writeTinyConfig(folder);
      await generatePlucks(folder);
      await succeed(folder, ...TRAIN, "undisturbed");
      withoutReport = sizeBeforeReport(join(folder, "undisturbed"));
    });

    test.concurrent.each([
      ["hardly-anything", () => 16],
      ["half-a-run", () => withoutReport / 2],
      ["all-but-the-report", () => withoutReport + SPARE],
    ])("with room for %s: one line, exit code 2, and no half-written file", async (room, size) => {
      const disk = join(folder, room);
      mountDisk(disk, PAGE * Math.round(size() / PAGE));
      const { code, stderr } = await run(folder, ...TRAIN, room);
      expect(stderr).toMatch(/^\S+: cannot be written: no space left on the disk; free some, then go on\n$/);
      expect(code).toBe(2);
      const files = listFiles(disk);
      for (const file of files) expectWhole(join(disk, file));
      expect(files.some((file) => file.endsWith("report.html"))).toBe(false);
    });

    test("a run that cannot be begun leaves no folder", async () => {
      const disk = join(folder, "nothing-at-all");
      // room for names, and for hardly more than the lock
      mountDisk(disk, 4 * PAGE);
      writeFileSync(join(disk, "full"), new Uint8Array(1024 * 2 * PAGE));
      for (const place of [
        ["--runs", "nothing-at-all"],
        ["--run-dir", "nothing-at-all/mine"],
      ]) {
        const { code, stderr } = await run(folder, ...TRAIN.slice(0, -1), ...place);
        expect(stderr).toMatch(/(config|run)\.json: cannot be written: no space left on the disk;/);
        expect(code).toBe(2);
        expect(readdirSync(disk)).toEqual(["full"]);
      }
    });

    test("a run that failed so says why, where there was still room for that", async () => {
      const record = readJson(folder, "all-but-the-report/0001-classic-tiny/run.json");
      expect(record.status).toBe("failed");
      expect(record.error).toMatch(/report\.html: cannot be written: no space left on the disk/);
    });

    test("a render leaves nothing", async () => {
      mountDisk(join(folder, "small"), 8);
      await succeed(folder, "train", "a.wav", "--config", "tiny.json", "--steps", "2", "--run-dir", "good");
      const args = ["--model", "good/model.safetensors", "--init", "a.wav", "--out", "small/out.wav"];
      expect(await run(folder, "render", ...args)).toMatchObject({
        code: 2,
        stdout: "",
        stderr: "small/out.wav: cannot be written: no space left on the disk; free some, then go on\n",
      });
      expect(listFiles(join(folder, "small"))).toEqual([]);
      expect(statSync(join(folder, "small")).isDirectory()).toBe(true);
    });
  },
);

describe.skipIf(!canMount)("a disk that may only be read (skipped where none may be mounted)", () => {
  beforeAll(async () => {
    writeTinyConfig(folder);
    await generatePlucks(folder);
    mountDisk(join(folder, "read-only"), 16, "ro");
  });

  test.concurrent.each([
    [["experiments", "--only", "ks-linear", "--steps", "2", "--runs", "read-only/e"], "read-only/e"],
    [[...SWEEP, "--folder", "read-only/s"], "read-only/s/sweep.lock"],
    [[...TRAIN, "read-only/r"], "read-only/r"],
  ])("%j: one line, the reason, exit code 2", async (args, path) => {
    expect(await run(folder, ...args)).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(
        new RegExp(`^\\S*${path}: cannot be written: the folder is read-only; choose another\n$`),
      ),
    });
  });
});
