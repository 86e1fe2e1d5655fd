// Planes in a model file: the coupling filter as it is played, excitations that replay what was recorded, a certificate.
import { Resonator, readModelFile as readModel } from "@neural-string/core-wasm";
import { writeModelFile } from "@neural-string/shared";
import { passiveFile, withExcitations } from "@neural-string/trainer/core/passive/export";
import { COUPLING, MovedParameters, withPlanes } from "@neural-string/trainer/core/passive/planes/parameters";
import { SpectralForm } from "@neural-string/trainer/core/passive/spectral-form";
import { expect, test } from "vitest";
import { closeness } from "../../../../reference/closeness.ts";
import { mulberry32 } from "../../../../reference/random.ts";
import { newCore } from "../../../../support/core-builds.ts";
import { SMALL_TUNING, smallFacts, smallParameters, smallString } from "../../../../support/passive-facts.ts";

const random = mulberry32(11);
const planes = withPlanes(smallParameters(3), SMALL_TUNING, 1);
const moved = new MovedParameters(planes, SMALL_TUNING);
const parameters = moved.kept(
  planes,
  Float64Array.from({ length: moved.count }, () => 2 * random() - 1),
);

test("the coupling filter is written as it is played, and read back", () => {
  const file = passiveFile(parameters, smallFacts());
  expect(file.header.parallel).toBe(true);
  const { data } = parameters.get(COUPLING) ?? { data: new Float32Array(0) };
  const form = new SpectralForm(SMALL_TUNING.taps, SMALL_TUNING.ahead, SMALL_TUNING.fade);
  const taps = form.tapsOfParts(data.subarray(0, form.bins), data.subarray(form.bins));
  expect(Math.max(...taps.map(Math.abs))).toBeGreaterThan(0.01);
  expect(file.tensors.get("filters.coupling")?.data).toEqual(Float32Array.from(taps));
  const model = readModel(writeModelFile(file));
  if (model.kind !== "passive") throw new Error("not passive");
  expect(model.coupling).toEqual(Float32Array.from(taps));
  expect(model.certificate.gain).toBeLessThanOrEqual(smallFacts().cap);
});

test("a cascade says nothing of planes", () => {
  const file = passiveFile(smallParameters(2), smallFacts());
  expect(file.header.parallel).toBeUndefined();
  expect(file.tensors.has("filters.coupling")).toBe(false);
});

test("its plucks replay the recording", () => {
  const core = newCore("simd");
  const sound = smallString();
  const plucked = { name: "a", samples: sound, f0: SMALL_TUNING.f0, controls: [] };
  const file = withExcitations(core, passiveFile(parameters, smallFacts()), [plucked], 0.25);
  const model = readModel(writeModelFile(file));
  const resonator = new Resonator(core, model);
  resonator.pluck(0);
  // until the excitation fades
  const played = new Float32Array(1920);
  resonator.process(played);
  // float32 rounding of loops, lines and excitation, as for a cascade
  expect(closeness(played, sound.subarray(0, 1920)).relativeDb).toBeLessThan(-90);
});
