// What a model of several notes begins with: a filter per note, or two, each of its own string, and a network that finds
// them by the pitch and the level.
import { generateStiffString } from "@neural-string/core-wasm";
import { chooseBackend } from "@neural-string/trainer/backend";
import {
  anchoredParameters,
  anchorsOf,
  notesOf,
  stepsBetween,
} from "@neural-string/trainer/core/passive/anchors";
import { inputOf } from "@neural-string/trainer/core/passive/glide";
import type { PassiveRecording } from "@neural-string/trainer/core/passive/options";
import { SpectralForm } from "@neural-string/trainer/core/passive/spectral-form";
import { retunedStart, type Start, startSpectra } from "@neural-string/trainer/core/passive/start";
import { nearestDelay, Retuning, retuned } from "@neural-string/trainer/core/passive/tuning";
import { type Parameters, spectraOf } from "@neural-string/trainer/core/passive/variables";
import { beforeAll, describe, expect, test } from "vitest";
import { mulberry32 } from "../../../reference/random.ts";
import { newCore } from "../../../support/core-builds.ts";
import { SMALL_TUNING } from "../../../support/passive-facts.ts";
import { TINY_TUNING, tinyPassiveConfig, trainTinyPassive } from "../../../support/passive-training.ts";

const CAP = 0.997;

/** A string whose partials all fall 60 dB in t60 seconds: no law carries one such string to another. */
function evenString(f0: number, t60: number, seed = 1): Float32Array {
  return generateStiffString(newCore("simd"), {
    ...{ sampleRate: 8000, f0, seconds: 2, inharmonicity: 2e-5, t60: new Array(20).fill(t60) },
    ...{ pluckPosition: 0.2, detuneCents: 0, secondMix: 0, secondT60Ratio: 1, level: 0.5, seed },
  });
}

/** s^2 of each filter, from the network alone. */
function shares(parameters: Parameters, level: number, pitch: number): number[] {
  const data = (name: string) => Array.from(parameters.get(`mixture.${name}`)?.data ?? []);
  const [weight, output] = [data("hidden.weight"), data("output.weight")];
  const inputs = [inputOf(level), 0, pitch];
  const hidden = data("hidden.bias").map((bias, i) =>
    Math.tanh(inputs.reduce((sum, x, j) => sum + weight[3 * i + j] * x, bias)),
  );
  const z = data("output.bias").map((bias, k) =>
    hidden.reduce((sum, h, i) => sum + output[k * hidden.length + i] * h, bias),
  );
  const total = z.reduce((sum, value) => sum + Math.exp(value), 0);
  return z.map((value) => Math.exp(value) / total);
}

/** Seconds to fall 60 dB at a frequency of the string that a row of parameters makes at a pitch. */
function t60At(parameters: Parameters, row: number, f0: number, hz: number): number {
  const to = retuned(SMALL_TUNING, f0);
  const h = new SpectralForm(to.taps, to.ahead, to.fade).tapsOf(
    new Retuning(SMALL_TUNING, to).apply(spectraOf(parameters, true)[row]),
  );
  let [re, im] = [0, 0];
  for (const [j, tap] of h.entries()) {
    const angle = (2 * Math.PI * hz * (nearestDelay(to) + j)) / to.sampleRate;
    re += tap * Math.cos(angle);
    im -= tap * Math.sin(angle);
  }
  return (-3 * Math.LN10) / (Math.log(Math.hypot(re, im)) * f0);
}

function startOf(f0: number, t60: number): Start {
  const own = retuned(SMALL_TUNING, f0);
  const strings = [1, 2].map((seed) => evenString(f0, t60, seed));
  return retunedStart(startSpectra(strings, own, 2e-5, mulberry32(1), CAP), own, SMALL_TUNING);
}

test("recordings are of one note where they lie within some cents, whatever their order", () => {
  expect(notesOf([0, 302, 5, 310, -10])).toEqual([
    [4, 0, 2],
    [1, 3],
  ]);
  expect(notesOf([7])).toEqual([[0]]);
});

