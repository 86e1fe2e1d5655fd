// A passive string from recording to instrument, as a person does it: train, inspect, render; stopped and resumed; begun
// from another model.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readModelFile as readForPlaying, verifyCertificate } from "@neural-string/core-wasm";
import { JudgementsSchema, LogLineSchema, RunRecordSchema, readModelFile } from "@neural-string/shared";
import { beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/audio-files.ts";
import { lines, listFiles, readJson, run, start, succeed } from "../support/cli.ts";
import { readWav } from "../support/read-wav.ts";

const folder = temporaryFolder();
const SETTINGS = {
  taps: "model.taps=32",
  filters: "model.filters=2",
  judge: "judge.seconds=1",
  heldOut: "selection.seconds=0.5",
  evaluations: "selection.evaluations=4",
  latest: "training.sequence.latestStart=0.5",
  threads: "training.sequence.threads=2",
};
const settings = Object.values(SETTINGS).flatMap((setting) => ["--set", setting]);
const train = (runDir: string, ...more: string[]) => [
  ...["train", "tiny.wav", "--judge", "unseen.wav", ...settings, "--run-dir", runDir],
  ...(more.includes("--steps") ? more : ["--steps", "8", ...more]),
];
const bytes = (...path: string[]) => readFileSync(join(folder, ...path));

beforeAll(async () => {
  const generate = (seed: string, out: string) =>
    succeed(
      folder,
      ...[
        "generate",
        "stiff",
        "--f0",
        "220",
        "--sample-rate",
        "8000",
        "--seconds",
        "2.5",
        "--t60",
        "2,1.5,1,1,.8",
      ],
      ...["--seed", seed, "--out", out],
    );
  await Promise.all([generate("1", "tiny.wav"), generate("2", "unseen.wav")]);
  await succeed(folder, ...train("whole"));
});

describe("train, of a passive string", () => {
  test("writes a run folder: model, render, metrics, report, each valid", () => {
    expect(listFiles(join(folder, "whole"))).toEqual([
      "checkpoints/best.safetensors",
      "checkpoints/last.safetensors",
      "config.json",
      "log.jsonl",
      "losses.bin",
      "metrics.json",
      "model.safetensors",
      "render.wav",
      "report.html",
      "run.json",
    ]);
    const record = RunRecordSchema.parse(readJson(folder, "whole", "run.json"));
    expect(record).toMatchObject({ kind: "passive", status: "finished", steps: 8, stepsDone: 8 });
    const log = lines(bytes("whole", "log.jsonl").toString()).map((line) =>
      LogLineSchema.parse(JSON.parse(line)),
    );
    expect(log.filter(({ type }) => type === "stage").map(({ step }) => step)).toEqual([0, 1, 3, 7]);
    const { judgements } = JudgementsSchema.parse(readJson(folder, "whole", "metrics.json"));
    expect(judgements).toMatchObject([{ recording: "unseen.wav", seenInTraining: false }]);
    expect(readWav(join(folder, "whole/render.wav")).samples.length).toBe(8000);
    expect(bytes("whole", "report.html").toString()).toMatch(/<\/html>\s*$/);
  });

  test("exports a certified mixture with the recording's pluck, which both readers read", async () => {
    const file = readModelFile(bytes("whole", "model.safetensors"), "model");
    const model = readForPlaying(bytes("whole", "model.safetensors"));
    if (file.header.kind !== "passive" || model.kind !== "passive")
      throw new Error("expected a passive string");
    expect(model).toMatchObject({ taps: 32, filters: 2, mixture: { hidden: 16, hop: 256 } });
    expect(model.excitations.map(({ name, samples }) => [name, samples.length])).toEqual([
      ["tiny.wav", 2000],
    ]);
    const { gain } = file.header.certificate;
    const verified = verifyCertificate(model.loopTaps, 32, gain);
    expect(verified.holds).toBe(true);
    // trimmed taps are scaled to a hair (1e-6) below the claim, which stays
    expect(verified.gain / gain).toBeGreaterThan(1 - 2e-6);
    expect(await succeed(folder, "inspect", "whole/model.safetensors")).toMatch(/a passive string/);
  });

  test("the same seed and steps give the same model, byte for byte, on any number of threads", async () => {
    await succeed(folder, ...train("again", "--set", "training.sequence.threads=1"));
    const model = (name: string) => readModelFile(bytes(name, "model.safetensors"), name).tensors;
    expect(model("again")).toEqual(model("whole"));
    expect(readJson(folder, "again", "metrics.json")).toEqual(readJson(folder, "whole", "metrics.json"));
  });

  test("stopped by Ctrl-C it exports the best so far and ends with 130; resumed, it reaches the same bytes", async () => {
    const { child, ended, says } = start(folder, ...train("stopped", "--steps", "60", "--json"));
    await says(/"type":"updates","step":[1-9]/);
    child.kill("SIGINT");
    expect((await ended).code).toBe(130);
    const { stepsDone, status } = readJson(folder, "stopped", "run.json");
    expect(status).toBe("stopped");
    expect(stepsDone).toBeGreaterThan(0);
    expect(stepsDone).toBeLessThan(60);
    expect(readForPlaying(bytes("stopped", "model.safetensors")).kind).toBe("passive");
    await Promise.all([
      succeed(folder, "train", "--resume", "stopped"),
      succeed(folder, ...train("left-alone", "--steps", "60")),
    ]);
    expect(bytes("stopped", "model.safetensors").equals(bytes("left-alone", "model.safetensors"))).toBe(true);
    const stages = (name: string) =>
      lines(bytes(name, "log.jsonl").toString()).filter((line) => line.includes('"type":"stage"'));
    expect(stages("stopped")).toEqual(stages("left-alone"));
  });

  test("--from goes on from a model of the same shape, and refuses another in one sentence", async () => {
    const from = ["--from", "whole/model.safetensors"];
    await succeed(folder, ...train("from", ...from, "--steps", "4"));
    expect(readForPlaying(bytes("from", "model.safetensors"))).toMatchObject({ taps: 32, filters: 2 });
    const refused = await run(folder, ...train("refused", ...from, "--set", "model.taps=64"));
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toMatch(
      /^--from whole\/model\.safetensors: expected a string of this config's shape \(64 taps, .*\), got 32 taps, .*\n$/,
    );
    expect(listFiles(join(folder, "refused"))).toEqual([]);
  });
});
