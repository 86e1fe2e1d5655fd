/** Strings trained and judged as people do it, by `pnpm train` and `pnpm evaluate`, for `ablation.ts`. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Judgement, UserError } from "@neural-string/shared";
import { RunFolder } from "../src/run-folder.ts";

const CLI = fileURLToPath(new URL("../src/cli.ts", import.meta.url));
/** More than any run prints (bytes). */
const MOST_OUTPUT = 2 ** 28;

/** What each kind of string changes of the defaults. */
const CHANGES = {
  linear: ["model.filters=1"],
  mixture: [],
  "classic-rollout": ["model.kind=classic", "training.rollout={}"],
  classic: ["model.kind=classic"],
} satisfies Record<string, string[]>;
export type TrainedKind = keyof typeof CHANGES;

export function isTrainedKind(kind: string): kind is TrainedKind {
  return kind in CHANGES;
}

/** Whether a kind of string can be tuned to what excites it. */
export function isTunable(kind: string): boolean {
  return kind === "mixture" || kind === "linear";
}

/** What every training may use: minutes, turned into steps before it begins, or steps; and where chance begins. */
export type Budget = ({ minutes: number } | { steps: number }) & { seed: number };

/** A training that has come to its end. */
export interface Trained {
  /** Its run folder. */
  folder: string;
  steps: number;
  /** From the first step to the last, evaluations included. */
  minutes: number;
}

/** The model's file in a run folder. */
export const modelOf = (folder: string) => new RunFolder(folder).file("model.safetensors");

/**
 * Train a string into a run folder.
 * @param recordings files; none is the one that judges
 * @throws UserError with what the command said
 */
export function trainString(
  kind: TrainedKind,
  recordings: readonly string[],
  { budget, runDir }: { budget: Budget; runDir: string },
): Trained {
  const changes = CHANGES[kind].flatMap((change) => ["--set", change]);
  const limits = Object.entries(budget).flatMap(([name, value]) => [`--${name}`, String(value)]);
  command("train", ...recordings, ...changes, ...limits, "--run-dir", runDir);
  if (!existsSync(modelOf(runDir)))
    throw new UserError(`${runDir}: expected a model after training, got none`);
  const { steps, startedAt, finishedAt } = new RunFolder(runDir).readRecord();
  const minutes = (Date.parse(finishedAt ?? startedAt) - Date.parse(startedAt)) / 60_000;
  return { folder: runDir, steps, minutes };
}

/**
 * Judge a trained string on a recording.
 * @throws UserError with what the command said
 */
export function judgeTrained(
  model: string,
  target: string,
  { skip, seconds, tune }: { skip: number; seconds: number; tune: boolean },
): Judgement {
  const lines = command(
    ...["evaluate", "--model", model, "--target", target],
    ...["--skip", String(skip), "--seconds", String(seconds)],
    ...["--tune", tune ? "auto" : "none"],
  );
  return lines.find(({ type }) => type === "evaluation") as unknown as Judgement;
}

/** Run one of our commands. @returns its JSON lines */
function command(...words: string[]): { type?: string }[] {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...words, "--json"], {
    encoding: "utf8",
    maxBuffer: MOST_OUTPUT,
  });
  if (status !== 0) {
    const last = (stderr ?? "").trim().split("\n").at(-1);
    throw new UserError(`${words[0]}: ended with ${status}: ${last}`);
  }
  return stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as { type?: string });
}