describe("anchors", () => {
  const octaves = [-0.5, 0, 0.25];
  test.each([
    // filters, notes and layers in turn
    [2, [0, 2], [0, 0]],
    [3, [0, 1, 2], [0, 0, 0]],
    [5, [0, 0, 1, 1, 2], [0, 1, 0, 1, 0]],
    [6, [0, 0, 1, 1, 2, 2], [0, 1, 0, 1, 0, 1]],
    [8, [0, 0, 0, 1, 1, 1, 2, 2], [0, 1, 2, 0, 1, 2, 0, 1]],
  ])("%i filters spread over three notes", (filters, notes, layers) => {
    const anchors = anchorsOf(octaves, filters);
    expect(anchors.map(({ note }) => note)).toEqual(notes);
    expect(anchors.map(({ layer }) => layer)).toEqual(layers);
    expect(anchors.map(({ pitch }) => pitch)).toEqual(notes.map((note) => octaves[note]));
  });

  const strings = [
    { f0: 140, t60: 0.4 },
    { f0: 160, t60: 2 },
    { f0: 190, t60: 0.8 },
  ];
  const pitches = strings.map(({ f0 }) => Math.log2(f0 / 160));
  const starts = strings.map(({ f0, t60 }) => startOf(f0, t60));
  const made = (filters: number, seed = 1) => {
    const anchors = anchorsOf(pitches, filters);
    const begun = anchors.map(({ note }) => starts[note]);
    const shape = { filters, hidden: stepsBetween(anchors) + 3, inputs: 3 };
    return anchoredParameters(anchors, begun, inputOf(0.01), shape, mulberry32(seed));
  };

  test.each([1, 2, 3])(
    "a note has its own filter, one in the middle the upper's, whatever the seed: %i",
    (seed) => {
      const parameters = made(3, seed);
      for (const level of [1e-8, 1e-4, 0.01]) {
        for (const [k, pitch] of pitches.entries()) {
          expect(shares(parameters, level, pitch)[k], `filter ${k} at ${level}`).toBeGreaterThan(0.999);
        }
        expect(shares(parameters, level, (pitches[0] + pitches[1]) / 2)[1]).toBeGreaterThan(0.98);
        // a semitone of the three between two notes
        expect(shares(parameters, level, pitches[0] + (pitches[1] - pitches[0]) / 3)[0]).toBeGreaterThan(
          0.98,
        );
      }
    },
  );

  test("of two filters of a note one is for loud, one for soft", () => {
    const parameters = made(6);
    for (const [note, pitch] of pitches.entries()) {
      expect(shares(parameters, 0.01, pitch)[2 * note + 1]).toBeGreaterThan(0.95);
      expect(shares(parameters, 1e-7, pitch)[2 * note]).toBeGreaterThan(0.95);
      // 15 dB below the loudest they change places
      expect(shares(parameters, 0.01 / 10 ** 1.5, pitch)[2 * note]).toBeCloseTo(0.5, 2);
    }
  });

  test.each([4, 5, 7])("a note with fewer filters than others is still its own: %i filters", (filters) => {
    const parameters = made(filters);
    const anchors = anchorsOf(pitches, filters);
    for (const level of [1e-7, 0.01]) {
      for (const [note, pitch] of pitches.entries()) {
        const own = shares(parameters, level, pitch).filter((_, k) => anchors[k].note === note);
        expect(
          own.reduce((sum, x) => sum + x, 0),
          `note ${note} at ${level}`,
        ).toBeGreaterThan(0.99);
      }
    }
  });

  test("every filter decays as its own string does, though no law leads from one to the next", () => {
    const parameters = made(3);
    for (const [i, { f0, t60 }] of strings.entries()) {
      for (const n of [1, 2, 3, 5]) {
        const ratio = t60At(parameters, 1 + i, f0, n * f0) / t60;
        expect(ratio, `partial ${n} of ${f0} Hz`).toBeGreaterThan(0.7);
        expect(ratio, `partial ${n} of ${f0} Hz`).toBeLessThan(1.4);
      }
    }
    // what the middle string's law would make of the others
    expect(t60At(parameters, 2, 140, 140) / 0.4).toBeGreaterThan(2);
  });
});

describe("a training of several notes", () => {
  beforeAll(async () => {
    await chooseBackend("wasm");
  });

  const notes = [
    { f0: 160, t60: 2 },
    { f0: 190, t60: 0.4 },
  ];
  const recordings: PassiveRecording[] = notes.map(({ f0, t60 }) => ({
    ...{ samples: evenString(f0, t60), f0, controls: [Math.log2(f0 / 160)], inharmonicity: 2e-5 },
    tuning: retuned(TINY_TUNING, f0),
  }));
  const facts = { tuning: TINY_TUNING, hop: 64, controls: 1, pitchControl: true, cap: CAP };
  const configOf = (pitchControl: boolean) => {
    const config = tinyPassiveConfig({ steps: 24, filters: 2 });
    return { ...config, model: { ...config.model, pitchControl } };
  };

  test("is a mixture from its first stage on, and better than one law for all", async () => {
    const anchored = await trainTinyPassive(configOf(true), { facts, recordings });
    const scaled = await trainTinyPassive(configOf(false), { facts, recordings });
    const stages = anchored.lines.filter((line) => line.type === "stage");
    expect(stages.map(({ filters }) => filters)).toEqual([2, 2, 2, 2]);
    const best = ({ lines }: typeof anchored) =>
      Math.min(...lines.flatMap((line) => (line.type === "evaluation" ? line.scoreDb : [])));
    expect(best(anchored)).toBeLessThan(best(scaled) - 3);
  });

  test("begins as before where the network is too small to tell the notes apart", async () => {
    const config = configOf(true);
    const three = [...recordings, { ...recordings[0], f0: 140, tuning: retuned(TINY_TUNING, 140) }];
    const model = { ...config.model, filters: 3, hidden: 1 };
    const { lines } = await trainTinyPassive({ ...config, model }, { facts, recordings: three });
    const stages = lines.filter((line) => line.type === "stage");
    expect(stages.map(({ filters }) => filters)).toEqual([1, 1, 3, 3]);
  });
});
