// The programs beside the CLI: each says what it is for, and refuses a word it does not know in one line.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PROGRAMS = [
  "packages/playground/make-models.ts",
  "packages/trainer/bench/ablation.ts",
  "packages/trainer/bench/queue-throughput.ts",
  "packages/trainer/bench/rollout-step.ts",
  "packages/trainer/bench/training-speed.ts",
  "tests/bench/main.ts",
  "tests/bench/training-in-browser.ts",
  "tests/faults/main.ts",
  "tests/fuzz/main.ts",
  "tests/soak/main.ts",
];

/** Run a program to its end. */
async function ended(...words: string[]) {
  try {
    const output = await promisify(execFile)(process.execPath, words, { cwd: ROOT });
    return { code: 0, ...output };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}

describe.each(PROGRAMS)("%s", (program) => {
  test("--help: usage, purpose, options", async () => {
    const { code, stdout, stderr } = await ended(program, "--help");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^(Usage: )?(pnpm |node packages\/)\S+.*\n\n[A-Z]/);
  });

  test("an unknown option is one line and exit code 2", async () => {
    const { code, stdout, stderr } = await ended(program, "--nonsense");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^.*--nonsense.*\n$/);
  });
});

test.each([
  ["packages/trainer/bench/rollout-step.ts", ["fast"], "fast: expected only options; --help lists them\n"],
  ["tests/faults/main.ts", ["--moments", "0"], "--moments: expected a whole number from 1 on, got 0\n"],
  ["tests/fuzz/main.ts", ["--cases", "1e3"], "--cases: expected a whole number from 1 on, got 1e3\n"],
  ["tests/fuzz/main.ts", ["--jobs", "257"], "--jobs: expected a whole number from 1 to 256, got 257\n"],
  [
    "tests/faults/main.ts",
    ["--jobs", "999999999"],
    "--jobs: expected a whole number from 1 to 256, got 999999999\n",
  ],
  [
    "packages/trainer/bench/rollout-step.ts",
    ["--threads", "65"],
    "--threads: expected a whole number from 1 to 64, got 65\n",
  ],
  ["tests/soak/main.ts", ["night"], "soak: expected one of updates, worklet, day, notes, got night\n"],
  [
    "packages/trainer/bench/queue-throughput.ts",
    ["many"],
    "TRIALS: expected a whole number from 1 on, got many\n",
  ],
])("%s %j is refused", async (program, words, stderr) => {
  expect(await ended(program, ...words)).toMatchObject({ code: 2, stdout: "", stderr });
});
