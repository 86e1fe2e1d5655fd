// From parameters to a model file: certified as it is played, read by both readers, and plucked with a recording's
// excitation it sounds as that recording did.
import {
  growthBound,
  Resonator,
  readModelFile as readForPlaying,
  verifyCertificate,
} from "@neural-string/core-wasm";
import { readModelFile, type Tensor, writeModelFile } from "@neural-string/shared";
import { extractExcitation } from "@neural-string/trainer/core/passive/excitation";
import { passiveFile, passiveModel, withExcitations } from "@neural-string/trainer/core/passive/export";
import { SpectralForm } from "@neural-string/trainer/core/passive/spectral-form";
import { spectraOf } from "@neural-string/trainer/core/passive/variables";
import { describe, expect, test } from "vitest";
import { roughness } from "../../../support/clicks.ts";
import { expectSameBits, expectWithinDb } from "../../../support/closeness.ts";
import { newCore } from "../../../support/core-builds.ts";
import { SMALL_TUNING, smallFacts, smallParameters, smallString } from "../../../support/passive-facts.ts";

const rms = (x: Float32Array) => Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / x.length);

describe("passiveFile", () => {
  test.each([1, 3])("keeps its certificate, below the cap, %i filters", (filters) => {
    const { header, tensors } = passiveFile(smallParameters(filters), smallFacts());
    const { gain } = header.certificate;
    const taps = tensors.get("filters.taps")?.data ?? new Float32Array(0);
    expect(gain).toBeLessThanOrEqual(0.997);
    expect(gain).toBeGreaterThan(0.9);
    expect(verifyCertificate(taps, SMALL_TUNING.taps, gain)).toEqual({ gain, holds: true });
  });

  test("says what the string is, and keeps the spectra as they were learned, unwrapped", () => {
    const parameters = smallParameters(3, 1);
    const { header, tensors } = passiveFile(parameters, smallFacts(1));
    expect(header).toMatchObject({
      ...{ kind: "passive", name: "small", sampleRate: 8000, f0: 160, taps: 64, ahead: 37, filters: 3 },
      ...{ mixture: { hidden: 5, hop: 64 }, controls: 1, inharmonicity: 2e-5, excitations: [] },
    });
    const spectra = spectraOf(parameters, true);
    for (const name of ["logDamping", "phase"] as const) {
      const expected = Float32Array.from(spectra.flatMap((spectrum) => Array.from(spectrum[name])));
      expectSameBits(tensors.get(`filters.${name}`)?.data ?? [], expected, name);
    }
    expect(passiveFile(smallParameters(1), smallFacts(1)).header).toMatchObject({
      mixture: null,
      controls: 0,
    });
  });

  test("taps are the learned ones where nothing exceeds the cap", () => {
    const parameters = smallParameters(1);
    parameters.get("filters.logDamping")?.data.forEach((x, i, data) => {
      data[i] = Math.max(x, Math.log(0.7));
    });
    const { tensors } = passiveFile(parameters, smallFacts());
    const form = new SpectralForm(64, 37);
    const expected = spectraOf(parameters, true).flatMap((spectrum) => Array.from(form.tapsOf(spectrum)));
    expectSameBits(tensors.get("filters.taps")?.data ?? [], Float32Array.from(expected));
  });
});

