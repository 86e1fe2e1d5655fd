// A passive model's file in the trainer: every way in verifies its certificate, and what is bound is what was made.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { growthBound } from "@neural-string/core-wasm";
import { UserError, writeModelFile } from "@neural-string/shared";
import { bindPassive, isPassive, requireCertificate } from "@neural-string/trainer/passive-file";
import { classicWarmStart, openModel } from "@neural-string/trainer/string-model";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/audio-files.ts";
import { makePassiveModel } from "../support/passive-models.ts";
import { tinyConfig, tinyHeader } from "../support/training.ts";

const folder = temporaryFolder();
const { header, tensors } = makePassiveModel({ filters: 2, controls: 1 });
const path = join(folder, "p.safetensors");

test("a passive file is opened, told from others and bound", () => {
  writeFileSync(path, writeModelFile({ header, tensors }));
  const file = openModel(path);
  expect(file).toEqual({ header, tensors });
  if (!isPassive(file)) throw new Error("expected a passive string");
  expect(requireCertificate(file, "p")).toBeLessThanOrEqual(0.99);
  expect(bindPassive(file)).toMatchObject({
    kind: "passive",
    loopTaps: tensors.get("filters.taps")?.data,
    outputWeight: tensors.get("mixture.output.weight")?.data,
    excitations: [{ name: "pluck 0", samples: tensors.get("excitations.0")?.data }],
  });
});

test("one that breaks its certificate is not opened", () => {
  const certificate = { gain: 0.9, growth: growthBound(0.9) };
  writeFileSync(path, writeModelFile({ header: { ...header, certificate }, tensors }));
  expect(() => openModel(path)).toThrow(UserError);
  expect(() => openModel(path)).toThrow(
    /^p\.safetensors: certificate\.gain: .* within the claimed 0\.9, got/,
  );
});

test("a classic string does not start warm from a passive one", () => {
  writeFileSync(path, writeModelFile({ header, tensors }));
  expect(() => classicWarmStart(path, tinyHeader(tinyConfig()), false)).toThrow(
    `--from ${path}: expected a classic string, as the config trains, got a passive one; give a model of that kind`,
  );
});
