/**
 * Signals at random moments of a sweep with two worker processes, resumed until it is over. After each: no outcome is lost
 * or recorded twice, what is recorded is there whole; in the end every trial has the bytes of a sweep that was left alone.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type JournalLine, JournalLineSchema } from "@neural-string/shared";
import { expect } from "vitest";
import { mulberry32 } from "../reference/random.ts";
import { lines, readJson, run, succeed } from "../support/cli.ts";
import { count, type Disturbance, interrupt, SIGNALS, type Tally } from "./moments.ts";
import { expectNothingHalf } from "./runs.ts";

const SWEEP = [
  ...["sweep", "--config", "tiny.json", "--recordings", "a.wav", "--judge", "b.wav"],
  ...["--over", "training.batchSize=16,24,32", "--workers", "2"],
];
const TRIALS = 3;
const WHOLE = "whole-sweep";

/** Run the sweep once, left alone. */
export async function prepareSweep(folder: string): Promise<void> {
  await succeed(folder, ...SWEEP, "--folder", WHOLE);
}

/** Lines of a journal that were finished: a kill may cut the last one. */
function journalOf(sweep: string): JournalLine[] {
  const path = join(sweep, "journal.jsonl");
  if (!existsSync(path)) return [];
  const text = readFileSync(path, "utf8");
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  return lines(whole).map((line) => JournalLineSchema.parse(JSON.parse(line)));
}

const outcomesOf = (sweep: string) => journalOf(sweep).filter((line) => line.type === "outcome");

function runsOf(sweep: string): Map<number, string> {
  const trials = join(sweep, "trials");
  if (!existsSync(trials)) return new Map();
  const names = readdirSync(trials).filter((name) => /^\d{4}-[0-9a-f]+$/.test(name));
  return new Map(names.map((name) => [Number(name.slice(0, 4)), join(trials, name)]));
}

/** Demand what must hold of a sweep at any moment. @param before outcomes that were there already */
function expectNothingLost(sweep: string, before: readonly JournalLine[]): void {
  const outcomes = outcomesOf(sweep);
  expect(outcomes.slice(0, before.length)).toEqual(before);
  const numbers = outcomes.map(({ number }) => number);
  expect(new Set(numbers).size, "no outcome twice").toBe(numbers.length);
  const runs = runsOf(sweep);
  for (const run of runs.values()) expectNothingHalf(run);
  for (const number of numbers)
    expect(readJson(String(runs.get(number)), "run.json"), `trial ${number}`).toMatchObject({
      status: "finished",
    });
}

/** Demand that a sweep has come to what the one that was left alone came to. */
function expectLikeWholeSweep(folder: string, sweep: string): void {
  const [runs, whole] = [runsOf(join(folder, sweep)), runsOf(join(folder, WHOLE))];
  // no locks, nothing half-made beside them
  const trials = (name: string) => readdirSync(join(folder, name, "trials")).toSorted();
  expect(trials(sweep)).toEqual(trials(WHOLE));
  expect(outcomesOf(join(folder, sweep))).toHaveLength(TRIALS);
  for (const [number, path] of whole)
    for (const name of ["config.json", "losses.bin", "metrics.json", "model.safetensors", "render.wav"]) {
      const same = readFileSync(join(String(runs.get(number)), name)).equals(readFileSync(join(path, name)));
      expect(same, `trial ${number}: ${name}`).toBe(true);
    }
}

/** Disturb one sweep until it is over. */
export async function disturbSweep(
  folder: string,
  { whole, seed, most }: Disturbance,
  tally: Tally,
): Promise<void> {
  const random = mulberry32(seed);
  const sweep = `disturbed-sweep-${seed}`;
  const path = join(folder, sweep);
  for (let signals = 0; ; signals++) {
    const isBegun = existsSync(join(path, "sweep.json"));
    const command = isBegun ? ["sweep", "--resume", sweep, "--workers", "2"] : [...SWEEP, "--folder", sweep];
    const before = outcomesOf(path);
    if (signals >= most) {
      const { code, stderr } = await run(folder, ...command);
      expect([code, stderr]).toEqual([0, stderr]);
      break;
    }
    const signal = SIGNALS[Math.floor(random() * SIGNALS.length)];
    const { code, stderr } = await interrupt(folder, command, signal, random() * whole);
    tally.moments++;
    count(tally, `${signal} of a sweep`);
    expectNothingLost(path, before);
    if (code === 0) break;
    // killed before anything listened; or stopped
    expect([null, 130], stderr).toContain(code);
  }
  expectNothingLost(path, []);
  expectLikeWholeSweep(folder, sweep);
}
