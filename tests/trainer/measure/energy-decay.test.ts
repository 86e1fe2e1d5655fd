import {
  curveDistance,
  energyDecayCurve,
  energyDecayCurveDb,
  energyDecayRelief,
  energyDecayReliefDb,
  integratedNoise,
  reliefDistance,
} from "@neural-string/trainer/measure/energy-decay";
import { describe, expect, test } from "vitest";
import { syntheticString } from "../../support/synthetic-string.ts";

const sound = { sampleRate: 44100, seconds: 3, f0: 110, t60: 4, damping: 0.02 };
const x = syntheticString(sound);
const silence = (frames: number) => integratedNoise(new Float64Array(1025), 44100, frames);

describe("energyDecayRelief", () => {
  test("never rises in any band", () => {
    const { bands, frames, energy } = energyDecayRelief(x, 44100);
    for (let i = 1; i < bands * frames; i++)
      if (i % frames !== 0) expect(energy[i]).toBeLessThanOrEqual(energy[i - 1]);
  });

  test.each([44100, 48000, 96000])("holds every bin below 16 kHz once, at %i Hz", (sampleRate) => {
    const { bands, frames, edges, energy, times } = energyDecayRelief(x, sampleRate);
    expect([bands, edges.length, times.length]).toEqual([25, 26, frames]);
    expect([edges[0], edges[1], edges[25]]).toEqual([0, 60, 16000]);
    let start = 0;
    for (let band = 0; band < bands; band++) start += energy[band * frames];
    // the string is silent above 2 kHz: all its energy, frame by frame, is in the bands
    const total = energyDecayCurve(x)[0];
    const perFrame = (1.5 / 2 / 2048) * (total / 512); // half the spectrum; sum(w^2) / sum(w)^2 = 1.5 / size
    expect(start / perFrame / 2048).toBeGreaterThan(0.8 / 2048);
    expect(times[0]).toBeCloseTo(1024 / sampleRate, 9);
  });

  test("falls by 60 dB per T60", () => {
    const long = syntheticString({ sampleRate: 44100, seconds: 4, f0: 440, partials: 1, t60: 1.5 });
    const relief = energyDecayRelief(long, 44100);
    const db = energyDecayReliefDb(relief);
    const band = relief.edges.findLastIndex((edge) => edge <= 440);
    const at = (frame: number) => db[band * relief.frames + frame];
    const slope = (at(150) - at(20)) / (relief.times[150] - relief.times[20]);
    expect(slope).toBeCloseTo(-40, 1);
  });
});

describe("reliefDistance and curveDistance", () => {
  test("are 0 between a sound and itself, and |g| where one is g dB louder", () => {
    const relief = energyDecayRelief(x, 44100);
    const noise = silence(relief.frames);
    for (const db of [0, 3, -3]) {
      const y = x.map((v) => v * 10 ** (db / 20));
      expect(reliefDistance(energyDecayRelief(y, 44100), relief, noise)).toBeCloseTo(Math.abs(db), 6);
      expect(curveDistance(energyDecayCurve(y), energyDecayCurve(x))).toBeCloseTo(Math.abs(db), 4);
    }
  });

  test("do not change when both sounds are scaled alike", () => {
    const y = syntheticString({ ...sound, t60: 3 });
    const noise = silence(energyDecayRelief(x, 44100).frames);
    const distances = [1, 1e-3, 1e3].map((gain) => {
      const [a, b] = [x, y].map((z) => z.map((v) => gain * v));
      return [
        reliefDistance(energyDecayRelief(b, 44100), energyDecayRelief(a, 44100), noise) ?? Number.NaN,
        curveDistance(energyDecayCurve(b), energyDecayCurve(a)),
      ];
    });
    for (const [edr, edc] of distances) {
      expect(edr).toBeCloseTo(distances[0][0], 3);
      expect(edc).toBeCloseTo(distances[0][1], 9);
    }
  });

  test("know nothing where the noise covers everything", () => {
    const relief = energyDecayRelief(x, 44100);
    const loud = integratedNoise(new Float64Array(1025).fill(1), 44100, relief.frames);
    expect(reliefDistance(relief, relief, loud)).toBeNull();
  });
});

describe("energyDecayCurve", () => {
  test("starts with the energy of the whole and ends with that of the last sample", () => {
    const curve = energyDecayCurve(Float64Array.of(3, -4, 1));
    expect([...curve]).toEqual([26, 17, 1]);
    expect(energyDecayCurveDb(curve)[0]).toBeCloseTo(0, 9);
  });
});
