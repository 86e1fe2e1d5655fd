/**
 * Starts the commands as a person does: a process, arguments, exit code, two streams. Every call has a folder of its
 * own for the cache, so that no test depends on what another machine or run has left.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const CLI = fileURLToPath(new URL("../../packages/trainer/src/cli.ts", import.meta.url));

/** How a command ended. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** A command that runs. */
export interface Running {
  child: ChildProcess;
  ended: Promise<Ended>;
  /** Standard output so far. */
  said(): string;
  /** Resolves once standard output holds a match; rejects where the command ends before. */
  says(pattern: RegExp): Promise<void>;
}

/** Start a command in a folder. */
export function start(folder: string, ...args: string[]): Running {
  return startWith({}, folder, ...args);
}

/** Start a command in a folder, with further variables in its environment. */
export function startWith(env: Record<string, string>, folder: string, ...args: string[]): Running {
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd: folder,
    env: { ...process.env, NEURAL_STRING_CACHE: join(folder, ".cache"), NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  const says = (pattern: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => pattern.test(stdout) && resolve();
      child.stdout.on("data", look);
      look();
      ended.then(() => reject(new Error(`it ended without saying ${pattern}: ${stderr}`)), reject);
    });
  return { child, ended, said: () => stdout, says };
}

/** Run a command to its end. */
export function run(folder: string, ...args: string[]): Promise<Ended> {
  return start(folder, ...args).ended;
}

/** Run a command that must succeed. @returns its standard output */
export async function succeed(folder: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(folder, ...args);
  if (code !== 0) throw new Error(`${args.join(" ")}: exit code ${code}: ${stderr}`);
  return stdout;
}

/** The lines of a text. */
export function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

/** A file under a folder, parsed. */
export function readJson(...path: string[]) {
  return JSON.parse(readFileSync(join(...path), "utf8"));
}

/** Every file below a folder, by its path within it; the cache is left out. */
export function listFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => !path.startsWith(".cache") && statSync(join(folder, path)).isFile())
    .toSorted();
}

/** Write the config of a tiny run of a classic string: eight units, a short free run to judge. @returns its path */
export function writeTinyConfig(
  folder: string,
  changes: { training?: object; selection?: object } = {},
): string {
  const path = join(folder, "tiny.json");
  const config = {
    name: "tiny",
    judge: { seconds: 1 },
    model: { kind: "classic", hidden: [{ units: 8, activation: "tanh" }] },
    training: { steps: 300, batchSize: 64, ...changes.training },
    selection: { stretches: 1, evaluations: 4, ...changes.selection },
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}

/** Two plucks of one string, a.wav and b.wav: three seconds at 8 kHz. */
export async function generatePlucks(folder: string): Promise<void> {
  const generate = (seed: string, out: string) =>
    succeed(
      folder,
      ...["generate", "ks", "--f0", "220", "--sample-rate", "8000", "--seconds", "3", "--t60", "2"],
      ...["--seed", seed, "--out", out],
    );
  await Promise.all([generate("1", "a.wav"), generate("2", "b.wav")]);
}
