// The benchmark as a person starts it: tiny budgets, whose figures mean nothing, but the whole way through.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { parseJsonOrExplain } from "@neural-string/shared";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/audio-files.ts";
import { listFiles } from "../support/cli.ts";
import { buildBytes } from "../support/core-builds.ts";
import { BenchRunSchema } from "./schema.ts";

const script = fileURLToPath(new URL("main.ts", import.meta.url));
const folder = temporaryFolder();
const bench = (...words: string[]) =>
  promisify(execFile)(process.execPath, [script, ...words], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: "1" },
  });
const read = (name: string) => {
  const path = join(folder, name);
  return parseJsonOrExplain(BenchRunSchema, readFileSync(path, "utf8"), path);
};

describe("pnpm bench:wasm", () => {
  test("--json: one result for each workload and engine asked for, its figures following from each other", async () => {
    const words = ["--workload", "mlp-22-100-1,multitap-84", "--engine", "relaxed,simd,js,tfjs-wasm"];
    const { stdout, stderr } = await bench(...words, "--seconds", "0.2", "--json", "run.json");
    expect(stderr).toBe("");
    const run = read("run.json");
    expect(run.results.map(({ workload, engine }) => `${workload} ${engine}`)).toEqual([
      ...["relaxed", "simd", "js", "tfjs-wasm"].map((engine) => `mlp-22-100-1 ${engine}`),
      ...["relaxed", "simd", "js"].map((engine) => `multitap-84 ${engine}`),
    ]);
    for (const result of run.results) {
      const { engine, nsPerSample, nsLeast, nsMost, macPerSample, gmacPerSecond, parityDb, toleranceDb } =
        result;
      expect(nsLeast <= nsPerSample && nsPerSample <= nsMost).toBe(true);
      expect(gmacPerSecond).toBeCloseTo(macPerSample / nsPerSample, 9);
      expect(result.voicesAt48k).toBe(Math.floor(1e9 / 48000 / nsPerSample));
      expect(result.fractionOfPeak === null).toBe(macPerSample === 0);
      expect(parityDb ?? Number.NEGATIVE_INFINITY).toBeLessThan(toleranceDb);
      expect(result.timesRelaxed === 1).toBe(engine === "relaxed");
      expect(result.binary).toBe(engine === "relaxed" || engine === "simd" ? engine : null);
    }
    const size = buildBytes("relaxed").length;
    expect(run.binaries.find(({ name }) => name === "relaxed")?.bytes).toBe(size);
    // this run lacks what the other targets are about
    expect(run.targets.filter(({ met }) => met !== null).length).toBeLessThan(8);
    expect(stdout).toContain("largest player build");
    // and is printed again from its file, alike
    const again = await bench("--from", "run.json");
    expect(again.stdout).toBe(stdout);
  }, 180_000);

  test("--profile: kernels by their names, of the shipped code", async () => {
    const words = ["--workload", "passive-linear", "--engine", "simd", "--seconds", "0.1", "--offline"];
    await bench(...words, "--cpu-profiles", "profiles", "--json", "profile.json");
    const { profiles } = read("profile.json");
    expect(profiles.map(({ workload, binary }) => [workload, binary])).toEqual([["passive-linear", "simd"]]);
    const [{ functions }] = profiles;
    expect(functions.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
    // some kernel, by its file and name, has most of the time
    expect(functions[0].name).toMatch(/^[a-z-]+\/[a-zA-Z0-9]+$/);
    expect(listFiles(join(folder, "profiles")).some((name) => name.endsWith(".cpuprofile"))).toBe(true);
  }, 180_000);

  test("--help says what it is for", async () => {
    const { stdout } = await bench("--help");
    expect(stdout).toMatch(/^Usage: pnpm bench:wasm /);
  });

  test.each([
    [["--engine", "abacus"], /^--engine: expected some of .*, got abacus\n$/],
    [["--workload", "passive", "--engine", "faust", "--offline"], /^nothing was measured: /],
    [
      ["--workload", "passive", "--json", "no-folder/run.json"],
      /^--json .*: expected a file that can be written/,
    ],
    [["--from", "missing.json"], /^missing\.json: expected what --json FILE wrote, got nothing there/],
  ])("%j is refused in one line", async (words, message) => {
    await expect(bench(...words)).rejects.toMatchObject({ code: 2, stderr: expect.stringMatching(message) });
  });
});
