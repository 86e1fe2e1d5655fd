/** Where a note begins: after silence, after noise, at the very start, and never by its level. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { readRecording } from "@neural-string/trainer/audio/read-recording";
import { findOnset } from "@neural-string/trainer/note/onset";
import { describe, expect, test } from "vitest";
import { knownString, mix, pianoNote, stratFolder, whiteNoise } from "../../support/audio-files.ts";

describe("findOnset", () => {
  test.each([44_100, 48_000, 96_000])(
    "finds the note after silence to a millisecond at %d Hz",
    (sampleRate) => {
      for (const lead of [0.02, 0.2, 1.1]) {
        for (const level of [1e-3, 0.03, 1]) {
          const found = findOnset(knownString({ f0: 110, seconds: 1, sampleRate, lead, level }), sampleRate);
          expect(Math.abs(found / sampleRate - lead)).toBeLessThan(0.001);
        }
      }
    },
  );

  test.each([-70, -50, -35])("finds it after noise of %d dB to two milliseconds", (noiseDb) => {
    const noise = 0.5 * 10 ** (noiseDb / 20);
    const sound = knownString({ f0: 82.5, seconds: 1, sampleRate: 44_100, lead: 0.5, noise });
    expect(Math.abs(findOnset(sound, 44_100) / 44_100 - 0.5)).toBeLessThan(0.002);
  });

  test("is not moved by an offset (DC) or by the polarity", () => {
    const sound = knownString({ f0: 110, seconds: 1, sampleRate: 44_100, lead: 0.2 });
    const onset = findOnset(sound, 44_100);
    expect(
      Math.abs(
        findOnset(
          sound.map((x) => x + 0.1),
          44_100,
        ) - onset,
      ),
    ).toBeLessThan(44);
    expect(
      Math.abs(
        findOnset(
          sound.map((x) => -x),
          44_100,
        ) - onset,
      ),
    ).toBeLessThan(2);
  });

  test("is 0 for recordings that start within the decay, also at a zero crossing of a low string", () => {
    for (const f0 of [27.5, 82.5, 440]) {
      const sound = knownString({ f0, seconds: 2, sampleRate: 44_100 });
      for (const start of [0, 137, 1000, 7777, 30_000])
        expect(findOnset(sound.subarray(start), 44_100)).toBe(0);
    }
  });

  test("is 0 when the level rises by beating", () => {
    const string = knownString({ f0: 82.5, seconds: 3, sampleRate: 44_100, decaySeconds: 10 });
    const other = knownString({ f0: 82.9, seconds: 3, sampleRate: 44_100, decaySeconds: 10 });
    const sound = mix({ sound: string }, { sound: other, gain: -0.8 });
    expect(findOnset(sound, 44_100)).toBe(0);
  });

  test("is 0 for silence, emptiness and noise", () => {
    expect(findOnset(new Float32Array(1000), 44_100)).toBe(0);
    expect(findOnset(new Float32Array(0), 44_100)).toBe(0);
    expect(findOnset(whiteNoise(44_100, 0.1), 44_100)).toBe(0);
  });

  test.skipIf(!stratFolder)(
    "is 0 for the guitar's decay-only crops (../shared/data/strat-low-e)",
    async () => {
      for (const name of ["2.wav", "3.wav", "4.wav"]) {
        const { samples, sampleRate } = await readRecording(join(stratFolder ?? "", name));
        expect(findOnset(samples, sampleRate)).toBe(0);
      }
    },
  );

  test.skipIf(!existsSync(pianoNote(8, "A1")))(
    "lies in the first 20 ms of the trimmed piano notes",
    async () => {
      for (const note of ["A1", "A2", "C4"]) {
        const { samples, sampleRate } = await readRecording(pianoNote(8, note));
        expect(findOnset(samples, sampleRate) / sampleRate).toBeLessThan(0.02);
      }
    },
  );
});
