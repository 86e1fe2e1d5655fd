// The whole path as a user walks it: generate, train, look at the run, render, evaluate, keep. One tiny run is shared.
import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readModelFile as readForPlaying } from "@neural-string/core-wasm";
import {
  JudgementsSchema,
  LogLineSchema,
  RunRecordSchema,
  readModelFile,
  TrainConfigSchema,
} from "@neural-string/shared";
import { beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/audio-files.ts";
import { generatePlucks, lines, listFiles, readJson, run, succeed, writeTinyConfig } from "../support/cli.ts";
import { readWav } from "../support/read-wav.ts";

const folder = temporaryFolder();
const RUN = "runs/0001-classic-tiny";
const inRun = (...parts: string[]) => join(folder, RUN, ...parts);
const train = (...args: string[]) => ["train", "a.wav", "--judge", "b.wav", "--config", "tiny.json", ...args];
let trained: { stdout: string; stderr: string; code: number | null };

beforeAll(async () => {
  writeTinyConfig(folder);
  await generatePlucks(folder);
  trained = await run(folder, ...train("--json"));
});

describe("train", () => {
  test("ends well, and with --json says nothing but JSON lines on standard output", () => {
    expect(trained.code).toBe(0);
    const said = lines(trained.stdout).map((line) => JSON.parse(line));
    expect(said.at(-1)).toMatchObject({ type: "result", status: "finished" });
    for (const line of said.slice(0, -1)) LogLineSchema.parse(line);
  });

  test("the run folder holds every file of a run, each valid, and nothing else", () => {
    expect(listFiles(join(folder, RUN))).toEqual([
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
    const record = RunRecordSchema.parse(readJson(folder, RUN, "run.json"));
    expect(record).toMatchObject({
      number: 1,
      name: "tiny",
      status: "finished",
      steps: 300,
      stepsDone: 300,
      seed: 1,
    });
    expect(TrainConfigSchema.parse(readJson(folder, RUN, "config.json"))).toEqual(
      readJson(folder, RUN, "config.json"),
    );
    for (const line of lines(readFileSync(inRun("log.jsonl"), "utf8"))) LogLineSchema.parse(JSON.parse(line));
    const { judgements } = JudgementsSchema.parse(readJson(folder, RUN, "metrics.json"));
    expect(judgements).toMatchObject([{ recording: "b.wav", seenInTraining: false, render: "render.wav" }]);
    expect(readFileSync(inRun("report.html"), "utf8")).toMatch(/<\/html>\s*$/);
  });

  test("both readers load the model, and it knows where it comes from", () => {
    const bytes = readFileSync(inRun("model.safetensors"));
    const { header, tensors } = readModelFile(bytes, "model.safetensors");
    const model = readForPlaying(bytes);
    if (model.kind !== "classic") throw new Error("expected a classic string");
    expect(model.layers.map(({ inputs, units }) => [inputs, units])).toEqual([
      [21, 8],
      [8, 1],
    ]);
    expect(model.layers[0].weight).toEqual(tensors.get("layers.0.weight")?.data);
    const { recordings, seed } = header.provenance ?? {};
    expect({ seed, name: recordings?.[0].name, count: recordings?.length }).toEqual({
      seed: 1,
      name: "a.wav",
      count: 1,
    });
  });

  test("the same seed and steps give the same model, byte for byte, and the same metrics", async () => {
    await succeed(folder, ...train("--run-dir", "again"));
    expect(
      readFileSync(join(folder, "again/model.safetensors")).equals(readFileSync(inRun("model.safetensors"))),
    ).toBe(true);
    expect(readJson(folder, "again/metrics.json")).toEqual(readJson(folder, RUN, "metrics.json"));
  });

  test("--from begins with another model's parameters; the next run gets the next number", async () => {
    const model = `${RUN}/model.safetensors`;
    await succeed(
      folder,
      ...train("--from", model, "--steps", "5", "--set", "training.optimizer.learningRate=1e-20"),
    );
    expect(readJson(folder, "runs/0002-classic-tiny/run.json").number).toBe(2);
    const tensors = (path: string) => readModelFile(readFileSync(join(folder, path)), path).tensors;
    expect(tensors("runs/0002-classic-tiny/model.safetensors")).toEqual(tensors(model));
  });
});

describe("render", () => {
  test("after the judge's first samples, it is the run's own render, bit for bit", async () => {
    const args = [
      "--model",
      `${RUN}/model.safetensors`,
      "--init",
      "b.wav",
      "--seconds",
      "1",
      "--out",
      "r.wav",
    ];
    const said = JSON.parse(await succeed(folder, "render", ...args, "--json"));
    expect(said).toMatchObject({
      type: "render",
      out: "r.wav",
      sampleRate: 8000,
      frames: 8000,
      brokenSamples: 0,
    });
    expect(readFileSync(join(folder, "r.wav")).equals(readFileSync(inRun("render.wav")))).toBe(true);
  });

  test("the first sample of the output is sample N of the recording; the guard holds it finite", async () => {
    const render = async (samples: string, out: string, ...more: string[]) => {
      const args = [
        "--model",
        `${RUN}/model.safetensors`,
        "--init",
        "b.wav",
        "--seconds",
        "0.5",
        "--out",
        out,
      ];
      await succeed(folder, "render", ...args, "--init-samples", samples, ...more);
      return readWav(join(folder, out)).samples;
    };
    const [early, guarded] = await Promise.all([render("2000", "e.wav"), render("2000", "g.wav", "--guard")]);
    expect([early.length, guarded.length]).toEqual([4000, 4000]);
    // a network this small predicts the first sample roughly; the point is which sample
    const { samples } = readWav(join(folder, "b.wav"));
    const distance = (shift: number) =>
      Math.hypot(...Array.from({ length: 30 }, (_, n) => early[n] - samples[2000 + shift + n]));
    expect([-2, -1, 0, 1, 2].toSorted((a, b) => distance(a) - distance(b))[0]).toBe(0);
    expect(guarded.every((x) => Math.abs(x) < 2)).toBe(true);
  });
});

describe("evaluate", () => {
  test("of the model, and of the run's render, agrees with the run's metrics", async () => {
    const [judged] = readJson(folder, RUN, "metrics.json").judgements;
    const target = ["--target", "b.wav", "--seconds", "1", "--json"];
    const [ofModel, ofRender] = await Promise.all([
      succeed(folder, "evaluate", "--model", `${RUN}/model.safetensors`, ...target),
      succeed(folder, "evaluate", "--render", `${RUN}/render.wav`, "--skip", String(judged.skip), ...target),
    ]);
    expect(JSON.parse(ofModel).metrics).toEqual(judged.metrics);
    expect(JSON.parse(ofRender).metrics).toEqual(judged.metrics);
    expect(JSON.parse(ofModel)).toMatchObject({ skip: judged.skip, seenInTraining: false });
  });

  test("says when the model has heard the target in training", async () => {
    const args = ["--model", `${RUN}/model.safetensors`, "--target", "a.wav", "--seconds", "1"];
    expect(await succeed(folder, "evaluate", ...args)).toContain("a.wav (trained on it)");
  });
});

describe("inspect", () => {
  test("shows a model's pitch, network, taps and origin", async () => {
    const text = await succeed(folder, "inspect", `${RUN}/model.safetensors`);
    expect(text).toMatch(/a classic string "tiny", schema 1/);
    expect(text).toMatch(/21 > 8 tanh > 1 linear, 176 parameters, no biases/);
    expect(text).toMatch(/learned from a\.wav, [0-9a-f]{12}/);
  });

  test("shows what training would see in a recording", async () => {
    const said = JSON.parse(await succeed(folder, "inspect", "a.wav", "--json"));
    expect(said).toMatchObject({ type: "recording", name: "a.wav", sampleRate: 8000, onset: 0 });
    expect(Math.abs(1200 * Math.log2(said.f0 / 220))).toBeLessThan(1);
  });
});

describe("runs", () => {
  test("lists runs, as a table and as JSON lines", async () => {
    const [text, json] = await Promise.all([succeed(folder, "runs"), succeed(folder, "runs", "--json")]);
    expect(lines(text)[1]).toMatch(/^0001-classic-tiny +finished +300\/300 .* b\.wav$/);
    const [first] = lines(json).map((line) => JSON.parse(line));
    expect(first).toMatchObject({ type: "run", number: 1, status: "finished" });
    expect(first.metrics).toEqual(readJson(folder, RUN, "metrics.json").judgements[0].metrics);
  });

  test("keep copies a run without its checkpoints, and never over something", async () => {
    await succeed(folder, "runs", "keep", "1", "kept/tiny");
    expect(listFiles(join(folder, "kept/tiny"))).toEqual(
      listFiles(join(folder, RUN)).filter((path) => !path.startsWith("checkpoints")),
    );
    expect(await run(folder, "runs", "keep", "0001-classic-tiny", "kept/tiny")).toMatchObject({
      code: 2,
      stdout: "",
      stderr: "kept/tiny: expected no such folder yet, got one; choose another name\n",
    });
    cpSync(join(folder, "kept/tiny"), join(folder, "other/0009-classic-tiny"), { recursive: true });
    await succeed(folder, "runs", "keep", "9", "kept/nine", "--runs", "other");
    expect(existsSync(join(folder, "kept/nine/model.safetensors"))).toBe(true);
  });
});
