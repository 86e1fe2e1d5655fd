// Putting a run's config together: files, --set, options, defaults, and the sentence for every mistake.
import { readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { TrainConfigSchema, UserError } from "@neural-string/shared";
import { type ConfigRequest, resolveConfig } from "@neural-string/trainer/config";
import { describe, expect, test } from "vitest";
import { repositoryRoot, temporaryFolder } from "../support/audio-files.ts";

const folder = temporaryFolder();
const configs = readdirSync(join(repositoryRoot, "packages/trainer/configs")).map((file) =>
  basename(file, ".json"),
);
const recordings = ["a.wav"];

/** A config file. @returns its path */
function write(name: string, content: string | object): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

const set = (...assignments: string[]) => resolveConfig({ recordings, set: assignments });

/** What is said of a request. */
function refusal(request: ConfigRequest): string {
  try {
    resolveConfig(request);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    // what is known where is the schema's own matter, and grows
    return (error as Error).message.replaceAll(`${folder}/`, "").replace(/known here: .*/, "known here: ...");
  }
  return "no error";
}

describe("resolveConfig", () => {
  test.each(configs)("the committed config %s is valid, by its name and by its path", (name) => {
    const config = resolveConfig({ config: name });
    expect(config.recordings.length).toBeGreaterThan(0);
    expect(config.judge.recordings.length).toBeGreaterThan(0);
    expect(config.name).toBe(name);
    const path = join(repositoryRoot, "packages/trainer/configs", `${name}.json`);
    expect(resolveConfig({ config: path })).toEqual(config);
  });

  test("nothing said means the piano; recordings alone mean the defaults", () => {
    expect(resolveConfig({})).toEqual(resolveConfig({ config: "piano-a1" }));
    expect(resolveConfig({ recordings })).toEqual(TrainConfigSchema.parse({ recordings }));
  });

  test("what is resolved resolves to itself", () => {
    for (const name of configs) {
      const config = resolveConfig({ config: name });
      expect(resolveConfig({ config: write("again.json", config) })).toEqual(config);
    }
  });

  test("recordings named on the command line replace the config's, and its judges with them", () => {
    const own = resolveConfig({ config: "karplus-strong", recordings: ["x.wav", "y.wav"] });
    expect([own.recordings, own.judge.recordings]).toEqual([["x.wav", "y.wav"], []]);
    const judged = resolveConfig({ config: "karplus-strong", recordings: ["x.wav"], judge: ["z.wav"] });
    expect(judged.judge.recordings).toEqual(["z.wav"]);
    const onlyJudge = resolveConfig({ config: "karplus-strong", judge: ["z.wav"] });
    expect(onlyJudge.judge.recordings).toEqual(["z.wav"]);
    expect(onlyJudge.recordings).toHaveLength(2);
  });

  test("options win over --set, and --set over the file", () => {
    const config = write("seed.json", { recordings, training: { seed: 3, steps: 10, batchSize: 5 } });
    const request = { config, set: ["training.seed=4", "training.steps=20"], seed: 5, backend: "cpu" };
    expect(resolveConfig(request).training).toMatchObject({
      seed: 5,
      steps: 20,
      batchSize: 5,
      backend: "cpu",
    });
  });
});

describe("--set", () => {
  test("is typed by the schema: numbers, booleans, null, lists, and text that looks like a number", () => {
    const config = set(
      "training.batchSize=64",
      "training.optimizer.learningRate=1e-4",
      "model.bias=true",
      "data.f0=null",
      "name=123",
      'model.hidden=[{"units":3,"activation":"relu"}]',
      "training.loss.name=mse",
      "training.schedule.name=constant",
    );
    expect(config.training).toMatchObject({ batchSize: 64, optimizer: { name: "adam", learningRate: 1e-4 } });
    expect(config.training).toMatchObject({ loss: { name: "mse" }, schedule: { name: "constant" } });
    expect(config.model).toMatchObject({ bias: true, hidden: [{ units: 3, activation: "relu" }] });
    expect([config.name, config.data.f0]).toEqual(["123", null]);
  });

  test("a later one wins, and a value may hold =", () => {
    expect(set("training.seed=1", "training.seed=2").training.seed).toBe(2);
    expect(refusal({ recordings, set: ["name=a=b"] })).toContain('got "a=b"');
  });

  test("who changes a field of a choice without naming it means the default choice", () => {
    expect(set("training.loss.alpha=3").training.loss).toEqual({
      name: "energy_l1_with_penalty",
      alpha: 3,
      floor: expect.any(Number),
    });
    expect(set("training.schedule.final=0").training.schedule).toEqual({ name: "cosine", final: 0 });
  });

  test("changes an entry of a list", () => {
    const config = resolveConfig({ config: "karplus-strong", set: ["recordings.1.seed=9"] });
    expect(config.recordings).toMatchObject([{ seed: 1 }, { seed: 9 }]);
  });

  test.each([
    "__proto__.polluted=1",
    "constructor.prototype.polluted=1",
    "training.__proto__.polluted=1",
    "training.constructor.prototype.polluted=1",
    "toString.polluted=1",
    "__proto__=1",
  ])("%s is refused and pollutes nothing", (assignment) => {
    expect(refusal({ recordings, set: [assignment] })).toMatch(/expected keys joined by dots|unknown key/);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe("mistakes", () => {
  test("in --set are one sentence that names the field", () => {
    const say = (...assignments: string[]) => refusal({ recordings, set: assignments });
    expect([
      say("training.batchSize"),
      say("=3"),
      say("training..seed=3"),
      say("training.bachSize=3"),
      say("trainning.seed=3"),
      say("training.batchSize=many"),
      say("training.batchSize=1.5"),
      say("training.batchSize=0"),
      say("training.loss.name=msa"),
      say("training.loss.name=mse", "training.loss.alpha=1"),
      say("training.optimizer.learningRate=-1"),
      say("training.backend=gpu"),
      say("model.kind=passive"),
      say("model.hidden=3"),
      say("model.tapPattern=[]"),
      say("name=a/b"),
      say("training=3", "training.seed=3"),
    ]).toMatchInlineSnapshot(`
      [
        "--set training.batchSize: expected path=value, for example training.batchSize=64",
        "--set =3: expected path=value, for example training.batchSize=64",
        "--set training..seed: expected keys joined by dots, for example training.batchSize=64",
        "config: training.bachSize: unknown key; did you mean "batchSize"?; known here: ...",
        "config: trainning: unknown key; did you mean "training"?; known here: ...",
        "config: training.batchSize: expected a number, got "many"",
        "config: training.batchSize: expected a whole number, got 1.5",
        "config: training.batchSize: expected at least 1, got 0",
        "config: training.loss.name: expected one of mse, energy_l1_with_penalty, got "msa"; did you mean "mse"?",
        "config: training.loss.alpha: unknown key; known here: ...",
        "config: training.optimizer.learningRate: expected more than 0, got -1",
        "config: training.backend: expected one of auto, tensorflow, wasm, cpu, got "gpu"; did you mean "cpu"?",
        "config: model.kind: expected classic, got "passive"",
        "config: model.hidden: expected a list, got 3",
        "config: model.tapPattern: expected a list of at least 1, got []",
        "config: name: expected 1 to 64 letters, digits, spaces, dots, dashes or underscores, got "a/b"",
        "config: training: expected an object, got 3",
      ]
    `);
  });

  test("in a file are one sentence that begins with its name", () => {
    const say = (name: string, content: string | object) => refusal({ config: write(name, content) });
    expect([
      refusal({ config: join(folder, "none.json") }),
      say("words.json", "training: 1"),
      say("list.json", []),
      say("null.json", "null"),
      say("key.json", { recordings, trainig: {} }),
      say("judge.json", { recordings, judge: "b.wav" }),
      say("recipe.json", { recordings: [{ generate: "ks" }] }),
      say("nothing.json", {}),
      say("proto.json", '{"recordings":["a.wav"],"__proto__":{"polluted":1}}'),
      say("deep.json", '{"recordings":["a.wav"],"training":{"__proto__":{"polluted":1}}}'),
    ]).toMatchInlineSnapshot(`
      [
        "none.json: expected a config file or one of karplus-strong, piano-a1, strat-low-e, got nothing there; check the path",
        "words.json: expected JSON, got something else (Unexpected token 'a', "training: 1" is not valid JSON)",
        "list.json: expected a JSON object with the fields of a training config",
        "null.json: expected a JSON object with the fields of a training config",
        "key.json: trainig: unknown key; did you mean "training"?; known here: ...",
        "judge.json: judge: expected an object, got "b.wav"",
        "recipe.json: recordings.0.f0: expected a number, got nothing",
        "nothing.json: recordings: expected one recording or more, got none; name audio files",
        "proto.json: __proto__: unknown key; known here: ...",
        "deep.json: training.__proto__: unknown key; known here: ...",
      ]
    `);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test("a bad part of a file is not lost where an option puts something into it", () => {
    const config = write("number.json", { recordings, training: 5, judge: 7 });
    expect(refusal({ config, steps: 3 })).toBe("number.json: judge: expected an object, got 7");
    expect(refusal({ config, judge: ["b.wav"] })).toBe("number.json: judge: expected an object, got 7");
  });
});

describe("resolveConfig, places", () => {
  const recordings = ["a.wav"];

  test("--set reaches into a list that nobody has written yet: the default one", () => {
    const config = resolveConfig({
      recordings,
      set: ["model.hidden.0.units=64", "model.tapPattern.1.after=4"],
    });
    expect(config.model.hidden).toEqual([{ units: 64, activation: "tanh" }]);
    expect(config.model.tapPattern).toHaveLength(4);
    expect(config.model.tapPattern[1]).toEqual({ periodFraction: 0.25, before: 2, after: 4 });
    // and leaves the default as it was
    expect(resolveConfig({ recordings }).model.hidden[0].units).toBe(100);
  });

  test("a field of a choice changes the default choice", () => {
    const config = resolveConfig({ recordings, set: ["training.loss.floor=0.5"] });
    expect(config.training.loss).toEqual({ name: "energy_l1_with_penalty", alpha: 0, floor: 0.5 });
  });

  test("a key of another section is sent there", () => {
    const say = (set: string) => () => resolveConfig({ recordings, set: [set] });
    expect(say("batchSize=4")).toThrow('batchSize: unknown key; did you mean "training.batchSize"?');
    expect(say("training.patience=4")).toThrow('did you mean "selection.patience"?');
    expect(say("model.hidden.0.unitz=4")).toThrow('model.hidden.0.unitz: unknown key; did you mean "units"?');
  });
});
