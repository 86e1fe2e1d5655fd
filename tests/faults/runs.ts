/** What a run's folder may hold at any moment, and what it must have become in the end: that of a run left alone. */
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { LogLineSchema, readModelFile, readSafetensors } from "@neural-string/shared";
import { readLosses } from "@neural-string/trainer/loss-file";
import { expect } from "vitest";
import { generatePlucks, lines, listFiles, readJson, succeed, writeTinyConfig } from "../support/cli.ts";

/** The files of a run that has ended. */
export const WHOLE = [
  ...["checkpoints/best.safetensors", "checkpoints/last.safetensors", "config.json", "log.jsonl"],
  ...["losses.bin", "metrics.json", "model.safetensors", "render.wav", "report.html", "run.json"],
];

/** A kind of run to be disturbed: how it is started; its recordings and configs are in the folder. */
export interface Victim {
  kind: "classic" | "passive";
  args: string[];
}

const PASSIVE = [
  ...["model.taps=32", "model.filters=2", "judge.seconds=1", "selection.seconds=0.5"],
  ...["selection.evaluations=4", "training.sequence.latestStart=0.5", "training.sequence.threads=2"],
];

/** Both kinds, some seconds of work each. */
export const VICTIMS: Victim[] = [
  { kind: "classic", args: ["train", "a.wav", "--judge", "b.wav", "--config", "tiny.json"] },
  {
    kind: "passive",
    args: [
      ...["train", "s.wav", "--judge", "u.wav", "--steps", "8"],
      ...PASSIVE.flatMap((set) => ["--set", set]),
    ],
  },
];

/** Put into a folder what the victims are trained on, and let each run once, left alone, into `whole-KIND`. */
export async function prepareVictims(folder: string, victims: readonly Victim[]): Promise<void> {
  writeTinyConfig(folder, { training: { steps: 400, batchSize: 64 }, selection: { evaluations: 8 } });
  const stiff = ["generate", "stiff", "--f0", "220", "--sample-rate", "8000", "--seconds", "2.5"];
  const sounds = ["s.wav", "u.wav"].map((out, i) =>
    succeed(folder, ...stiff, "--t60", "2,1.5,1,1,.8", "--seed", String(i + 1), "--out", out),
  );
  await Promise.all([generatePlucks(folder), ...sounds]);
  await Promise.all(victims.map(({ kind, args }) => succeed(folder, ...args, "--run-dir", `whole-${kind}`)));
}

/** Demand that what is there under its own name is whole: a killed process may leave half a file as `.tmp` only. */
export function expectNothingHalf(runDir: string): void {
  for (const name of listFiles(runDir)) {
    const path = join(runDir, name);
    const file = basename(name);
    if (file.endsWith(".tmp") || file === "lock") continue;
    expect(WHOLE, name).toContain(name);
    const bytes = readFileSync(path);
    if (file === "model.safetensors") readModelFile(bytes, name);
    else if (file.endsWith(".safetensors")) readSafetensors(bytes, name);
    else if (file.endsWith(".json")) JSON.parse(bytes.toString());
    else if (file.endsWith(".wav")) expect(bytes.readUInt32LE(4) + 8, name).toBe(bytes.length);
    else if (file === "losses.bin") readLosses(path);
    else if (file.endsWith(".html")) expect(bytes.toString()).toMatch(/<\/html>\s*$/);
    else expectLog(bytes.toString());
  }
  if (existsSync(join(runDir, "run.json")) && readJson(runDir, "run.json").status === "finished")
    expect(
      listFiles(runDir).filter((name) => WHOLE.includes(name)),
      "a finished run",
    ).toEqual(WHOLE);
}

/** Lines of a log; a kill may cut the last one. */
function expectLog(text: string): void {
  const all = lines(text);
  const whole = text.endsWith("\n") ? all : all.slice(0, -1);
  for (const line of whole) LogLineSchema.parse(JSON.parse(line));
}

/** What a log says, but for the lines that a stop cuts in two. */
function milestones(runDir: string) {
  return lines(readFileSync(join(runDir, "log.jsonl"), "utf8"))
    .map((line) => JSON.parse(line))
    .filter(({ type, stage }) => type !== "updates" && !(type === "stage" && stage > 3));
}

/** Demand that a run has become, bit for bit, what the one that was left alone is. */
export function expectLikeWhole(folder: string, runDir: string, kind: Victim["kind"]): void {
  const [run, whole] = [join(folder, runDir), join(folder, `whole-${kind}`)];
  expect(listFiles(run)).toEqual(WHOLE);
  for (const name of WHOLE) {
    if (["run.json", "log.jsonl", "report.html"].includes(name)) continue; // they tell the time
    expect(readFileSync(join(run, name)).equals(readFileSync(join(whole, name))), name).toBe(true);
  }
  expect(milestones(run)).toEqual(milestones(whole));
  const { steps, bestStep } = readJson(whole, "run.json");
  expect(readJson(run, "run.json")).toMatchObject({ status: "finished", stepsDone: steps, bestStep });
}
