// The spectra that the last touch hears, on sounds whose levels are known by hand.
import { CoarseSpectra } from "@neural-string/trainer/core/passive/planes/coarse-spectra";
import { describe, expect, test } from "vitest";

const SAMPLE_RATE = 44100;
const SAMPLES = 22050;
/** Ten bins of a frame of 2048 to a partial, each partial on a bin. */
const F0 = (10 * SAMPLE_RATE) / 2048;
const SILENT = new Float64Array(1025);

/** Partials of given amplitudes, from the first. */
const tones = (...amplitudes: number[]) =>
  Float64Array.from({ length: SAMPLES }, (_, n) =>
    amplitudes.reduce((sum, a, i) => sum + a * Math.sin((2 * Math.PI * (i + 1) * F0 * n) / SAMPLE_RATE), 0),
  );

describe("coarse spectra", () => {
  const spectra = new CoarseSpectra(SAMPLES, F0, SAMPLE_RATE);
  const rowsOf = (differences: Float64Array) =>
    Array.from({ length: differences.length / 24 }, (_, i) => differences.subarray(24 * i, 24 * (i + 1)));

  test("find nothing between a sound and itself", () => {
    const sound = tones(0.5, 0.2, 0.1);
    expect(spectra.size).toBe(5 * 24); // frames of 2048 every 4096 in 22050
    const differences = spectra.differences(sound, spectra.hear(sound, SILENT));
    expect(differences.every((db) => db === 0)).toBe(true);
  });

  test("hear a partial that is ten times louder in its own place, over the bins that it fills", () => {
    const heard = spectra.hear(tones(0.5, 0.05, 0.2), SILENT);
    for (const row of rowsOf(spectra.differences(tones(0.5, 0.5, 0.2), heard))) {
      // a Hann window fills three bins; the seven others of ten stay at the floor
      expect(row[1]).toBeCloseTo((3 * 20) / 10, 3);
      for (const other of [0, 2, 3, 23]) expect(row[other]).toBeCloseTo(0, 3);
    }
  });

  test("do not tell sounds 80 dB below the loudest from each other, nor from noise", () => {
    const faint = tones(0.5, 0.5 * 10 ** (-85 / 20));
    const none = tones(0.5);
    for (const db of spectra.differences(faint, spectra.hear(none, SILENT))) expect(db).toBeCloseTo(0, 6);
    const noise = new Float64Array(1025).fill(0.01 ** 2);
    // 0.02 is what counts as noise; amplitudes below 0.04 read less than that
    for (const db of spectra.differences(tones(0.5, 0.03), spectra.hear(none, noise))) expect(db).toBe(0);
  });

  test("hear when: a sound that stops is too quiet from there on", () => {
    const sound = tones(0.5);
    const stopped = sound.slice().fill(0, 4 * 2048);
    const [first, second, third, ...rest] = rowsOf(spectra.differences(stopped, spectra.hear(sound, SILENT)));
    expect(Math.abs(first[0])).toBeLessThan(1e-9);
    expect(Math.abs(second[0])).toBeLessThan(1e-9);
    // three bins of ten fall: the middle one by 80 dB, its neighbours, 6 dB lower, by 74
    for (const row of [third, ...rest])
      expect(row[0]).toBeCloseTo(-(80 + 2 * (80 - 20 * Math.log10(2))) / 10, 2);
  });

  test("have room for any pitch, and none for a sound shorter than a frame", () => {
    for (const f0 of [20, 440, 4000, 20000]) {
      const some = new CoarseSpectra(SAMPLES, f0, SAMPLE_RATE);
      const differences = some.differences(tones(0.5, 0.2), some.hear(tones(0.2, 0.5), SILENT));
      expect(differences.every(Number.isFinite)).toBe(true);
    }
    expect(new CoarseSpectra(2047, 110, SAMPLE_RATE).size).toBe(0);
  });
});
