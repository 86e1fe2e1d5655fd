/** The resampler's promises: pass band, stop band, pitch, timing; linear and deterministic. */
import { resample } from "@neural-string/trainer/audio/resample";
import { describe, expect, test } from "vitest";
import { mix, sine, whiteNoise } from "../../support/audio-files.ts";

const rates = [
  [48_000, 44_100],
  [44_100, 48_000],
  [96_000, 44_100],
  [22_050, 48_000],
  [44_100, 44_056.3],
] as const;

/** Amplitude and phase of one frequency away from the ends, where the sound begins and stops. */
function toneAt(sound: Float32Array, frequency: number, sampleRate: number) {
  const edge = Math.floor(sound.length / 5);
  let [re, im, sum] = [0, 0, 0];
  for (let i = edge; i < sound.length - edge; i++) {
    const hann = 0.5 - 0.5 * Math.cos((2 * Math.PI * (i - edge)) / (sound.length - 2 * edge));
    const angle = (2 * Math.PI * frequency * i) / sampleRate;
    re += hann * sound[i] * Math.sin(angle);
    im += hann * sound[i] * Math.cos(angle);
    sum += hann;
  }
  return { amplitude: (2 * Math.hypot(re, im)) / sum, phase: Math.atan2(im, re) };
}

function rms(sound: Float32Array): number {
  const edge = Math.floor(sound.length / 5);
  const middle = sound.subarray(edge, sound.length - edge);
  return Math.sqrt(middle.reduce((sum, x) => sum + x * x, 0) / middle.length);
}

describe("resample", () => {
  test.each(rates)(
    "from %d to %d Hz the pass band is flat to 0.001 dB and nothing is delayed",
    (from, to) => {
      const lower = Math.min(from, to);
      for (const fraction of [0.002, 0.05, 0.2, 0.35, 0.44]) {
        const frequency = fraction * lower;
        const { amplitude, phase } = toneAt(resample(sine(frequency, 12_000, from), from, to), frequency, to);
        expect(Math.abs(20 * Math.log10(amplitude / 0.5))).toBeLessThan(1e-3);
        expect(Math.abs(phase)).toBeLessThan(1e-4);
      }
    },
  );

  test.each(rates)("from %d to %d Hz what is not the tone itself lies 100 dB below it", (from, to) => {
    const frequency = 0.31 * Math.min(from, to);
    const output = resample(sine(frequency, 12_000, from), from, to);
    const rest = mix({ sound: output }, { sound: sine(frequency, output.length, to), gain: -1 });
    expect(20 * Math.log10(rms(rest) / rms(output))).toBeLessThan(-100);
  });

  test.each([0.501, 0.55, 0.8, 1.05])(
    "a tone at %d of the lower rate, which would alias, is 100 dB down",
    (fraction) => {
      const output = resample(sine(fraction * 44_100, 20_000, 96_000), 96_000, 44_100);
      expect(20 * Math.log10(rms(output) / (0.5 / Math.SQRT2))).toBeLessThan(-100);
    },
  );

  test("keeps a constant, but for its ends", () => {
    const output = resample(new Float32Array(4000).fill(1), 48_000, 44_100);
    expect(output.length).toBe(3675);
    for (const sample of output.subarray(200, -200)) expect(Math.abs(sample - 1)).toBeLessThan(2e-5);
  });

  test("is linear, bitwise the same every time, and the identity for equal rates", () => {
    const sound = whiteNoise(3000, 0.1);
    const once = resample(sound, 48_000, 44_100);
    expect(resample(sound, 48_000, 44_100)).toEqual(once);
    expect(
      resample(
        sound.map((x) => 2 * x),
        48_000,
        44_100,
      ),
    ).toEqual(once.map((x) => 2 * x));
    expect(resample(sound, 44_100, 44_100)).toBe(sound);
    expect(resample(new Float32Array(0), 48_000, 44_100)).toHaveLength(0);
  });
});