describe("withExcitations", () => {
  const LENGTH = 0.25;
  const recording = smallString();
  const plucked = { name: "small.wav", samples: recording, f0: 160 };

  test.each([1, 3])("both readers read the file, excitations and all, %i filters", (filters) => {
    const controls = filters > 1 ? 1 : 0;
    const file = withExcitations(
      newCore("simd"),
      passiveFile(smallParameters(filters, controls), smallFacts(controls)),
      [
        { ...plucked, controls: [0.25] },
        { ...plucked, name: "short", samples: recording.subarray(0, 700), controls: [0] },
      ],
      LENGTH,
    );
    const bytes = writeModelFile(file);
    expect(readModelFile(bytes, "small")).toEqual(file);
    const model = readForPlaying(bytes);
    if (model.kind !== "passive") throw new Error("expected a passive string");
    expect(model.excitations.map(({ name, f0, samples }) => [name, f0, samples.length])).toEqual([
      ["small.wav", 160, 2000],
      ["short", 160, 700],
    ]);
    expect(model.excitations[0].controls).toEqual(controls ? [0.25] : []);
    expect(model.excitations[0].level).toBeCloseTo(20 * Math.log10(rms(recording.subarray(0, 200))), 6);
    expectSameBits(model.excitations[1].samples, file.tensors.get("excitations.1")?.data ?? []);
  });

  test.each([1, 3])(
    "plucked, the model repeats the recording, and goes on decaying: %i filters",
    (filters) => {
      const controls = filters > 1 ? [0.7] : [];
      const file = withExcitations(
        newCore("simd"),
        passiveFile(smallParameters(filters, controls.length), smallFacts(controls.length)),
        [{ ...plucked, controls }],
        LENGTH,
      );
      const model = readForPlaying(writeModelFile(file));
      const string = new Resonator(newCore("simd"), model);
      string.pluck();
      const sound = new Float32Array(24000);
      string.process(sound);
      expectWithinDb(sound.subarray(0, 1920), recording.subarray(0, 1920), -90);
      // on its own from there: it dies
      expect(rms(sound.subarray(-8000)) / rms(sound.subarray(0, 8000))).toBeLessThan(0.05);
      expect(string.brokenSamples).toBe(0);
    },
  );

  test.each([
    [120, 1],
    [200, 1],
    [120, 3],
    [200, 3],
  ])("of a recording at %i Hz fits the string as it is tuned there, of %i filters", (f0, filters) => {
    const other = smallString(f0);
    const own = passiveFile(smallParameters(filters), smallFacts());
    // a claim so roomy that certifying the re-tuned filters takes nothing off
    const header = { ...own.header, certificate: { gain: 0.9999, growth: growthBound(0.9999) } };
    for (const name of ["filters.logDamping", "filters.taps"]) {
      own.tensors.get(name)?.data.forEach((x, k, data) => {
        data[k] = name === "filters.taps" ? 0.9 * x : Math.log(Math.exp(x) - Math.log(0.9));
      });
    }
    const plucks = [{ name: "other", samples: other, f0, controls: [] }];
    const file = withExcitations(newCore("simd"), { header, tensors: own.tensors }, plucks, LENGTH);
    expect(file.header.excitations[0]).toMatchObject({ name: "other", f0, samples: 2000 });
    const model = readForPlaying(writeModelFile(file));
    const string = new Resonator(newCore("simd"), model, { f0, lowestF0: 100 });
    string.pluck();
    const sound = new Float32Array(1920);
    string.process(sound);
    // then the excitation fades
    expectWithinDb(sound, other.subarray(0, 1920), -80);
  });

  test("where what drives the string ends, nothing is heard to stop", () => {
    // a hum that the string does not hold: it drives it all along
    const hum = recording.map((x, n) => x + 0.2 * Math.cos((2 * Math.PI * 40 * n) / 8000));
    const file = passiveFile(smallParameters(1), smallFacts());
    const plucks = [{ ...plucked, samples: hum, controls: [] }];
    const { tensors, header } = withExcitations(newCore("simd"), file, plucks, LENGTH);
    const { data } = tensors.get("excitations.0") as Tensor;
    const exact = extractExcitation(passiveModel(smallParameters(1), smallFacts()), hum, 2000, []);
    expectSameBits(data.subarray(0, 1920), exact.subarray(0, 1920));
    expect(Math.abs(exact[1999])).toBeGreaterThan(0.01);
    expect(data[1999]).toBe(0);
    const string = new Resonator(newCore("simd"), readForPlaying(writeModelFile({ tensors, header })));
    string.pluck();
    const sound = new Float32Array(2400);
    string.process(sound);
    expect(roughness(sound, 1992, 2010)).toBeLessThan(roughness(sound, 1502, 1900));
  });
});

describe("extractExcitation", () => {
  test("of silence is silence, and a string at rest is excited by the recording itself until it hears itself", () => {
    const model = passiveModel(smallParameters(3), smallFacts());
    expect(extractExcitation(model, new Float32Array(500), 500, []).every((x) => x === 0)).toBe(true);
    const near = 50 - SMALL_TUNING.ahead;
    const recording = smallString();
    expectSameBits(
      extractExcitation(model, recording, 600, []).subarray(0, near),
      recording.subarray(0, near),
    );
  });
});
