import { type TrainConfig, TrainConfigSchema } from "@neural-string/shared";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

describe("TrainConfigSchema", () => {
  test("nothing said means all defaults", () => {
    const { model, training, selection, data, judge, name, recordings } = TrainConfigSchema.parse({});
    expect({ name, recordings, judge }).toEqual({
      name: null,
      recordings: [],
      judge: { recordings: [], skip: null, seconds: 5 },
    });
    expect({ data, model, training, selection }).toMatchInlineSnapshot(`
      {
        "data": {
          "channel": 0,
          "f0": null,
          "inputNoise": 0,
          "sampleRate": null,
          "seconds": null,
          "skipSeconds": 0,
          "symmetric": true,
        },
        "model": {
          "bias": false,
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
        },
        "selection": {
          "evaluations": 40,
          "patience": null,
          "seconds": 1.5,
          "stretches": 2,
        },
        "training": {
          "backend": "auto",
          "batchSize": 128,
          "longestT60": 60,
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
          "schedule": {
            "final": 0.02,
            "name": "cosine",
          },
          "seed": 1,
          "steps": null,
        },
      }
    `);
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
            f0: positive(),
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
    resolved.model.hidden.pop();
    resolved.model.tapPattern[0].before = 99;
    expect(TrainConfigSchema.parse({})).toEqual(TrainConfigSchema.parse(given));
    expect(TrainConfigSchema.parse({}).model.hidden).toHaveLength(1);
    expect(TrainConfigSchema.parse({}).model.tapPattern[0].before).toBe(3);
  });
});

function positive(): fc.Arbitrary<number> {
  return fc.double({ min: 1e-6, max: 1e6, noNaN: true });
}
