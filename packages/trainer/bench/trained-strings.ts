/** Strings trained and judged as people do it, by `pnpm train` and `pnpm evaluate`, for `ablation.ts`. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Judgement, UserError } from "@neural-string/shared";

const CLI = fileURLToPath(new URL("../src/cli.ts", import.meta.url));
/** More than any run prints (bytes). */
const MOST_OUTPUT = 2 ** 28;

/** What each kind of string changes of the defaults. */
export const TRAINED = {
  mixture: [],
  linear: ["model.filters=1"],
  classic: ["model.kind=classic"],
  "classic-rollout": ["model.kind=classic", "training.rollout={}"],
} satisfies Record<string, string[]>;
export type Trained = keyof typeof TRAINED;

/** Whether a kind of string can be tuned to what excites it. */
export function isTunable(kind: string): boolean {
  return kind === "mixture" || kind === "linear";
}

/**
 * Train a string for some minutes, into a run folder.
 * @param recordings files; none is the one that judges
 * @returns the model's file
 * @throws UserError with what the command said
 */
export function trainString(
  kind: Trained,
  recordings: readonly string[],
  { minutes, runDir }: { minutes: number; runDir: string },
): string {
  const changes = TRAINED[kind].flatMap((change) => ["--set", change]);
  command("train", ...recordings, ...changes, "--minutes", String(minutes), "--run-dir", runDir);
  const model = join(runDir, "model.safetensors");
  if (!existsSync(model)) throw new UserError(`${runDir}: expected a model after training, got none`);
  return model;
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
  const numbers = ["--skip", String(skip), "--seconds", String(seconds)];
  const lines = command(
    "evaluate",
    "--model",
    model,
    "--target",
    target,
    ...numbers,
    "--tune",
    tune ? "auto" : "none",
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
