import { parseSetting, TrainConfigSchema } from "@neural-string/shared";
import { describe, expect, test } from "vitest";
import { complaint } from "../support/config-complaints.ts";

describe("parseSetting", () => {
  test.each([
    ["training.batchSize", "64", 64],
    ["training.minutes", "1e-1", 0.1],
    ["data.symmetric", "false", false],
    ["data.f0", "null", null],
    ["data.f0", "110", 110],
    // a text stays a text, except where null is meant
    ["name", "123", "123"],
    ["name", "true", "true"],
    ["name", "null", null],
    ["training.backend", "cpu", "cpu"],
    // lists and objects are JSON
    ["recordings", '["a.wav"]', ["a.wav"]],
    ["recordings.0", "a.wav", "a.wav"],
    ["recordings.0", '{"generate": "ks", "f0": 110}', { generate: "ks", f0: 110 }],
    ["training", "{}", {}],
    ["model.hidden.0.units", "20", 20],
    ["model.hidden.0.activation", "tanh", "tanh"],
    ["model.hidden", "16", 16],
    ["training.sequence.stages.0.name", "1", "1"],
    ["training.sequence.stages.0.seconds", "0.2", 0.2],
    ["training.sequence.threads", "null", null],
    // fields of any choice of a discriminated union
    ["training.loss.name", "mse", "mse"],
    ["training.loss.alpha", "0.5", 0.5],
    ["training.schedule.steps", "1000", 1000],
    ["recordings.0.f0", "110", 110],
    ["recordings.0.generate", "ks", "ks"],
  ])("%s=%s is read as the schema's type", (path, text, expected) => {
    expect(parseSetting(TrainConfigSchema, path, text)).toEqual(expected);
  });

  test("a text where a number belongs comes through, so that the schema can refuse it", () => {
    expect(parseSetting(TrainConfigSchema, "training.batchSize", "many")).toBe("many");
    expect(parseSetting(TrainConfigSchema, "training.batchSize", "")).toBe("");
    expect(parseSetting(TrainConfigSchema, "recordings", "a.wav")).toBe("a.wav");
  });

  test("the value of an unknown path comes through, so that the schema can name the nearest key", () => {
    const batchsize = parseSetting(TrainConfigSchema, "training.batchsize", "64");
    expect(batchsize).toBe(64);
    expect(complaint({ training: { batchsize } })).toContain('did you mean "batchSize"?');
    expect(parseSetting(TrainConfigSchema, "colour.deep.er", "red")).toBe("red");
    expect(parseSetting(TrainConfigSchema, "", "1")).toBe(1);
  });

  test.each([
    "__proto__.x",
    "__proto__",
    "constructor.prototype",
    "training.__proto__.x",
    "toString",
    "recordings.length",
  ])("%s pollutes nothing", (path) => {
    expect(parseSetting(TrainConfigSchema, path, "1")).toBe(1);
    const value = parseSetting(TrainConfigSchema, path, '{"__proto__": {"polluted": 1}}');
    expect((value as Record<string, unknown>).polluted).toBeUndefined();
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
