/** Every problem with its sentence, and none for good recordings. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { readRecording } from "@neural-string/trainer/audio/read-recording";
import { checkRecording } from "@neural-string/trainer/note/checks";
import { estimateNoiseFloor } from "@neural-string/trainer/note/noise-floor";
import { describe, expect, test } from "vitest";
import { knownString, mix, pianoNote, sine, stratFolder, whiteNoise } from "../../support/audio-files.ts";

const sampleRate = 44_100;
const good = knownString({ f0: 110, seconds: 5, sampleRate, noise: 1e-5 });
const found = (samples: Float32Array, rate = sampleRate) =>
  checkRecording(samples, rate).problems.map(
    ({ id, severity, sentence }) => `${severity} ${id}: ${sentence}`,
  );

describe("checkRecording", () => {
  test("finds nothing in a clean note, at any level down to -40 dB, and measures it", () => {
    expect(found(good)).toEqual([]);
    expect(found(good.map((x) => 2 * x))).toEqual([]);
    expect(found(good.map((x) => 0.03 * x))).toEqual([]);
    const { level, noiseFloorDb, signalToNoiseDb, onset } = checkRecording(good, sampleRate);
    expect(level.peakDb).toBeCloseTo(-6, 0);
    // an upper bound while the string rings
    expect(noiseFloorDb).toBeGreaterThan(-101);
    expect(noiseFloorDb).toBeLessThan(-94);
    expect(signalToNoiseDb).toBeCloseTo(level.rmsDb - noiseFloorDb, 6);
    expect(onset).toBe(0);
  });

  test("unusable: empty, silent, not finite", () => {
    expect(found(new Float32Array(0))).toEqual([
      "error empty: holds no samples; expected a plucked note; record or export it again",
    ]);
    expect(found(new Float32Array(sampleRate))[0]).toMatch(/^error silent: is silent \(peak 0/);
    expect(found(new Float32Array(sampleRate).fill(0.3))[0]).toMatch(/^error silent: /);
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const broken = good.slice();
      broken[77] = value;
      expect(found(broken)).toEqual([
        `error not-finite: sample 77 is ${value}; expected finite numbers; export it again`,
      ]);
    }
  });

  test("unusable: louder than any sound, down to just above the limit", () => {
    for (const peak of [3e38, 1e20, 1.1e6])
      expect(found(good.map((x) => 2 * x * peak))[0]).toMatch(
        /^error too-loud: has a peak of [\d.e+]+; expected at most 1000000 \(full scale is 1\); scale it down/,
      );
    expect(found(good.map((x) => 1e6 * x)).filter((line) => /too-loud/.test(line))).toEqual([]);
  });

  test("too short says how much is needed, short is a warning", () => {
    expect(found(good.subarray(0, 8820))).toEqual([
      "error too-short: the note lasts 0.20 s; at least 0.25 s are needed; let it ring longer",
    ]);
    const options = { f0: 27.5 };
    const sentence = checkRecording(good.subarray(0, 22_050), sampleRate, options).problems[0].sentence;
    expect(sentence).toMatch(/lasts 0.50 s; at least 0.73 s are needed/);
    expect(found(good.subarray(0, 44_100))[0]).toMatch(
      /^warning short: the note lasts 1.00 s; with 2 s or more/,
    );
  });

  test("clipping is an error at full scale, a warning below it", () => {
    const clipped = good.map((x) => Math.max(-1, Math.min(1, 3 * x)));
    expect(found(clipped)[0]).toMatch(
      /^error clipped: is clipped \(\d+ flat tops at 1\.000, the first at 0\.\d\d s\); record it again with less gain$/,
    );
    expect(found(clipped.map((x) => 0.5 * x))[0]).toMatch(
      /^warning flat-tops: looks clipped before it was made quieter/,
    );
    expect(found(good.map((x) => Math.max(-10, Math.min(0.9999, 3 * x))))[0]).toMatch(/^error clipped/);
  });

  test("a single full-scale peak, a slow 16-bit wave and a quiet one are not clipped", () => {
    const peak = good.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    const quantise = (sound: Float32Array) => sound.map((x) => Math.round(x * 32767) / 32768);
    for (const sound of [
      good.map((x) => x / peak),
      sine(25, 96_000 * 3, 96_000, 1),
      sine(25, 96_000 * 3, 96_000, 0.02),
    ]) {
      expect(found(quantise(sound), 96_000).filter((line) => /clipped|flat/.test(line))).toEqual([]);
    }
  });

  test("low level, noise and offset are warnings with their figures", () => {
    expect(found(good.map((x) => 0.01 * x))).toEqual([
      "warning low-level: is very quiet (peak -46 dB, expected -40 dB or more); record it with more gain",
    ]);
    const noisy = knownString({ f0: 110, seconds: 5, sampleRate, noise: 0.005 });
    expect(found(noisy)[0]).toMatch(
      /^warning noisy: the noise \(-46 dB\) lies only 3\d dB below the note, expected 40 dB or more/,
    );
    expect(found(good.map((x) => x + 0.05))[0]).toMatch(
      /^warning offset: has an offset \(DC\) of 0.0500, expected 0/,
    );
  });

  test.each([
    { what: "an equal pluck", gain: 1 },
    { what: "a pluck 14 dB softer", gain: 0.2 },
  ])("a second attack is dated: $what", ({ gain }) => {
    const twice = mix({ sound: good }, { sound: good, at: Math.round(3.21 * sampleRate), gain });
    const [problem, ...rest] = checkRecording(twice.subarray(0, good.length), sampleRate).problems;
    expect(rest).toEqual([]);
    expect(problem).toMatchObject({ id: "second-attack", severity: "warning" });
    expect(problem.sentence).toMatch(
      /^a second attack at 3\.2[012] s \(\d+ dB\), probably a second pluck or a knock; crop it away/,
    );
  });

  test("a knock is found, counted from the start of the file", () => {
    const knock = whiteNoise(900, 0.05).map((x, i) => x * Math.exp(-i / 200));
    const knocked = mix(
      { sound: new Float32Array(22_050) },
      { sound: good, at: 22_050 },
      { sound: knock, at: 110_250 },
    );
    expect(found(knocked)[0]).toMatch(/^warning second-attack: a second attack at 2\.5[01] s/);
  });

  test("beating, slow or fast, is no second attack", () => {
    for (const beats of [0.2, 0.5, 1, 2, 4, 8]) {
      const string = { seconds: 6, sampleRate, decaySeconds: 4 };
      const sound = mix(
        { sound: knownString({ ...string, f0: 110 }) },
        { sound: knownString({ ...string, f0: 110 + beats }), gain: 0.97 },
      );
      expect(found(sound.map((x) => x / 2)), `${beats} beats per second`).toEqual([]);
    }
  });

  test.skipIf(!stratFolder)("the guitar's recordings pass (../shared/data/strat-low-e)", async () => {
    for (const name of ["2.wav", "3.wav", "4.wav"]) {
      const recording = await readRecording(join(stratFolder ?? "", name));
      expect(found(recording.samples, recording.sampleRate)).toEqual([]);
    }
  });

  test.skipIf(!existsSync(pianoNote(8, "A1")))("the piano's notes pass at three velocities", async () => {
    for (const velocity of [8, 10, 12] as const) {
      for (const note of ["A1", "C2", "A2", "A3", "C4", "A4"]) {
        const recording = await readRecording(pianoNote(velocity, note));
        expect(found(recording.samples, recording.sampleRate), `${note} at velocity ${velocity}`).toEqual([]);
      }
    }
  });
});

describe("estimateNoiseFloor", () => {
  test("measures white noise to 0.5 dB, under a ringing string to 2 dB", () => {
    const noise = whiteNoise(4 * sampleRate, 0.001);
    expect(Math.abs(20 * Math.log10(estimateNoiseFloor(noise, sampleRate).rms / 0.001))).toBeLessThan(0.5);
    const string = knownString({ f0: 82.5, seconds: 5, sampleRate, noise: 0.001, decaySeconds: 3 });
    expect(Math.abs(20 * Math.log10(estimateNoiseFloor(string, sampleRate, 82.5).rms / 0.001))).toBeLessThan(
      2,
    );
  });

  test("is 0 for silence and for what is too short to tell", () => {
    expect(estimateNoiseFloor(new Float32Array(100_000), sampleRate).rms).toBe(0);
    expect(estimateNoiseFloor(new Float32Array(100).fill(1), sampleRate).rms).toBe(0);
  });
});
