/**
 * Signals at random moments: of a training, until it is over however often it was stopped and resumed; of an export. After
 * each, nothing is half-written under its own name; in the end all is as if nothing had happened.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect } from "vitest";
import { mulberry32 } from "../reference/random.ts";
import { type Ended, listFiles, readJson, run, start, succeed } from "../support/cli.ts";
import { expectLikeWhole, expectNothingHalf, type Victim, WHOLE } from "./runs.ts";

/** Those that are sent. */
export const SIGNALS = ["SIGKILL", "SIGINT", "SIGTERM"] as const;

/** How often what was met. */
export interface Tally {
  moments: number;
  [what: string]: number;
}

/** Note that something was met. */
export function count(tally: Tally, what: string): void {
  tally[what] = (tally[what] ?? 0) + 1;
}

/** Start a command, and send it a signal after a while. @returns how it ended */
export async function interrupt(
  folder: string,
  args: string[],
  signal: NodeJS.Signals,
  afterMs: number,
): Promise<Ended> {
  const { child, ended } = start(folder, ...args);
  await Promise.race([wait(afterMs), ended]);
  child.kill(signal);
  return ended;
}

/** A command's own time (ms), so that moments fall into it. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

/** How a training is disturbed. */
export interface Disturbance {
  /** Milliseconds that one takes which is left alone. */
  whole: number;
  /** Of the moments and the signals. */
  seed: number;
  /** Signals at most, before it is left alone. */
  most: number;
}

/** Disturb one training until it is over. */
export async function disturbTraining(
  folder: string,
  { kind, args }: Victim,
  { whole, seed, most }: Disturbance,
  tally: Tally,
): Promise<void> {
  const random = mulberry32(seed);
  const runDir = `disturbed-${kind}-${seed}`;
  const path = join(folder, runDir);
  for (let signals = 0; ; signals++) {
    const isBegun = existsSync(join(path, "run.json"));
    if (isBegun && readJson(path, "run.json").status === "finished") {
      // the signal came between the last file and the process's end
      expectLikeWhole(folder, runDir, kind);
      return;
    }
    // a folder that never became a run keeps its name
    const dir = existsSync(path) && !isBegun ? `${runDir}-again` : runDir;
    const command = isBegun ? ["train", "--resume", runDir] : [...args, "--run-dir", dir];
    if (signals >= most || dir !== runDir) {
      const { code, stderr } = await run(folder, ...command);
      if (isBegun && code === 2) return expectNothingToGoOnFrom(path, stderr, tally);
      expect([code, stderr]).toEqual([0, stderr]);
      expectLikeWhole(folder, dir, kind);
      return;
    }
    const signal = SIGNALS[Math.floor(random() * SIGNALS.length)];
    const { code, stderr } = await interrupt(folder, command, signal, random() * whole);
    tally.moments++;
    count(tally, signal);
    if (existsSync(path)) expectNothingHalf(path);
    if (code === 0) {
      count(tally, "over before the signal");
      expectLikeWhole(folder, runDir, kind);
      return;
    }
    if (isBegun && code === 2) return expectNothingToGoOnFrom(path, stderr, tally);
    // killed; or stopped, the best so far exported
    expect([null, 130], stderr).toContain(code);
    if (code === 130) {
      count(tally, "stopped, best so far exported");
      expect(listFiles(path)).toEqual(WHOLE);
    }
  }
}

/** A run that was ended before its first checkpoint says so, and holds none. */
function expectNothingToGoOnFrom(path: string, stderr: string, tally: Tally): void {
  expect(stderr).toMatch(/^--resume: the run was ended before its first checkpoint, .*\n$/);
  expect(listFiles(path).filter((name) => /(best|last|model)\.safetensors$/.test(name))).toEqual([]);
  count(tally, "ended before the first checkpoint");
}

/**
 * Disturb an export: a render over an older one, and a run that is kept. What is there afterwards is the old or the new,
 * or nothing.
 */
export async function disturbExport(
  folder: string,
  kind: Victim["kind"],
  seed: number,
  tally: Tally,
): Promise<void> {
  const random = mulberry32(seed);
  const model = `whole-${kind}/model.safetensors`;
  const out = `export-${seed}.wav`;
  const render = (seconds: string, to: string) => [
    ...["render", "--model", model, "--init", kind === "classic" ? "a.wav" : "s.wav"],
    ...["--seconds", seconds, "--guard", "--out", to],
  ];
  await succeed(folder, ...render("0.5", out));
  const old = readFileSync(join(folder, out));
  const whole = await timed(() => succeed(folder, ...render("8", `new-${seed}.wav`)));
  const signal = () => SIGNALS[Math.floor(random() * SIGNALS.length)];
  await interrupt(folder, render("8", out), signal(), random() * whole);
  const now = readFileSync(join(folder, out));
  const isNew = now.equals(readFileSync(join(folder, `new-${seed}.wav`)));
  expect(isNew || now.equals(old)).toBe(true);
  count(tally, isNew ? "the new render" : "the old render");

  const kept = `kept-${seed}`;
  const keep = (to: string) => ["runs", "keep", `whole-${kind}`, to];
  const wholeKeep = await timed(() => succeed(folder, ...keep(`${kept}-alone`)));
  await interrupt(folder, keep(kept), signal(), random() * wholeKeep);
  const isKept = existsSync(join(folder, kept));
  if (isKept) expect(listFiles(join(folder, kept))).toEqual(listFiles(join(folder, `${kept}-alone`)));
  count(tally, isKept ? "kept" : "not kept");
  tally.moments += 2;
}
