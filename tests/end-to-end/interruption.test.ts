// A run that is killed or stopped in the middle loses nothing: resumed, it reaches the bytes of one left alone.
import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/audio-files.ts";
import { generatePlucks, listFiles, readJson, run, start, succeed, writeTinyConfig } from "../support/cli.ts";
import { readWav } from "../support/read-wav.ts";

const folder = temporaryFolder();
const train = (runDir: string) => [
  "train",
  "a.wav",
  "--judge",
  "b.wav",
  "--config",
  "tiny.json",
  "--run-dir",
  runDir,
];
const bytes = (...path: string[]) => readFileSync(join(folder, ...path));
// the first evaluation after step 0: an eighth of the way
const IN_THE_MIDDLE = /"type":"evaluation","step":[1-9]/;

/** What the log says, but for the lines that a stop cuts in two. */
function milestones(runDir: string) {
  const lines = bytes(runDir, "log.jsonl").toString().trim().split("\n");
  return lines.map((line) => JSON.parse(line)).filter(({ type }) => type !== "updates");
}

/** Demand that a run became what the run that was left alone is. */
function expectLikeWhole(runDir: string): void {
  for (const name of ["model.safetensors", "render.wav", "metrics.json", "config.json", "losses.bin"]) {
    expect(bytes(runDir, name).equals(bytes("whole", name)), name).toBe(true);
  }
  for (const name of ["best", "last"]) {
    const path = `checkpoints/${name}.safetensors`;
    expect(bytes(runDir, path).equals(bytes("whole", path)), name).toBe(true);
  }
  expect(milestones(runDir)).toEqual(milestones("whole"));
  expect(readJson(folder, runDir, "run.json")).toMatchObject({ status: "finished", stepsDone: 3000 });
}

beforeAll(async () => {
  writeTinyConfig(folder, { training: { steps: 3000, batchSize: 64 }, selection: { evaluations: 8 } });
  await generatePlucks(folder);
  await succeed(folder, ...train("whole"));
});

describe("a run", () => {
  test("killed in the middle and resumed reaches the same bytes", async () => {
    const { child, ended, says } = start(folder, ...train("killed"), "--json");
    await says(IN_THE_MIDDLE);
    child.kill("SIGKILL");
    expect(await ended).toMatchObject({ signal: "SIGKILL" });
    expect(readJson(folder, "killed", "run.json").status).toBe("running");
    expect(existsSync(join(folder, "killed/model.safetensors"))).toBe(false);

    await succeed(folder, "train", "--resume", "killed");
    expectLikeWhole("killed");
  });

  test("stopped by Ctrl-C ends with 130 and the best so far; resumed, it reaches the same bytes", async () => {
    const signal = "SIGINT";
    const { child, ended, says } = start(folder, ...train(signal), "--json");
    await says(IN_THE_MIDDLE);
    child.kill(signal);
    const { code, stderr } = await ended;
    expect([code, stderr]).toEqual([130, expect.stringContaining("stopping: exporting the best so far")]);
    const record = readJson(folder, signal, "run.json");
    expect(record).toMatchObject({ status: "stopped", steps: 3000 });
    expect(record.stepsDone).toBeGreaterThan(0);
    expect(record.stepsDone).toBeLessThan(3000);
    expect(listFiles(join(folder, signal))).toEqual(listFiles(join(folder, "whole")));
    const args = ["--model", `${signal}/model.safetensors`, "--init", "b.wav", "--seconds", "0.2"];
    await succeed(folder, "render", ...args, "--guard", "--out", `${signal}.wav`);
    expect(readWav(join(folder, `${signal}.wav`)).samples.length).toBe(1600);

    await succeed(folder, "train", "--resume", signal);
    expectLikeWhole(signal);
  });

  test("that has finished goes on only where more steps are asked for", async () => {
    expect(await run(folder, "train", "--resume", "whole")).toMatchObject({
      code: 2,
      stdout: "",
      stderr: "--resume: the run has done 3000 of 3000 steps; ask for more with --steps\n",
    });
    await succeed(folder, ...train("longer"), "--steps", "40");
    await succeed(folder, "train", "--resume", "longer", "--steps", "60");
    expect(readJson(folder, "longer", "run.json")).toMatchObject({
      status: "finished",
      steps: 60,
      stepsDone: 60,
    });
  });

  test("resumed with another seed, or after its recording has changed, is refused in one sentence", async () => {
    cpSync(join(folder, "a.wav"), join(folder, "c.wav"));
    await succeed(folder, "train", "c.wav", "--config", "tiny.json", "--steps", "3", "--run-dir", "changed");
    cpSync(join(folder, "b.wav"), join(folder, "c.wav"));
    expect(await run(folder, "train", "--resume", "changed", "--steps", "4")).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(/^--resume: c\.wav is not the recording this run began with .*\n$/),
    });
    expect(await run(folder, "train", "--resume", "whole", "--seed", "2")).toMatchObject({
      code: 2,
      stdout: "",
      stderr:
        "--resume: the run goes on with its own config, so seed cannot be given; only --steps and --backend can\n",
    });
    expect(await run(folder, "train", "--resume", "nothing")).toMatchObject({
      code: 2,
      stdout: "",
      stderr: "nothing: no such run in runs; there are none yet\n",
    });
  });
});
