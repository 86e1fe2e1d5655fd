import { comparedStretch, soundPlots } from "@neural-string/trainer/report/sound-plots";
import { beforeAll, describe, expect, test } from "vitest";
import { judge, judgedSound, reportInput, SAMPLE_RATE } from "../../support/report-fixture.ts";

let good: ReturnType<typeof reportInput>;
beforeAll(() => {
  good = reportInput("good");
});

describe("soundPlots", () => {
  test("shows the EDR difference that the metric averages", () => {
    const { relief } = soundPlots(good.sounds[0], good.judgements[0]);
    const compared = relief?.difference.values.filter((value) => value !== null) ?? [];
    const mean = compared.reduce((sum, value) => sum + Math.abs(value), 0) / compared.length;
    // the picture holds every other frame: 3 % is what that may move the mean of a smooth surface
    expect(mean / good.judgements[0].metrics.edrDb).toBeCloseTo(1, 1);
    expect(Math.abs(mean / good.judgements[0].metrics.edrDb - 1)).toBeLessThan(0.03);
  });

  test("keeps heat maps small and whole: every band, at most 200 frames, loudest cell of the recording at 0 dB", () => {
    const { relief } = soundPlots(good.sounds[0], good.judgements[0]);
    for (const map of Object.values(relief ?? {})) {
      expect(map.frames).toBeLessThanOrEqual(200);
      expect(map.values).toHaveLength((map.edges.length - 1) * map.frames);
    }
    expect(relief?.target.values.reduce<number>((top, v) => Math.max(top, v ?? top), -200)).toBeCloseTo(0, 0);
  });

  test("starts the recording's decay curve at 0 dB and lets it fall", () => {
    const values = soundPlots(good.sounds[0], good.judgements[0]).curve?.series[0].values ?? [];
    expect(values[0]).toBeCloseTo(0, 9);
    expect(values.every((value, i) => i === 0 || (value ?? 0) <= (values[i - 1] ?? 0))).toBe(true);
  });

  test("shows decay curves as high as they are: their last plunge does not make the picture deeper", () => {
    const { sampleRate } = good.sounds[0];
    /** Falls this much in each of five seconds. */
    const picture = (db: number) => {
      const sound = Float32Array.from({ length: 5 * sampleRate }, (_, n) => {
        const level = 10 ** ((-db * n) / sampleRate / 20);
        return level * Math.sin((2 * Math.PI * 110 * n) / sampleRate);
      });
      const same = { recording: "a", sampleRate, target: sound, render: sound };
      const judgement = structuredClone(good.judgements[0]);
      judgement.metrics.seconds = 5;
      return soundPlots(same, judgement).curve;
    };
    // 2 dB a second: -9.7 dB near the end, and some 9 more since little is left to come
    expect(picture(2)?.y.min).toBeGreaterThan(-40);
    expect(picture(2)?.y.min).toBeLessThan(-20);
    expect(picture(20)?.y.min).toBe(-80);
    expect(picture(2)?.series[0].values.at(-1)).toBeLessThan(-40);
  });

  test("shows the fundamental where it is in the spectrum, as loud as it is", () => {
    const spectrum = soundPlots(good.sounds[0], good.judgements[0]).spectrum;
    const values = spectrum?.series[0].values ?? [];
    const at = values.indexOf(0);
    // the bins of 16384 points lie 2.7 Hz apart
    expect(Math.abs((spectrum?.xs[at] ?? 0) - 82.41)).toBeLessThan(2.7);
  });

  test("gives the render's T60 as the recording's times the ratio, null where unknown", () => {
    const judgement = structuredClone(good.judgements[0]);
    judgement.metrics.partials = [
      { partial: 1, frequency: 82, cents: 0, t60Seconds: 8, t60Ratio: 0.5 },
      { partial: 2, frequency: 164, cents: 0, t60Seconds: 6, t60Ratio: null },
      { partial: 3, frequency: 246, cents: 0, t60Seconds: null, t60Ratio: null },
    ];
    const t60 = soundPlots(good.sounds[0], judgement).t60;
    expect(t60?.xs).toEqual([82, 164]);
    expect(t60?.series.find(({ label }) => label === "render")?.values).toEqual([4, null]);
    judgement.metrics.partials = [];
    expect(soundPlots(good.sounds[0], judgement).t60).toBeNull();
  });

  test("draws a render that breaks into NaN with finite numbers only", () => {
    const sound = judgedSound("broken.wav", { brokenFrom: SAMPLE_RATE });
    const text = JSON.stringify(soundPlots(sound, judge(sound, false)), (_, value) => {
      if (typeof value === "number" && !Number.isFinite(value)) throw new Error("not finite");
      return value;
    });
    expect(text.length).toBeLessThan(300_000);
  });

  test.each([0, 1, 300, 3000])(
    "answers null where %i samples are too few for a picture, and never fails",
    (length) => {
      const [sound, judgement] = [good.sounds[0], good.judgements[0]];
      const short = {
        ...sound,
        target: sound.target.subarray(0, length),
        render: sound.render.subarray(0, length),
      };
      const { relief, spectrum, curve } = soundPlots({ ...short, karplusStrong: undefined }, judgement);
      expect(relief === null).toBe(length < 2048 + 512);
      expect(spectrum === null).toBe(length < 512);
      expect(curve === null).toBe(length < 2);
    },
  );

  test("draws no decay of silence", () => {
    const [sound, judgement] = [good.sounds[0], good.judgements[0]];
    const silent = { ...sound, target: new Float32Array(sound.target.length) };
    expect(soundPlots(silent, judgement)).toMatchObject({ relief: null, curve: null, spectrum: null });
  });

  test("leaves out bands beyond Nyquist", () => {
    const [sound, judgement] = [good.sounds[0], good.judgements[0]];
    const { relief } = soundPlots({ ...sound, sampleRate: 8000 }, judgement);
    expect(relief?.target.edges.at(-2)).toBeLessThan(4000);
  });
});

describe("comparedStretch", () => {
  test("cuts every sound to the seconds that were compared", () => {
    const { target, render, karplusStrong } = comparedStretch(good.sounds[0], good.judgements[0]);
    expect([target, render, karplusStrong].map((x) => x?.length)).toEqual(Array(3).fill(5 * SAMPLE_RATE));
  });
});
