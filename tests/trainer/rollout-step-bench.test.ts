// The benchmark of the training step runs, and what it prints is whole: figures above zero, and a word where one lacks.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const script = fileURLToPath(new URL("../../packages/trainer/bench/rollout-step.ts", import.meta.url));
const run = async (...args: string[]) => promisify(execFile)(process.execPath, [script, ...args]);

/** All numbers within, however deep, with their paths. */
function numbersIn(value: unknown, path = ""): [string, number][] {
  if (typeof value === "number") return [[path, value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => numbersIn(part, `${path}.${name}`));
}

describe("bench/rollout-step.ts --quick", () => {
  test("--json: every figure is there, finite and above zero", async () => {
    const { stdout, stderr } = await run("--quick", "--json");
    const result = JSON.parse(stdout);
    expect(stderr).toBe("");
    expect(result.settings).toEqual({ periods: 6, batch: 2, rounds: 1, steps: 2, threads: 2 });
    expect(result.note).toBe("the prototype is not measured in a quick run");
    expect([result.step.prototypeMs, result.step.prototypeOverOurs]).toEqual([null, null]);
    const numbers = new Map([...numbersIn(result.step), ...numbersIn(result.speedUp)]);
    expect([...numbers.keys()]).toEqual(
      expect.arrayContaining([
        ".oursMs.median",
        ".oneMs.median",
        ".manyMs.median",
        ".step",
        ".fma",
        ".share",
      ]),
    );
    for (const [path, x] of numbers) expect(x > 0 && Number.isFinite(x), `${path}: ${x}`).toBe(true);
    const { step, fma, share, oneMs, manyMs } = result.speedUp;
    expect(step).toBeCloseTo(oneMs.median / manyMs.median, 12);
    expect(share).toBeCloseTo(step / fma, 12);
  });

  test("without --json: a table of the same", async () => {
    const { stdout } = await run("--quick", "--threads", "3");
    for (const row of ["ours", "our step, 3 threads", "multiply-adds, 3 threads", "ratio of the two"])
      expect(stdout).toMatch(new RegExp(`^ {2}${row} +[0-9.]+`, "m"));
    expect(stdout).toContain("  the prototype is not measured in a quick run\n");
  });

  test("a number that makes no sense is refused by name", async () => {
    await expect(run("--quick", "--threads", "0")).rejects.toMatchObject({
      code: 2,
      stderr: "--threads: expected a whole number from 1 to 64, got 0\n",
    });
  });
});
