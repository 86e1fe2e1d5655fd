import { join } from "node:path";
import { type ClassicTrainConfig, TrainConfigSchema } from "@neural-string/shared";
import { resolveConfig } from "@neural-string/trainer/config";
import { describe, expect, test } from "vitest";
import { repositoryRoot } from "../support/audio-files.ts";
import { configs, recordings, refusal, write } from "../support/config-requests.ts";

const set = (...assignments: string[]) => resolveConfig({ recordings, set: assignments });

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
