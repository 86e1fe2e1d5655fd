import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folder, recordings, refusal, write } from "../support/config-requests.ts";

describe("mistakes", () => {
  test("too many recordings are one sentence, and soon", () => {
    expect(refusal({ recordings: Array(5000).fill("a.wav") })).toBe(
      "config: recordings: expected a list of at most 256, got a list of 5000",
    );
  });

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
        "config: training.loss.name: expected one of mse, relative_mse, relative_l1, relative_l1_with_penalty, energy_l1, energy_l1_with_penalty, log_magnitude, window_normalized_mse, inverse_rms_mse, si_snr, got "msa"; did you mean "mse"?",
        "config: training.loss.alpha: unknown key where training.loss.name is "mse"; for that set training.loss.name to "relative_l1_with_penalty" or "energy_l1_with_penalty"; known here: ...",
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
        "config: training.sequence.stages.7.seconds: training.sequence.stages is a list of 4 and has no such part; set training.sequence.stages itself",
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
      say("twice.json", '{"recordings":["a.wav"],"training":{"steps":5,"steps":500}}'),
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
        "twice.json: expected every key once, got "steps" twice; keep one of them",
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
