/** From file to decay: offsets that map back to the file, the file's name in every sentence, and a cache that helps. */
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "@neural-string/shared";
import { encodeWav } from "@neural-string/trainer/audio/wav";
import { prepareRecording } from "@neural-string/trainer/note/prepare";
import { describe, expect, test } from "vitest";
import { knownString, mix, temporaryFolder, whiteNoise } from "../../support/audio-files.ts";

const folder = temporaryFolder();
const cacheDir = join(folder, "cache");
const sampleRate = 44_100;
const sound = mix(
  { sound: new Float32Array(5 * sampleRate) },
  { sound: knownString({ f0: 110, inharmonicity: 1e-4, seconds: 3, sampleRate, lead: 0.3 }) },
);
const save = (name: string, samples: Float32Array) => {
  writeFileSync(join(folder, name), encodeWav(samples, sampleRate));
  return join(folder, name);
};
const path = save("take1.wav", sound);
const failure = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(UserError);
  return error.message as string;
};

describe("prepareRecording", () => {
  test("the decay is the file from the onset to the last sample that is not zero", async () => {
    const prepared = await prepareRecording(path, { crop: "decay", cacheDir });
    expect(prepared).toMatchObject({
      name: "take1.wav",
      path,
      sampleRate,
      sourceSampleRate: sampleRate,
      f0Source: "estimated",
      checks: [],
    });
    expect(Math.abs(prepared.onset - 0.3 * sampleRate)).toBeLessThan(45);
    expect(prepared.offset).toBe(prepared.onset);
    expect(prepared.samples.length).toBeLessThanOrEqual(3.3 * sampleRate - prepared.offset);
    expect(prepared.samples).toEqual(sound.slice(prepared.offset, prepared.offset + prepared.samples.length));
    expect(prepared.f0).toBeCloseTo(110, 1);
    expect(prepared.contentHash).toMatch(/^[0-9a-f]{64}$/);
  });

  test("all is the whole file, with the same onset", async () => {
    const decay = await prepareRecording(path, { crop: "decay", cacheDir });
    const all = await prepareRecording(path, { crop: "all", cacheDir });
    expect(all.samples).toEqual(sound);
    expect(all).toMatchObject({ offset: 0, onset: decay.onset });
  });

  test("another rate moves onset and samples, not f0", async () => {
    const other = await prepareRecording(path, { crop: "decay", cacheDir, sampleRate: 48_000 });
    expect(Math.abs(other.onset - 0.3 * 48_000)).toBeLessThan(50);
    expect(other.f0).toBeCloseTo(110, 1);
    expect(other.checks).toEqual(["take1.wav: resampled from 44100 to 48000 Hz"]);
  });

  test("f0 is taken as given, within reason", async () => {
    const given = await prepareRecording(path, { crop: "decay", cacheDir, f0: 55 });
    expect(given).toMatchObject({ f0: 55, f0Source: "given", f0Confidence: 1 });
    for (const f0 of [0, -3, Number.NaN, 20_000]) {
      expect(await failure(prepareRecording(path, { crop: "decay", cacheDir, f0 }))).toMatch(
        /^take1\.wav: --f0 is .*; expected 10 to 11025 Hz/,
      );
    }
  });

  test("a second run gives the same from the cache; a damaged entry is made again", async () => {
    const inside = join(folder, "second-run");
    const options = { crop: "decay", cacheDir: inside } as const;
    const first = await prepareRecording(path, options);
    const [file] = readdirSync(inside);
    expect(await prepareRecording(path, options)).toEqual(first);
    writeFileSync(join(inside, file), "damaged");
    expect(await prepareRecording(path, options)).toEqual(first);
    expect(await prepareRecording(path, options)).toEqual(first);
    expect(readdirSync(inside)).toEqual([file]);
  });

  test("a cache that cannot be written is one more sentence", async () => {
    const prepared = await prepareRecording(path, { crop: "decay", cacheDir: join(path, "cache") });
    expect(prepared.checks).toHaveLength(1);
    expect(prepared.checks[0]).toMatch(/^take1\.wav: not cached in /);
  });

  test("every error begins with the file's name", async () => {
    const cases: [string, Float32Array, RegExp][] = [
      ["silent.wav", new Float32Array(sampleRate), /^silent\.wav: is silent/],
      ["none.wav", new Float32Array(0), /^none\.wav: holds no samples/],
      ["clipped.wav", sound.map((x) => Math.max(-1, Math.min(1, 4 * x))), /^clipped\.wav: is clipped/],
      [
        "short.wav",
        sound.slice(0, 0.5 * sampleRate),
        /^short\.wav: the note lasts 0\.20 s; at least 0\.25 s/,
      ],
      ["noise.wav", whiteNoise(3 * sampleRate, 0.1), /^noise\.wav: f0 not found/],
    ];
    for (const [name, samples, sentence] of cases) {
      expect(await failure(prepareRecording(save(name, samples), { crop: "decay", cacheDir }))).toMatch(
        sentence,
      );
    }
    expect(await failure(prepareRecording(join(folder, "no.wav"), { crop: "decay", cacheDir }))).toMatch(
      /^no\.wav: no such/,
    );
    expect(await failure(prepareRecording(path, { crop: "decay", cacheDir, channel: 1 }))).toMatch(
      /^take1\.wav: channel 1 does not exist; the file has only channel 0/,
    );
  });

  test("warnings come with the recording", async () => {
    const loud = save(
      "offset.wav",
      sound.slice(0, 3.2 * sampleRate).map((x) => x + 0.05),
    );
    const { checks } = await prepareRecording(loud, { crop: "decay", cacheDir });
    expect(checks[0]).toMatch(/^offset\.wav: has an offset \(DC\)/);
  });
});
