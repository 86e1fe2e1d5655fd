import { decodeWav } from "@neural-string/trainer/audio/wav";
import { playerSounds, wav16 } from "@neural-string/trainer/report/player-sound";
import { describe, expect, test } from "vitest";

const SAMPLE_RATE = 8000;

function sine(amplitude: number, seconds = 1): Float32Array {
  return Float32Array.from({ length: seconds * SAMPLE_RATE }, (_, n) => amplitude * Math.sin(0.1 * n));
}

function played(uri: string): Float32Array {
  const { sampleRate, channels } = decodeWav(
    Buffer.from(uri.replace("data:audio/wav;base64,", ""), "base64"),
  );
  expect(sampleRate).toBe(SAMPLE_RATE);
  return channels[0];
}

function peak(x: Float32Array): number {
  return x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

describe("playerSounds", () => {
  const sound = { recording: "a", sampleRate: SAMPLE_RATE, target: sine(0.1), render: sine(0.2) };

  test("brings the loudest to 1 dB below full scale and all by the same gain", () => {
    const { target, render, karplusStrong, gainDb, clipped } = playerSounds(
      { ...sound, karplusStrong: sine(0.05) },
      5,
    );
    expect(20 * Math.log10(peak(played(render)))).toBeCloseTo(-1, 2);
    expect(peak(played(target))).toBeCloseTo(peak(played(render)) / 2, 3);
    expect(peak(played(karplusStrong ?? ""))).toBeCloseTo(peak(played(render)) / 4, 3);
    expect(gainDb).toBeCloseTo(20 * Math.log10(1 / 0.2) - 1, 2);
    expect(clipped).toBe(false);
  });

  test("clips a render that blows up instead of silencing the recording", () => {
    const { target, render, clipped } = playerSounds({ ...sound, render: sine(1e6) }, 5);
    expect(clipped).toBe(true);
    expect(20 * Math.log10(peak(played(target)))).toBeCloseTo(-1 - 12.04, 1);
    expect(peak(played(render))).toBeGreaterThan(0.99);
  });

  test("plays at most the given seconds", () => {
    const { seconds, render } = playerSounds(sound, 0.25);
    expect(seconds).toBe(0.25);
    expect(played(render)).toHaveLength(0.25 * SAMPLE_RATE);
  });

  test("plays silence and broken numbers without failing", () => {
    const render = Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.1);
    const { render: uri } = playerSounds({ ...sound, target: new Float32Array(4), render }, 5);
    expect([...played(uri)].map((value) => Math.round(value))).toEqual([0, 1, -1, 1]);
    expect(
      playerSounds({ ...sound, target: new Float32Array(0), render: new Float32Array(0) }, 5).seconds,
    ).toBe(0);
  });
});

describe("wav16", () => {
  test("dithers: a tone below half a step is still in the file, and the same one every time", () => {
    const x = sine(0.4 / 32767, 4);
    const y = decodeWav(wav16(x, 1, SAMPLE_RATE)).channels[0];
    const share =
      x.reduce((sum, value, n) => sum + value * y[n], 0) / x.reduce((sum, value) => sum + value * value, 0);
    // noise of two thirds of a step over 32000 samples leaves 1 % of uncertainty in the tone's level
    expect(share).toBeGreaterThan(0.9);
    expect(share).toBeLessThan(1.1);
    expect(wav16(x, 1, SAMPLE_RATE).equals(wav16(x, 1, SAMPLE_RATE))).toBe(true);
  });
});
