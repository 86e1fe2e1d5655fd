/**
 * What a person can get wrong, as files, and the demand on every command that meets one: one line on standard error,
 * exit code 2, nothing on standard output, nothing left on disk.
 */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeModelFile } from "@neural-string/shared";
import { encodeWav } from "@neural-string/trainer/audio/wav";
import { expect } from "vitest";
import { knownString, whiteNoise } from "./audio-files.ts";
import { BAD_PASSIVE_MODELS } from "./bad-passive-models.ts";
import { generatePlucks, listFiles, run, succeed, writeTinyConfig } from "./cli.ts";
import { fileWith, validParts } from "./model-bytes.ts";
import { makePassiveModel } from "./passive-models.ts";

/** What is wrong, how a person comes to it, and the sentence they get. */
export type BadInput = [what: string, args: string[], sentence: string | RegExp];

/** Demand that a command refuses its arguments in one sentence and leaves the folder as it was. */
export async function expectRefusal(
  folder: string,
  args: string[],
  sentence: string | RegExp,
): Promise<void> {
  const before = listFiles(folder);
  const { code, stdout, stderr } = await run(folder, ...args);
  const line = stderr.replace(/\n$/, "");
  expect(line).not.toContain("\n");
  if (typeof sentence === "string") expect(line).toBe(sentence);
  else expect(line).toMatch(sentence);
  expect([code, stdout]).toEqual([2, ""]);
  expect(listFiles(folder)).toEqual(before);
}

const sampleRate = 8000;

/** Fill a folder with plucks, a run `good`, and files that are none of these. */
export async function makeBadFiles(folder: string): Promise<void> {
  writeTinyConfig(folder);
  await generatePlucks(folder);
  await succeed(folder, "train", "a.wav", "--config", "tiny.json", "--steps", "2", "--run-dir", "good");
  mkdirSync(join(folder, "occupied"));
  cpSync(join(folder, "a.wav"), join(folder, "copy.wav"));

  const put = (name: string, content: string | Uint8Array) => writeFileSync(join(folder, name), content);
  const wav = (name: string, samples: Float32Array) => put(name, encodeWav(samples, sampleRate));
  const sound = () => knownString({ f0: 220, seconds: 3, sampleRate });
  put("text.wav", "this is a letter, not a sound");
  put("empty.wav", "");
  wav("silent.wav", new Float32Array(24000));
  wav(
    "clipped.wav",
    sound().map((x) => Math.max(-1, Math.min(1, 40 * x))),
  );
  wav("short.wav", sound().subarray(0, 1000));
  wav(
    "broken.wav",
    sound().map((x, n) => (n === 5000 ? Number.NaN : x)),
  );
  wav("noise.wav", whiteNoise(24000, 0.1));
  put("not.json", "{ training: 1 }");
  put("list.json", "[]");
  put("number.json", '{ "training": 5 }');
  put("nul.json", '{ "recordings": ["\\u0000.wav"] }');
  put(
    "foreign.safetensors",
    fileWith((parts) => Object.assign(parts, { header: () => parts.tensors })),
  );
  put(
    "claims.safetensors",
    fileWith((parts) => Object.assign(parts, { data: validParts().data.subarray(0, 20) })),
  );
  put(
    "huge.safetensors",
    fileWith((parts) => Object.assign(parts, { headerBytes: 1n << 60n })),
  );
  put("passive.safetensors", writeModelFile(makePassiveModel({ filters: 2 })));
  const whole = readFileSync(join(folder, "good/model.safetensors"));
  put(
    "corrupted.safetensors",
    Buffer.concat([whole.subarray(0, 40), Buffer.from("\xff{{"), whole.subarray(43)]),
  );
  const nan = Buffer.from(whole);
  nan.writeFloatLE(Number.NaN, nan.length - 4);
  put("nan.safetensors", nan);
}

/** One of each sort of damage to a passive model; the readers' own tests have them all. */
const PASSIVE_DAMAGE = [
  "a false claim",
  "a claim of 1",
  "a tap that is not a number",
  "no taps",
  "spectra of another shape",
  "a mixture of one filter",
  "more taps than any filter",
  "taps that the file does not hold",
  "an excitation of days",
];

/** Write bad passive models into a folder. @returns a refusal of `pnpm inspect` for each */
export function makeBadPassiveModels(folder: string): BadInput[] {
  return PASSIVE_DAMAGE.map((what, i) => {
    const [, file, sentence] = BAD_PASSIVE_MODELS.find(([name]) => name === what) ?? [];
    if (file === undefined) throw new Error(`no bad passive model is called "${what}"`);
    const name = `bad-${i}.safetensors`;
    writeFileSync(join(folder, name), file());
    const literally = `${name}: ${sentence}`.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    return [what, ["inspect", name], new RegExp(`^${literally}`)];
  });
}
