/** Runs the PyTorch prototype's own measurement of its step, where Python, torch and the file are there. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Why the prototype cannot be measured, in one sentence; null where it can. */
export function prototypeProblem(path: string): string | null {
  if (!existsSync(path)) return `the prototype is not measured: there is no ${path} (--prototype PATH)`;
  const { status } = spawnSync("python3", ["-c", "import torch, numpy, scipy, soundfile"], {
    stdio: "ignore",
  });
  if (status === 0) return null;
  return "the prototype is not measured: it needs python3 with torch, numpy, scipy and soundfile";
}

/**
 * Measure a step of K = 64 periods, batch 8, linear, on one thread.
 * @returns milliseconds: the median of the prototype's own repetitions
 * @throws Error where it fails or says something else
 */
export function measurePrototype(path: string): number {
  const { stdout, stderr } = spawnSync("python3", [path, "--bench", "--bank", "1", "--threads", "1"], {
    encoding: "utf8",
    // the libraries under torch go by these
    env: { ...process.env, OMP_NUM_THREADS: "1", MKL_NUM_THREADS: "1" },
  });
  const seconds = /median ([0-9.]+)/.exec(stdout)?.[1];
  if (seconds === undefined)
    throw new Error(`${path}: expected "median" and seconds, got ${stdout}${stderr}; see what ails it`);
  return 1000 * Number(seconds);
}
