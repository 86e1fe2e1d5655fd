import { type ClassicTrainConfig, type TrainConfig, TrainConfigSchema } from "@neural-string/shared";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

describe("TrainConfigSchema", () => {
  test("taps ahead: as many as some string may be trained with", () => {
    const accepts = (ahead: number | null) =>
      TrainConfigSchema.safeParse({ model: { kind: "passive", ahead } }).success;
    expect([null, 1, 4094].map(accepts)).toEqual([true, true, true]);
    expect([0, 4095].map(accepts)).toEqual([false, false]);
  });

  test("nothing said means all defaults", () => {
    const { model, training, selection, data, judge, name, recordings } = TrainConfigSchema.parse({});
    expect({ name, recordings, judge }).toEqual({
      name: null,
      recordings: [],
      judge: { recordings: [], skip: null, seconds: 5, tune: "none" },
    });
    expect({ data, model, training, selection }).toMatchInlineSnapshot(`
      {
        "data": {
          "channel": 0,
          "f0": null,
          "harmonics": [],
          "inputNoise": 0,
          "maxFrames": null,
          "notes": "one",
          "sampleRate": null,
          "seconds": null,
          "sineBursts": null,
          "skipSeconds": 0,
          "stability": [],
          "symmetric": true,
        },
        "model": {
          "ahead": null,
          "excitationSeconds": 0.25,
          "filters": 3,
          "hearsChange": false,
          "hidden": 16,
          "hop": 256,
          "kind": "passive",
          "pitchControl": false,
          "taps": null,
        },
        "selection": {
          "evaluations": 40,
          "lossExamples": null,
          "patience": null,
          "seconds": 1.5,
          "stretches": 2,
        },
        "training": {
          "backend": "auto",
          "batchSize": 128,
          "dropout": 0,
          "longestT60": 90,
          "loss": {
            "alpha": 0,
            "floor": 0.001,
            "name": "energy_l1_with_penalty",
          },
          "minutes": 2,
          "optimizer": {
            "beta1": 0.9,
            "beta2": 0.999,
            "epsilon": 1e-8,
            "learningRate": 0.001,
            "name": "adam",
          },
          "rollout": null,
          "schedule": {
            "final": 0.02,
            "name": "cosine",
          },
          "seed": 1,
          "sequence": {
            "blend": 0.5,
            "blendSeconds": 0.4,
            "dampingRate": 0.02,
            "glide": false,
            "latestStart": 9,
            "levelDb": 3,
            "mixtureSlowdown": 0.3,
            "networkDecay": 0.1,
            "networkRate": 0.002,
            "phaseRate": 0.001,
            "planes": {
              "rounds": null,
              "starts": 4,
            },
            "stages": [
              {
                "batchSize": 16,
                "decayWeight": 0,
                "filters": "linear",
                "name": "first periods",
                "rate": 2,
                "seconds": 0.145,
                "share": 0.12,
                "spectralWeight": 0.2,
                "waveWeight": 5000,
              },
              {
                "batchSize": 8,
                "decayWeight": 0.3,
                "filters": "linear",
                "name": "linear loops",
                "rate": 1,
                "seconds": 0.78,
                "share": 0.3,
                "spectralWeight": 0.5,
                "waveWeight": 1000,
              },
              {
                "batchSize": 8,
                "decayWeight": 0.5,
                "filters": "mixture",
                "name": "mixture",
                "rate": 1,
                "seconds": 0.78,
                "share": 0.43,
                "spectralWeight": 0.5,
                "waveWeight": 1000,
              },
              {
                "batchSize": 8,
                "decayWeight": 1,
                "filters": "mixture",
                "name": "long decays",
                "rate": 0.4,
                "seconds": 3.6,
                "share": 0.15,
                "spectralWeight": 1,
                "waveWeight": 500,
              },
            ],
            "startPower": 1.5,
            "threads": null,
          },
          "steps": null,
          "warmupSteps": 0,
          "weightDecay": 0,
        },
      }
    `);
  });

  test("a classic string has defaults of its own", () => {
    expect(classic().model).toMatchInlineSnapshot(`
      {
        "bias": false,
        "controls": [],
        "features": [],
        "hidden": [
          {
            "activation": "tanh",
            "units": 100,
          },
        ],
        "kind": "classic",
        "output": "linear",
        "tapPattern": [
          {
            "after": 2,
            "before": 3,
            "periodFraction": 1,
          },
          {
            "after": 2,
            "before": 2,
            "periodFraction": 0.25,
          },
          {
            "after": 2,
            "before": 2,
            "periodFraction": 0.5,
          },
          {
            "after": 2,
            "before": 2,
            "periodFraction": 0.75,
          },
        ],
      }
    `);
    expect({ ...classic(), model: null }).toEqual({ ...TrainConfigSchema.parse({}), model: null });
  });

  test("each choice of a union has its defaults", () => {
    const { training, recordings } = TrainConfigSchema.parse({
      recordings: ["a.wav", { generate: "ks", f0: 110 }, { generate: "stiff", f0: 110 }],
      training: { loss: { name: "mse" }, schedule: { name: "step", steps: 10 } },
    });
    expect(training.loss).toEqual({ name: "mse" });
    expect(training.schedule).toEqual({ name: "step", factor: 0.5, steps: 10 });
    expect(recordings).toMatchInlineSnapshot(`
      [
        "a.wav",
        {
          "damping": 0.5,
          "f0": 110,
          "generate": "ks",
          "level": 0.5,
          "pluckPosition": 0,
          "sampleRate": 44100,
          "seconds": 6,
          "seed": 1,
          "t60": 4,
        },
        {
          "detuneCents": 1,
          "f0": 110,
          "generate": "stiff",
          "inharmonicity": 0.0001,
          "level": 0.5,
          "pluckPosition": 0.2,
          "sampleRate": 44100,
          "secondMix": 0.3,
          "secondT60Ratio": 2,
          "seconds": 6,
          "seed": 1,
          "t60": {
            "falloff": 0.02,
            "first": 8,
            "partials": 60,
          },
        },
      ]
    `);
  });

  const configs = fc.record(
    {
      name: fc.option(fc.stringMatching(/^[\w. -]{1,64}$/)),
      recordings: fc.array(
        fc.oneof(
          fc.string({ minLength: 1 }),
          fc.record({
            generate: fc.constant("ks"),
            f0: positive(),
            damping: fc.double({ min: 0, max: 0.5, noNaN: true }),
          }),
          fc.record({
            generate: fc.constant("stiff"),
            f0: fc.double({ min: 1, max: 1e300, noNaN: true }),
            t60: fc.array(positive(), { minLength: 1 }),
          }),
        ),
      ),
      data: fc.record(
        { f0: fc.option(fc.double({ min: 20, max: 5000, noNaN: true })), channel: fc.nat(255) },
        { requiredKeys: [] },
      ),
      training: fc.record(
        {
          loss: fc.oneof(
            fc.record({ name: fc.constant("mse") }),
            fc.record({ name: fc.constant("energy_l1_with_penalty"), alpha: positive() }),
          ),
          batchSize: fc.integer({ min: 1, max: 65536 }),
          seed: fc.nat(),
        },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: [], noNullPrototype: true },
  );

  test("a resolved config is valid, resolves to itself, and survives JSON", () => {
    fc.assert(
      fc.property(configs, (config) => {
        const resolved = TrainConfigSchema.parse(config);
        expect(TrainConfigSchema.parse(resolved)).toEqual(resolved);
        const again: TrainConfig = TrainConfigSchema.parse(JSON.parse(JSON.stringify(resolved)));
        expect(JSON.stringify(again)).toBe(JSON.stringify(resolved));
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test("resolving neither changes what was given nor shares the defaults", () => {
    const given = Object.freeze({ training: Object.freeze({}) });
    const resolved = TrainConfigSchema.parse(given);
    resolved.training.batchSize = 1;
    resolved.training.sequence.stages.pop();
    resolved.training.sequence.stages[0].seconds = 99;
    expect(TrainConfigSchema.parse({})).toEqual(TrainConfigSchema.parse(given));
    expect(TrainConfigSchema.parse({}).training.sequence.stages.map(({ seconds }) => seconds)).toEqual([
      0.145, 0.78, 0.78, 3.6,
    ]);
    const { model } = classic();
    model.hidden.pop();
    model.tapPattern[0].before = 99;
    expect(classic().model.hidden).toHaveLength(1);
    expect(classic().model.tapPattern[0].before).toBe(3);
  });
});

function classic(): ClassicTrainConfig {
  return TrainConfigSchema.parse({ model: { kind: "classic" } }) as ClassicTrainConfig;
}

function positive(): fc.Arbitrary<number> {
  return fc.double({ min: 1e-6, max: 1e6, noNaN: true });
}
