// The glide of a string that is plucked hard, and the mixture that begins laid out along it.

import { glideDelays, levelNetwork, measureGlide } from "@neural-string/trainer/core/passive/glide";
import { expandParameters } from "@neural-string/trainer/core/passive/variables";
import { describe, expect, test } from "vitest";
import { mulberry32 } from "../../../reference/random.ts";
import { smallParameters } from "../../../support/passive-facts.ts";
import { TINY_TUNING, tinyPassive, tinyPassiveConfig } from "../../../support/passive-training.ts";

const GLIDE = { cents: 8, level: 0.08 };

/** s^2 of each filter at a level (mean square), from the network alone. */
function shares(network: ReturnType<typeof levelNetwork>, level: number, inputs: number): number[] {
  const x = Math.log10(level + 1e-9) / 2 + 1.5;
  const hidden = Array.from(network.hiddenBias, (bias, i) =>
    Math.tanh(bias + network.hiddenWeight[i * inputs] * x),
  );
  const z = Array.from(network.outputBias, (bias, k) =>
    hidden.reduce((sum, h, i) => sum + network.outputWeight[k * hidden.length + i] * h, bias),
  );
  const total = z.reduce((sum, value) => sum + Math.exp(value), 0);
  return z.map((value) => Math.exp(value) / total);
}

describe("a glide", () => {
  test("spreads delays over its cents, the flattest filter first", () => {
    for (const filters of [2, 3, 5]) {
      const delays = glideDelays(filters, GLIDE, 535);
      expect(delays).toEqual([...delays].sort((a, b) => a - b));
      const cents = (1200 / Math.LN2 / 535) * (delays[filters - 1] - delays[0]);
      expect(cents).toBeCloseTo(8, 9);
      expect(delays[0]).toBeLessThan(0);
    }
  });

  test.each([1, 2, 3, 4])("its network follows the level, whatever the seed: %i", (seed) => {
    const inputs = 3;
    const network = levelNetwork(3, 16, inputs, GLIDE, mulberry32(seed));
    const cents = (level: number) => {
      const [, middle, loud] = shares(network, level, inputs);
      return 8 * (0.25 * middle + loud);
    };
    expect(cents(1e-5)).toBeLessThan(0.6);
    expect(cents(0.002)).toBeLessThan(1.2);
    // near 8 cents times the share of the loudest level: learning does the rest
    for (const level of [0.02, 0.04, 0.08]) {
      expect(Math.abs(cents(level) - (8 * level) / 0.08)).toBeLessThan(2.5);
    }
    // only the level, the first input, counts
    expect(network.hiddenWeight.filter((_, i) => i % inputs !== 0).every((w) => w === 0)).toBe(true);
  });

  /** Ten partials, sharper by `cents` at the level they start with, in proportion to their energy; the planes beat. */
  function gliding(cents: number, second = -0.02): Float32Array {
    const out = new Float32Array(4 * 44100);
    const planes = [0, 0];
    for (let n = 0; n < out.length; n++) {
      const energy = 10 ** ((-6 * n) / 44100 / 6);
      for (const [i, flat] of [0, 2.2].entries()) {
        planes[i] += ((2 * Math.PI * 82.4) / 44100) * 2 ** ((cents * energy - flat) / 1200);
        for (let k = 1; k <= 10; k++) {
          const stretched = k * Math.sqrt((1 + 1.4e-4 * k * k) / (1 + 1.4e-4));
          const t60 = (i === 0 ? 6 : 20) / (1 + 0.02 * k * k);
          out[n] +=
            ((i === 0 ? 0.1 : second) / k) *
            10 ** ((-3 * n) / 44100 / t60) *
            Math.sin(stretched * planes[i] + k);
        }
      }
    }
    return out;
  }
  const measured = (samples: Float32Array) =>
    measureGlide([{ samples, sampleRate: 44100, f0: 82.4 }], 1.4e-4);

  test("is measured in a beating, stiff string, and where there is none, none is found", () => {
    for (const cents of [4, 8, 16]) {
      const found = measured(gliding(cents)).cents;
      expect(found).toBeGreaterThan(0.7 * cents - 1);
      expect(found).toBeLessThan(1.3 * cents + 1);
    }
    expect(measured(gliding(0, 0)).cents).toBe(0);
    expect(measured(gliding(-8)).cents).toBe(0);
    // a flatter plane that outlives the other is heard as a glide of no more than what lies between them, or little more
    expect(measured(gliding(0)).cents).toBeLessThan(3);
  });

  test("needs a recording that is long and loud enough", () => {
    expect(measured(gliding(8).subarray(0, 8000)).cents).toBe(0);
    expect(measured(new Float32Array(90000)).cents).toBe(0);
    expect(measureGlide([], 0).cents).toBe(0);
  });

  test("filters of an expanded mixture differ by their delays alone", () => {
    const linear = smallParameters(1);
    const shape = { filters: 3, hidden: 5, inputs: 2 };
    const expanded = expandParameters(linear, shape, mulberry32(1), { ...GLIDE, period: 50 });
    const bins = 33;
    const rows = (name: string) => {
      const data = expanded.get(name)?.data ?? new Float32Array(0);
      return [0, 1, 2, 3].map((row) => data.subarray(row * bins, (row + 1) * bins));
    };
    const damping = rows("filters.logDamping");
    expect(damping[1]).toEqual(damping[2]);
    expect(damping[1]).toEqual(damping[3]);
    const phase = rows("filters.phase");
    const delays = glideDelays(3, GLIDE, 50);
    for (const bin of [3, 20]) {
      const w = (2 * Math.PI * bin) / 64;
      expect(phase[3][bin] - phase[1][bin]).toBeCloseTo(w * (delays[2] - delays[0]), 5);
    }
  });
});

test("a training measures the glide where it is asked to, on what it may hear", () => {
  const { sampleRate, f0 } = TINY_TUNING;
  const samples = new Float32Array(3 * sampleRate);
  let phase = 0;
  for (let n = 0; n < samples.length; n++) {
    const amplitude = 10 ** ((-3 * n) / sampleRate / 4);
    phase += ((2 * Math.PI * f0) / sampleRate) * 2 ** ((10 * amplitude ** 2) / 1200);
    for (let k = 1; k <= 8; k++) samples[n] += ((0.2 * amplitude) / k) * Math.sin(k * phase + k);
  }
  for (const glide of [true, false]) {
    const training = tinyPassive(tinyPassiveConfig({ sequence: { glide } }), {
      recordings: [{ samples, f0, controls: [], tuning: TINY_TUNING }],
      facts: { tuning: TINY_TUNING, hop: 64, controls: 0, cap: 0.997 },
    });
    if (glide) expect(Math.abs(training.glide.cents - 10)).toBeLessThan(5);
    else expect(training.glide.cents).toBe(0);
    training.dispose();
  }
});
