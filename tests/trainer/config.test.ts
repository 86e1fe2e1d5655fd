// Putting a run's config together: files, --set, options, defaults, and the sentence for every mistake.
import { readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type ClassicTrainConfig, TrainConfigSchema, UserError } from "@neural-string/shared";
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
    // what is known where is the schema's own matter, and grows; so do the committed configs
    return (error as Error).message
      .replaceAll(`${folder}/`, "")
      .replace(/known here: .*/, "known here: ...")
      .replace(configs.join(", "), "(the committed ones)");
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
      "model.kind=classic",
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
      say("model.kind=drum"),
      say("model.kind=classic", "model.hidden=3"),
      say("model.kind=classic", "model.tapPattern=[]"),
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
        "config: training.loss.alpha: unknown key where training.loss.name is "mse"; for that set training.loss.name to "energy_l1_with_penalty"; known here: ...",
        "config: training.optimizer.learningRate: expected more than 0, got -1",
        "config: training.backend: expected one of auto, tensorflow, wasm, cpu, got "gpu"; did you mean "cpu"?",
        "config: model.kind: expected one of passive, classic, got "drum"",
        "config: model.hidden: expected a list where model.kind is "classic", got 3; for that set model.kind to "passive"",
        "config: model.tapPattern: expected a list of at least 1, got []",
        "config: name: expected 1 to 64 letters, digits, spaces, dots, dashes or underscores, got "a/b"",
        "config: training: expected an object, got 3",
      ]
    `);
  });

  test("in a passive string's settings are one sentence that names the field", () => {
    const say = (...assignments: string[]) => refusal({ recordings, set: assignments });
    const stage = "training.sequence.stages";
    expect([
      say("model.taps=48"),
      say("model.taps=16"),
      say("model.taps=many"),
      say("model.ahead=-1"),
      say("model.filters=0"),
      say("model.filter=2"),
      say("model.hop=8"),
      say("model.pitchControl=1"),
      say(`${stage}=[]`),
      say(`${stage}.0.second=0.2`),
      say(`${stage}.0.seconds=0`),
      say(`${stage}.0.filters=linea`),
      say(`${stage}.7.seconds=1`),
      say("training.sequence.mixtureSlowdown=2"),
      say("training.sequence.threads=0"),
      say("training.sequence.batchSize=8"),
    ]).toMatchInlineSnapshot(`
      [
        "config: model.taps: expected a power of two, got 48",
        "config: model.taps: expected at least 32, got 16",
        "config: model.taps: expected a number, got "many"",
        "config: model.ahead: expected at least 1, got -1",
        "config: model.filters: expected at least 1, got 0",
        "config: model.filter: unknown key; did you mean "filters"?; known here: ...",
        "config: model.hop: expected at least 16, got 8",
        "config: model.pitchControl: expected true or false, got 1",
        "config: training.sequence.stages: expected a list of at least 1, got []",
        "config: training.sequence.stages.0.second: unknown key; did you mean "seconds"?; known here: ...",
        "config: training.sequence.stages.0.seconds: expected at least 0.02, got 0",
        "config: training.sequence.stages.0.filters: expected one of linear, mixture, got "linea"; did you mean "linear"?",
        "config: training.sequence.stages.4: expected an object, got nothing",
        "config: training.sequence.mixtureSlowdown: expected at most 1, got 2",
        "config: training.sequence.threads: expected at least 1, got 0",
        "config: training.sequence.batchSize: unknown key; did you mean "training.sequence.stages.0.batchSize"?; known here: ...",
      ]
    `);
  });

  test("a field of the other kind of string is sent there", () => {
    const say = (...assignments: string[]) => refusal({ recordings, set: assignments });
    const old = write("old.json", { recordings, model: { hidden: [{ units: 8, activation: "tanh" }] } });
    expect([
      say("model.hidden.0.units=64"),
      say("model.tapPattern.1.after=4"),
      say("model.bias=true"),
      refusal({ config: old }),
      say("model.kind=classic", "model.filters=2"),
    ]).toMatchInlineSnapshot(`
      [
        "config: model.hidden: expected a number where model.kind is "passive", got a list of 1; for that set model.kind to "classic"",
        "config: model.tapPattern: unknown key where model.kind is "passive"; for that set model.kind to "classic"; known here: ...",
        "config: model.bias: unknown key where model.kind is "passive"; for that set model.kind to "classic"; known here: ...",
        "old.json: model.hidden: expected a number where model.kind is "passive", got a list of 1; for that set model.kind to "classic"",
        "config: model.filters: unknown key where model.kind is "classic"; for that set model.kind to "passive"; known here: ...",
      ]
    `);
  });

  test("a setting below something that has no parts is not lost in silence", () => {
    const config = write("parts.json", { recordings, model: { hidden: 8 }, training: { longestT60: 9 } });
    const say = (...assignments: string[]) => refusal({ config, set: assignments });
    expect([
      say("model.hidden.0.units=64"),
      say("training.longestT60.seconds=3"),
      say("model.hidden.0.units=64", "training.seed=x"),
    ]).toMatchInlineSnapshot(`
      [
        "parts.json: model.hidden.0.units: model.hidden is 8 and has no parts; set model.hidden itself",
        "parts.json: training.longestT60.seconds: training.longestT60 is 9 and has no parts; set training.longestT60 itself",
        "parts.json: training.seed: expected a number, got "x"",
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
        "none.json: expected a config file or one of (the committed ones), got nothing there; check the path",
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
  const resolveClassic = (set: string[]) => resolveConfig({ recordings, set }) as ClassicTrainConfig;

  test("--set reaches into a list that nobody has written yet: the default one", () => {
    const classic = "model.kind=classic";
    const places = ["model.hidden.0.units=64", "model.tapPattern.1.after=4"];
    const { model } = resolveClassic([classic, ...places]);
    expect(model.hidden).toEqual([{ units: 64, activation: "tanh" }]);
    expect(model.tapPattern).toHaveLength(4);
    expect(model.tapPattern[1]).toEqual({ periodFraction: 0.25, before: 2, after: 4 });
    // in whatever order, and where a file has chosen the kind
    expect(resolveClassic([...places, classic]).model).toEqual(model);
    const config = write("classic.json", { recordings, model: { kind: "classic" } });
    expect(resolveConfig({ config, set: places }).model).toEqual(model);
    // and leaves the default as it was
    expect(resolveClassic([classic]).model.hidden[0].units).toBe(100);
  });

  test("--set reaches into the default stages, and leaves the others as they are", () => {
    const { stages } = resolveConfig({ recordings }).training.sequence;
    const set = ["training.sequence.stages.0.seconds=0.2", "training.sequence.stages.2.name=3"];
    expect(resolveConfig({ recordings, set }).training.sequence.stages).toEqual(
      stages.with(0, { ...stages[0], seconds: 0.2 }).with(2, { ...stages[2], name: "3" }),
    );
    expect(resolveConfig({ recordings }).training.sequence.stages).toEqual(stages);
  });

  test("--set changes a passive string's size", () => {
    const set = ["model.filters=1", "model.taps=64", "model.ahead=20", "model.pitchControl=true"];
    const { model } = resolveConfig({ recordings, set: [...set, "training.sequence.threads=2"] });
    expect(model).toEqual({
      ...resolveConfig({ recordings }).model,
      ...{ kind: "passive", filters: 1, taps: 64, ahead: 20, pitchControl: true },
    });
    expect(resolveConfig({ recordings, set: ["model.taps=null"] })).toEqual(resolveConfig({ recordings }));
  });

  test("--set reaches into a part that is left out by default, where a file says so too", () => {
    const config = write("whole.json", resolveConfig({ recordings }));
    const set = ["training.rollout.periods=8"];
    expect(resolveConfig({ config, set }).training.rollout).toMatchObject({ periods: 8, batchSize: 4 });
    expect(resolveConfig({ config, set })).toEqual(resolveConfig({ recordings, set }));
  });

  test("a field of a choice changes the default choice", () => {
    const config = resolveConfig({ recordings, set: ["training.loss.floor=0.5"] });
    expect(config.training.loss).toEqual({ name: "energy_l1_with_penalty", alpha: 0, floor: 0.5 });
  });

  test("a key of another section is sent there", () => {
    const say = (set: string) => () => resolveConfig({ recordings, set: [set] });
    expect(say("batchSize=4")).toThrow('batchSize: unknown key; did you mean "training.batchSize"?');
    expect(say("training.patience=4")).toThrow('did you mean "selection.patience"?');
    expect(say("phaseRate=1")).toThrow('did you mean "training.sequence.phaseRate"?');
    expect(say("training.seconds=1")).toThrow('did you mean "training.sequence.stages.0.seconds"?');
    const unitz = () => resolveClassic(["model.kind=classic", "model.hidden.0.unitz=4"]);
    expect(unitz).toThrow('model.hidden.0.unitz: unknown key; did you mean "units"?');
  });
});
