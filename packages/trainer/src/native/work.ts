/** Other programs that the setup runs, and what it says meanwhile; tests put their own in its place. */
import { spawn } from "node:child_process";

export interface Work {
  /** Tell a person. */
  say(text: string): void;
  /** Run a program to its end, with nothing on its standard input. `status` is null where it cannot be started. */
  run(command: string, words: readonly string[], options?: RunOptions): Promise<Finished>;
}

export interface RunOptions {
  cwd?: string;
  /** Ended after this long. */
  seconds?: number;
}

export interface Finished {
  status: number | null;
  /** What it wrote on both streams. */
  output: string;
}

/** Real programs. */
export function realWork(say: (text: string) => void): Work {
  return { say, run };
}

function run(
  command: string,
  words: readonly string[],
  { cwd, seconds }: RunOptions = {},
): Promise<Finished> {
  return new Promise((resolve) => {
    const child = spawn(command, words, {
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: seconds === undefined ? undefined : 1000 * seconds,
    });
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => chunks.push(chunk));
    const output = () => Buffer.concat(chunks).toString("utf8");
    child.on("error", (error) => resolve({ status: null, output: `${output()}\n${error.message}` }));
    child.on("close", (status) => resolve({ status, output: output() }));
  });
}

/** Why a program failed, as far as its output says: the first line that speaks of an error, else its last. */
export function reasonIn(output: string): string {
  const lines = output.split("\n").flatMap((line) => line.trim() || []);
  return lines.find((line) => /\berror\b/i.test(line)) ?? lines.at(-1) ?? "no word of why";
}
