// What commands are asked to write never destroys what they read or what a run keeps, and options that would change nothing
// are told so.
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../support/cli.ts";
import { writeJudge, writeRun } from "../support/run-folders.ts";

const MODEL = fileURLToPath(
  new URL("../../packages/playground/models/piano-a1/model.safetensors", import.meta.url),
);
const folder = mkdtempSync(join(tmpdir(), "neural-string-outputs-"));
const made = join(folder, "runs", "0001-made");

beforeAll(async () => {
  writeRun(writeJudge(folder), { folder: made });
  copyFileSync(MODEL, join(folder, "m.safetensors"));
  const ended = await run(folder, "generate", "ks", "--f0", "110", "--seconds", "1", "--out", "a.wav");
  expect(ended.stderr).toBe("");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The sentence a command is refused with. */
async function refused(...args: string[]): Promise<string> {
  const { code, stderr } = await run(folder, ...args);
  expect(code, `${args.join(" ")}: ${stderr}`).toBe(2);
  expect(stderr.trim().split("\n"), stderr).toHaveLength(1);
  return stderr;
}

describe("--out", () => {
  test("never destroys what is read, by whatever path", async () => {
    copyFileSync(join(folder, "a.wav"), join(folder, "b.wav"));
    const before = readFileSync(join(folder, "b.wav"));
    const args = ["render", "--model", MODEL, "--init", "b.wav", "--out"];
    for (const out of ["b.wav", join(folder, ".", "b.wav")]) {
      expect(await refused(...args, out)).toMatch(/expected another file than those that are read/);
    }
    expect(await refused("render", "--model", "m.safetensors", "--out", "m.safetensors")).toMatch(
      /expected another file/,
    );
    expect(readFileSync(join(folder, "b.wav")).equals(before)).toBe(true);
  });

  test("never destroys what a run keeps; its report is drawn anew", async () => {
    for (const kept of ["run.json", "config.json", "log.jsonl", "metrics.json", "render.wav"]) {
      const path = join(made, kept);
      const before = readFileSync(path);
      const command = kept === "run.json" ? ["report"] : ["generate", "ks", "--f0", "110"];
      expect(await refused(...command, "--out", path)).toMatch(/expected no file that a run keeps/);
      expect(readFileSync(path).equals(before), kept).toBe(true);
    }
    const ended = await run(folder, "report", "1", "--out", join(made, "report.html"));
    expect(ended.code).toBe(0);
  });

  test("a run is not kept within itself", async () => {
    expect(await refused("runs", "keep", "1", join(made, "kept"))).toMatch(/outside the run's own folder/);
    expect(existsSync(join(made, "kept"))).toBe(false);
  });
});

describe("what would change nothing, or cannot be", () => {
  test("is told", async () => {
    const render = ["render", "--model", MODEL];
    expect(await refused(...render, "--init-samples", "5")).toMatch(/^--init-samples: expected --init/);
    expect(await refused(...render, "--channel", "1")).toMatch(/^--channel: expected --init/);
    expect(await refused(...render, "--init", "a.wav", "--excitation", "1")).toMatch(/^--excitation 1: /);
    expect(await refused(...render, "--seconds", "1e-9")).toMatch(/from 0.001 to 3600/);
    for (const f0 of ["1e-300", "0.001", "0.05"]) {
      expect(await refused(...render, "--f0", f0)).toMatch(/expected \d+\.\d+ Hz or more \(four octaves/);
    }
    const generate = ["generate", "stiff", "--out", "x.wav"];
    expect(await refused(...generate, "--f0", "0.001")).toMatch(/f0: expected/);
    expect(await refused(...generate, "--f0", "110", "--sample-rate", "44100.5")).toMatch(/sampleRate: /);
    expect(existsSync(join(folder, "x.wav"))).toBe(false);
  });
});

describe("a sound that is cut short", () => {
  test("is told by evaluate, as render and as target, and by report", async () => {
    copyFileSync(join(folder, "a.wav"), join(folder, "cut.wav"));
    truncateSync(join(folder, "cut.wav"), 120_000);
    for (const [sound, target] of [
      ["cut.wav", "a.wav"],
      ["a.wav", "cut.wav"],
    ]) {
      const ended = await run(folder, "evaluate", "--render", sound, "--target", target, "--seconds", "0.5");
      expect(ended.stderr).toMatch(/cut\.wav: the file ends early/);
      expect(ended.code).toBe(0);
    }
    truncateSync(join(made, "render.wav"), 4000);
    const ended = await run(folder, "report", "1", "--out", "cut.html");
    expect(ended.stderr).toMatch(/In part: 0001-made: .*render\.wav: the file ends early/);
  });
});
