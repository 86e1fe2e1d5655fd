import { MetricsSchema, UserError } from "@neural-string/shared";
import { measureRender } from "@neural-string/trainer/measure/metrics";
import { describe, expect, test } from "vitest";
import {
  addPartial,
  partialFrequency,
  type StringSound,
  syntheticString,
} from "../../support/synthetic-string.ts";

const sound: StringSound = { sampleRate: 44100, seconds: 2.5, f0: 110, B: 1e-4, t60: 4, damping: 0.02 };
const target = syntheticString(sound);
const options = { f0: 110 };

describe("measureRender obeys laws", () => {
  test("a render that is its target has no distance, and every partial's T60 ratio is 1", () => {
    const metrics = measureRender(target, target, 44100, options);
    expect(metrics).toMatchObject({ lsdDb: 0, edrDb: 0, edcDb: 0, partialDb: 0, cents: 0, seconds: 2.5 });
    expect(metrics.endRmsDb).toBe(metrics.targetEndRmsDb);
    expect(metrics.partials.map(({ partial }) => partial)).toEqual(
      Array.from({ length: 16 }, (_, i) => i + 1),
    );
    for (const { t60Ratio, cents } of metrics.partials) expect([t60Ratio, cents]).toEqual([1, 0]);
    expect(MetricsSchema.parse(metrics)).toEqual(metrics);
  });

  test.each([1e-3, 1e3])("scaling both sounds by %f changes nothing", (gain) => {
    const render = syntheticString({ ...sound, t60: 3, f0: 110.2 });
    const before = measureRender(render, target, 44100, options);
    const after = measureRender(
      render.map((v) => gain * v),
      target.map((v) => gain * v),
      44100,
      options,
    );
    for (const name of ["lsdDb", "edrDb", "edcDb", "partialDb", "cents", "endRmsDb", "dcEnd"] as const) {
      expect(after[name], name).toBeCloseTo(before[name] as number, 3);
    }
  });

  test("a render g dB louder is g dB off in energy and partials, and as well in tune", () => {
    const metrics = measureRender(
      target.map((v) => 2 * v),
      target,
      44100,
      options,
    );
    const g = 20 * Math.log10(2);
    for (const name of ["edrDb", "edcDb", "partialDb"] as const)
      expect(metrics[name], name).toBeCloseTo(g, 3);
    expect(metrics.cents).toBeCloseTo(0, 6);
    expect(metrics.endRmsDb - metrics.targetEndRmsDb).toBeCloseTo(g, 5);
  });

  test("float32 and float64 give the same numbers to a thousandth", () => {
    const render = syntheticString({ ...sound, t60: 3 });
    const [a, b] = [render, Float32Array.from(render)].map((y) => measureRender(y, target, 44100, options));
    expect(a.edrDb).toBeCloseTo(b.edrDb, 3);
    expect(a.lsdDb).toBeCloseTo(b.lsdDb, 3);
  });

  test("neither sound is changed", () => {
    const [y, x] = [target.slice(), target.slice()];
    y[5] = Number.NaN;
    measureRender(y, x, 44100, options);
    expect(x).toEqual(target);
    expect(y[5]).toBeNaN();
  });
});

describe("measureRender recovers physics", () => {
  test.each([
    [44100, 41.2, 1.3],
    [48000, 82.5, 0.6],
    [96000, 440, 2],
    [44100, 1000, 0.8],
  ])("T60 ratios and detuning at %i Hz, f0 %f, ratio %f", (sampleRate, f0, ratio) => {
    const detune = 2 ** (4 / 1200);
    const [x, y] = [
      syntheticString({ sampleRate, seconds: 3, f0, t60: 5, partials: 8 }),
      syntheticString({ sampleRate, seconds: 3, f0: f0 * detune, t60: 5 * ratio, partials: 8 }),
    ];
    const metrics = measureRender(y, x, sampleRate, { f0 });
    expect(metrics.cents).toBeCloseTo(4, 1);
    for (const { partial, frequency, t60Seconds, t60Ratio, cents } of metrics.partials) {
      expect(frequency / partialFrequency(partial, f0, 0)).toBeCloseTo(1, 4);
      expect(Math.abs((t60Seconds ?? 0) / 5 - 1)).toBeLessThan(0.03);
      expect(Math.abs((t60Ratio ?? 0) / ratio - 1)).toBeLessThan(0.03);
      expect(Math.abs(cents - 4)).toBeLessThan(0.2);
    }
    expect(metrics.partials).toHaveLength(8);
  });

  test("a partial out of tune by a quarter tone is followed where it is", () => {
    const render = syntheticString({ ...sound, f0: 110 * 1.015, B: 0, t60: 6, damping: 0, partials: 8 });
    const { partials } = measureRender(
      render,
      syntheticString({ ...sound, B: 0, damping: 0 }),
      44100,
      options,
    );
    expect(partials[5].t60Ratio).toBeCloseTo(1.5, 1);
  });

  test("a weak partial that dies beside strong ones does not inherit their T60", () => {
    const x = syntheticString({ ...sound, f0: 41, B: 0, partials: 3, t60: 20, damping: 0, seconds: 4 });
    addPartial(x, { cycles: (4 * 41) / 44100, amplitude: 0.1, nepers: Math.log(1000) / 44100, phase: 0 });
    const { partials } = measureRender(x, x, 44100, { f0: 41 });
    const t60 = partials.find(({ partial }) => partial === 4)?.t60Seconds ?? 0;
    expect(Math.abs(t60 - 1)).toBeLessThan(0.1);
  });
});

