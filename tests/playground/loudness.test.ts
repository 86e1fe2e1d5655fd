// Loudness against what ITU-R BS.1770 says of known signals, and sounds made equally loud.
import { equalGains, loudness } from "@neural-string/playground/audition/loudness";
import { describe, expect, test } from "vitest";

const sine = (frequency: number, sampleRate: number, level = 1, seconds = 3) =>
  Float32Array.from(
    { length: seconds * sampleRate },
    (_, n) => level * Math.sin((2 * Math.PI * frequency * n) / sampleRate),
  );

describe("loudness", () => {
  test.each([44100, 48000, 96000])(
    "a full-scale sine of 997 Hz in one channel reads -3.01 LUFS, as the recommendation says, at %d Hz",
    (sampleRate) => {
      expect(loudness(sine(997, sampleRate), sampleRate)).toBeCloseTo(-3.01, 1);
    },
  );

  test("treble weighs up to 4 dB more, the deepest bass less", () => {
    const at = (frequency: number) => loudness(sine(frequency, 48000), 48000);
    // the weighting at 997 Hz is 0.69 dB
    expect(at(8000) - at(997)).toBeCloseTo(4 - 0.69, 1);
    expect(at(20) - at(997)).toBeLessThan(-10);
  });

  test("half the amplitude is 6 dB less; silence after a note does not count", () => {
    const note = sine(440, 48000, 0.5);
    expect(loudness(sine(440, 48000), 48000) - loudness(note, 48000)).toBeCloseTo(6.02, 2);
    const padded = new Float32Array(10 * 48000);
    padded.set(note);
    expect(Math.abs(loudness(padded, 48000) - loudness(note, 48000))).toBeLessThan(0.3);
  });

  test("silence has none, and what is not a number is silence", () => {
    expect(loudness(new Float32Array(48000), 48000)).toBe(Number.NEGATIVE_INFINITY);
    expect(loudness(new Float32Array(48000).fill(Number.NaN), 48000)).toBe(Number.NEGATIVE_INFINITY);
  });
});

describe("equalGains", () => {
  test("after its gain each sound is as loud as the others, and the highest peak is 1 dB below full scale", () => {
    const sounds = [sine(220, 48000, 0.01), sine(220, 48000, 0.9), sine(3000, 48000, 0.2)];
    const gains = equalGains(sounds, 48000);
    const played = sounds.map((x, i) => x.map((value) => value * gains[i]));
    const levels = played.map((x) => loudness(x, 48000));
    expect(Math.max(...levels) - Math.min(...levels)).toBeLessThan(0.01);
    const peaks = played.map((x) => x.reduce((most, value) => Math.max(most, Math.abs(value)), 0));
    expect(20 * Math.log10(Math.max(...peaks))).toBeCloseTo(-1, 2);
  });

  test("a silent sound changes nothing for the others", () => {
    const sounds = [sine(220, 48000, 0.1), new Float32Array(48000)];
    const [first, second] = equalGains(sounds, 48000);
    expect(first).toBeCloseTo(8.91, 1);
    expect(second).toBe(1);
  });
});
