// Followed examples: which they are, that following them changes nothing, and that each loss is the one it should be.
import { tapDelays } from "@neural-string/shared";
import { chooseBackend } from "@neural-string/trainer/backend";
import { keepsLosses, spread } from "@neural-string/trainer/core/followed-examples";
import { beforeAll, describe, expect, test } from "vitest";
import { tinyPassive, tinyPassiveConfig, trainTinyPassive } from "../../support/passive-training.ts";
import {
  TINY_F0,
  TINY_RATE,
  tinyConfig,
  tinyHeader,
  tinyPluck,
  tinyTraining,
  trainTiny,
} from "../../support/training.ts";
import { expectSameState } from "../../support/training-state.ts";

beforeAll(async () => {
  await chooseBackend("wasm");
});

describe("spread", () => {
  test("has one place in each equal part, by the seeds alone", () => {
    const places = spread(1000, 8, 5);
    expect(places.map((place) => Math.floor(place / 125))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(spread(1000, 8, 5)).toEqual(places);
    expect(spread(1000, 8, 6)).not.toEqual(places);
  });

  test("is not in step with a period of its own length", () => {
    const phases = new Set(spread(40 * 500, 500, 1).map((place) => place % 40));
    expect(phases.size).toBeGreaterThan(30);
  });

  test("takes all where there are no more", () => {
    expect(spread(3, 8, 1)).toEqual([0, 1, 2]);
    expect(spread(0, 8, 1)).toEqual([]);
    expect(spread(3, 0, 1)).toEqual([]);
  });
});

test("losses are kept at every evaluation, or at 250 of very many", () => {
  expect([0, 5, 10].every((step) => keepsLosses(step, 5, 40))).toBe(true);
  expect(keepsLosses(7, 5, 40)).toBe(false);
  const kept = Array.from({ length: 10000 }, (_, i) => i + 1).filter((step) => keepsLosses(step, 1, 10000));
  expect(kept.length).toBe(250);
});

describe("a classic string's", () => {
  const config = tinyConfig({ selection: { lossExamples: 64 } });

  test("losses of a network that predicts silence are |target| over the level of its taps", async () => {
    const header = tinyHeader(config);
    const sizes = tinyTraining(config);
    const { examples } = sizes.followed ?? { examples: null };
    sizes.dispose();
    const [{ state }] = (await trainTiny(config)).states;
    const silent = new Map(
      [...state.parameters].map(([name, { shape, data }]) => [
        name,
        { shape, data: new Float32Array(data.length) },
      ]),
    );
    const { losses } = await trainTiny(config, { warmStart: silent });
    const sound = tinyPluck();
    const delays = tapDelays(header.tapPattern, TINY_RATE, TINY_F0);
    expect(examples?.sample.length).toBe(64);
    examples?.sample.forEach((sample, i) => {
      const rms = Math.sqrt(
        delays.reduce((sum, delay) => sum + sound[sample - delay] ** 2, 0) / delays.length,
      );
      // alpha 1 has no part in it: silence is not louder than anything
      expect(losses[0].losses[i]).toBeCloseTo(Math.abs(sound[sample]) / (rms + 1e-2), 5);
    });
  });

  test("facts tell level and phase as the recording has them", () => {
    const training = tinyTraining(config);
    const { of, examples } = training.followed ?? { of: null, examples: null };
    training.dispose();
    const sound = tinyPluck();
    const period = TINY_RATE / TINY_F0;
    expect(of).toBe("samples");
    examples?.sample.forEach((sample, i) => {
      const past = sound.subarray(sample - period, sample);
      const power = past.reduce((sum, x) => sum + x * x, 0) / period;
      expect(examples.levelDb[i]).toBeCloseTo(10 * Math.log10(power), 1);
      expect(examples.relative[i]).toBeCloseTo(sound[sample] / Math.sqrt(power), 2);
    });
  });

  test("are undisturbed, evaluated at the beginning and at every evaluation, and change no bit", async () => {
    const noisy = { data: { inputNoise: 0.5 }, training: { dropout: 0.5 } };
    const followed = await trainTiny(tinyConfig({ ...noisy, selection: { lossExamples: 5 } }));
    const left = await trainTiny(tinyConfig({ ...noisy, selection: { lossExamples: 0 } }));
    expect(followed.losses.map(({ step }) => step)).toEqual([0, 10, 20, 30, 40]);
    expect(followed.losses[0].losses.length).toBe(5);
    expect(left.losses).toEqual([]);
    expectSameState(followed.end, left.end);
    // the first row is of a fresh network, whatever is added to the batches it will be trained on
    const plain = await trainTiny(tinyConfig({ selection: { lossExamples: 5 } }));
    expect(followed.losses[0]).toEqual(plain.losses[0]);
  });

  test("of a loss of windows are windows, one loss each", async () => {
    const loss = { name: "window_normalized_mse", window: 16, floor: 1e-6 };
    const windows = tinyConfig({ training: { loss }, selection: { lossExamples: 160 } });
    const training = tinyTraining(windows);
    expect(training.followed).toMatchObject({ window: 16, loss: "window_normalized_mse" });
    expect(training.followed?.examples.sample.length).toBe(10);
    training.dispose();
    const { losses } = await trainTiny(windows);
    expect(losses[0].losses.length).toBe(10);
    expect(losses[0].losses.every((loss) => loss > 0)).toBe(true);
  });
});

describe("a passive string's", () => {
  test("are rollouts, a row at every evaluation of a stage, and change no bit", async () => {
    const config = tinyPassiveConfig();
    const { selection } = config;
    const followed = await trainTinyPassive({ ...config, selection: { ...selection, lossExamples: 5 } });
    const left = await trainTinyPassive({ ...config, selection: { ...selection, lossExamples: 0 } });
    // those on the grid of 24 / 6 steps; the ends of stages between are heard, not kept
    expect(followed.losses.map(({ step }) => step)).toEqual([4, 8, 12, 16, 20, 24]);
    expect(followed.losses.every(({ losses }) => losses.length === 5 && losses.every((x) => x > 0))).toBe(
      true,
    );
    expect(left.losses).toEqual([]);
    expectSameState(followed.end, left.end);
  });

  test("begin where their names say, in the part that is learned from", () => {
    const training = tinyPassive(tinyPassiveConfig());
    const { of, window, examples } = training.followed ?? { of: null, window: 0, examples: null };
    expect(of).toBe("rollouts");
    expect(window).toBe(4000); // half a second
    expect(examples?.sample.length).toBe(24);
    const [{ start }] = training.material.heldOut;
    for (const sample of examples?.sample ?? []) expect(sample + window).toBeLessThanOrEqual(start);
    expect(new Set(examples?.sample).size).toBe(24);
    training.dispose();
  });
});