describe("measureRender takes what the judge cannot", () => {
  test("partials beyond Nyquist", () => {
    const x = syntheticString({ sampleRate: 44100, seconds: 1, f0: 3000, t60: 2 });
    expect(measureRender(x, x, 44100, { f0: 3000 }).partials).toHaveLength(7);
  });

  test("a quarter of a second", () => {
    const x = target.subarray(0, 11025);
    expect(MetricsSchema.safeParse(measureRender(x, x, 44100, options)).success).toBe(true);
  });

  test("renders that are silent, NaN throughout, or near overflow, all in finite numbers", () => {
    for (const value of [0, Number.NaN, Number.NEGATIVE_INFINITY, 1e300]) {
      const metrics = measureRender(new Float64Array(target.length).fill(value), target, 44100, options);
      expect(MetricsSchema.safeParse(metrics).error).toBeUndefined();
    }
  });

  test("a recording that is all noise: nothing of its partials, or a refusal", () => {
    const noise = syntheticString({ ...sound, seconds: 7, amplitude: 0, noise: 0.1 });
    expect(() => measureRender(noise, noise, 44100, { f0: 110, seconds: 2 })).toThrow(
      "target: expected sound 10 dB above its own noise, got less; nothing can be compared",
    );
  });
});

describe("measureRender refuses in one sentence", () => {
  const message = (run: () => unknown) => {
    try {
      run();
    } catch (error) {
      if (error instanceof UserError) return error.message;
      throw error;
    }
    return "nothing was thrown";
  };

  test("a short render", () => {
    expect(message(() => measureRender(target.subarray(0, 44100), target, 44100, options))).toBe(
      "render: expected at least 110250 samples (2.50 s), got 44100; render longer or compare fewer seconds",
    );
    // one sample short is rounding, as the judge has it
    expect(message(() => measureRender(target.subarray(1), target, 44100, options))).toBe(
      "nothing was thrown",
    );
  });

  test("too short a stretch", () => {
    expect(message(() => measureRender(target, target, 44100, { f0: 110, seconds: 0.1 }))).toBe(
      "stretch to compare: expected at least 11025 samples at 44100 Hz, got 4410; take a longer recording or more seconds",
    );
  });

  test("impossible numbers", () => {
    expect(message(() => measureRender(target, target, 44100, { f0: 30000 }))).toBe(
      "f0: expected 10 Hz to just below 22050 Hz (Nyquist), got 30000",
    );
    expect(message(() => measureRender(target, target, 0, options))).toBe(
      "sample rate: expected at least 4000 Hz, got 0; resample the recording",
    );
    expect(message(() => measureRender(target, target, 44100, { f0: 110, seconds: Number.NaN }))).toBe(
      "seconds: expected more than 0, got NaN",
    );
  });

  test("a damaged or silent target", () => {
    const damaged = target.slice();
    damaged[7] = Number.NaN;
    expect(message(() => measureRender(target, damaged, 44100, options))).toBe(
      "target: expected finite samples, got NaN at 7; the recording is damaged",
    );
    expect(message(() => measureRender(target, new Float64Array(44100), 44100, options))).toBe(
      "target: expected sound in its first 0.2 s, got silence; skip to where the note sounds",
    );
  });
});
