// A journal has what was appended, whole, and says what is damaged; a lock keeps the living out, not the dead.

import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { JournalLine } from "@neural-string/shared";
import { takeLock } from "@neural-string/trainer/process-lock";
import { Journal, readJournal } from "@neural-string/trainer/sweep/journal";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../support/audio-files.ts";

const folder = temporaryFolder();
const line = (number: number): JournalLine => ({
  type: "trial",
  number,
  id: "0123456789abcdef".repeat(4),
  set: { "training.batchSize": number, what: "é\n" },
});

/** A journal of three lines. */
function threeLines(name: string): string {
  const path = join(folder, name);
  const { journal, lines } = Journal.open(path);
  expect(lines).toEqual([]);
  for (const number of [1, 2, 3]) journal.append(line(number));
  journal.close();
  return path;
}

describe("Journal", () => {
  test("cut anywhere, it has the lines that are whole, and goes on after them", () => {
    const path = threeLines("cut.jsonl");
    const bytes = readFileSync(path);
    const ends = [...bytes.entries()].filter(([, byte]) => byte === 10).map(([at]) => at + 1);
    const places = ends.flatMap((end) => [end - 60, end - 1, end, end + 1]);
    for (const length of [0, ...places.filter((place) => place <= bytes.length)]) {
      writeFileSync(path, bytes);
      truncateSync(path, length);
      const whole = ends.filter((end) => end <= length).length;
      const { journal, lines } = Journal.open(path);
      expect(lines).toEqual([1, 2, 3].slice(0, whole).map(line));
      journal.append(line(9));
      journal.close();
      expect(readJournal(path).lines).toEqual([...lines, line(9)]);
    }
  });

  test("a line that was damaged is an error that names it", () => {
    const path = threeLines("damaged.jsonl");
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replace('"number":2', '"number":"2"'));
    expect(() => Journal.open(path)).toThrow("damaged.jsonl, line 2: number: expected a number, got");
    writeFileSync(path, text.replace('"number":1', '"number'));
    expect(() => Journal.open(path)).toThrow("damaged.jsonl, line 1: expected JSON");
    appendFileSync(path, "{}\n");
    expect(() => Journal.open(path)).toThrow("line 1");
  });
});

describe("takeLock", () => {
  const path = join(folder, "a.lock");

  test("one at a time, and the next when it is released", async () => {
    const lock = await takeLock(path, "a");
    await expect(takeLock(path, "sweep a")).rejects.toThrow("sweep a: another process works on it");
    const waiting = takeLock(path, "a", 10_000);
    lock.release();
    (await waiting).release();
    expect(existsSync(path)).toBe(false);
  });

  test("that of a process which is gone is taken, be its number our own", async () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    for (const dead of [pid, process.pid]) {
      writeFileSync(path, `${hostname()} ${dead}`);
      (await takeLock(path, "a")).release();
    }
    expect(existsSync(path)).toBe(false);
  });

  test("that of another machine is left alone", async () => {
    writeFileSync(path, "elsewhere 1");
    await expect(takeLock(path, "sweep a")).rejects.toThrow("(elsewhere, process 1)");
    expect(readFileSync(path, "utf8")).toBe("elsewhere 1");
  });
});
