// The mixture's weights in float64 against the reference, and against the player's own while it plays.
import { mixtureWeightsAlong, Resonator } from "@neural-string/core-wasm";
import { describe, expect, test } from "vitest";
import { mixtureWeights, trackWeights } from "../../packages/core-wasm/src/mixture-weights.ts";
import { mixtureWeights as expectedWeights, renderPassive } from "../reference/passive-string.ts";
import { mulberry32 } from "../reference/random.ts";
import { expectWithin } from "../support/closeness.ts";
import { newCore } from "../support/core-builds.ts";
import { makePassiveModel } from "../support/passive-models.ts";
import { filtersOf, mixtureOf, samplesOf } from "../support/passive-playing.ts";

const HOP = 64;
const { model } = makePassiveModel({ filters: 3, controls: 2, hop: HOP, hidden: 5, seed: 4 });
const controls = [0.4, -0.8];

function sound(samples: number, level: number): Float32Array {
  const random = mulberry32(9);
  return Float32Array.from({ length: samples }, (_, n) => level * (random() - 0.5) * Math.exp(-n / 300));
}

describe("mixtureWeights", () => {
  test.each([0, 10, 49, 50, 99, 130, 700])("is the reference's %i samples after silence", (at) => {
    const y = sound(700, 0.8);
    const period = Math.round(model.sampleRate / model.f0);
    const expected = expectedWeights(
      { ...model, hidden: 5, hop: HOP, period },
      [...new Array(2 * period).fill(0), ...y.subarray(0, at)],
      controls,
    );
    const weights = mixtureWeights(model, y, at, controls);
    expectWithin(weights, expected, 1e-12);
    expect(weights.reduce((sum, s) => sum + s * s, 0)).toBeCloseTo(1, 12);
  });

  test.each([1, 1e-3, 0])("is the player's, hop by hop, at level %f", (level) => {
    const past = sound(400, level);
    const string = new Resonator(newCore("simd"), model);
    controls.forEach((value, i) => {
      string.setControl(i, value);
    });
    string.excite(past);
    const rendered = new Float32Array(12 * HOP);
    const heard = new Float32Array(past.length + rendered.length);
    heard.set(past);
    for (let n = 0; n < rendered.length; n += HOP) {
      // they are asked for at a hop's first sample
      string.process(rendered.subarray(n, n + 1));
      const weights = string.mixtureWeights();
      string.process(rendered.subarray(n + 1, n + HOP));
      // float32 sums over a period, a network in float32
      expectWithin(weights, mixtureWeights(model, heard, past.length + n, controls), 1e-5, `at ${n}`);
      heard.set(rendered, past.length);
    }
  });

  test("does not overflow where the network is sure", () => {
    const sure = { ...model, outputBias: Float32Array.of(2000, 0, -2000) };
    expect([...mixtureWeights(sure, sound(100, 1), 100, controls)]).toEqual([1, 0, 0]);
  });
});

describe("mixtureWeightsAlong", () => {
  test.each([HOP, 20])("is what the reference plays with, hops of %i", (hop) => {
    const moving = makePassiveModel({ filters: 3, controls: 2, hop, hidden: 5, seed: 4 }).model;
    const played = renderPassive(
      {
        tunings: [filtersOf(moving)],
        mixture: mixtureOf(moving),
        controls: () => controls,
        excitation: samplesOf(sound(300, 0.8)),
      },
      700,
    );
    const track = mixtureWeightsAlong(moving, played.y, controls);
    track.forEach((line, k) => {
      expectWithin(
        line,
        played.s.map((s) => s[k]),
        1e-12,
        `filter ${k}`,
      );
    });
    // it moves, and nowhere by a step
    const most = Math.max(
      ...track.flatMap((line) => [...line.slice(1)].map((s, n) => Math.abs(s - line[n]))),
    );
    const way = Math.max(...track.map((line) => Math.max(...line) - Math.min(...line)));
    expect(way).toBeGreaterThan(0.05);
    expect(most).toBeLessThanOrEqual(way / Math.min(32, hop) + 1e-12);
  });

  test("of one filter is 1", () => {
    expect(mixtureWeightsAlong(makePassiveModel().model, sound(100, 1))).toEqual([
      new Float64Array(100).fill(1),
    ]);
  });
});

describe("trackWeights", () => {
  const period = Math.round(model.sampleRate / model.f0);
  const ask = (y: ArrayLike<number>, end: number) => mixtureWeights(model, y, end, controls);

  test.each([0, 1, 17, 63])(
    "counts its hops back from the end of a past, %i samples beyond whole ones",
    (beyond) => {
      const y = Float64Array.from(sound(6 * HOP + beyond, 0.8));
      const first = beyond === 0 ? 0 : beyond - HOP;
      const starts = Array.from({ length: (y.length - first) / HOP }, (_, i) => first + i * HOP);
      const known = starts.find((at) => at >= 2 * period) ?? y.length;
      const asked = starts.map((at) => ask(y, Math.max(at, known)));
      expect(known).toBeGreaterThan(HOP);
      trackWeights(model, y, controls).forEach((line, k) => {
        const expected = y.map((_, n) => {
          const i = Math.floor((n - first) / HOP);
          const part = Math.min(1, (n - starts[i]) / 32);
          const before = asked[Math.max(0, i - 1)][k];
          return before + part * (asked[i][k] - before);
        });
        expectWithin(line, expected, 1e-12, `filter ${k}`);
      });
    },
  );

  test("of a past shorter than two periods they are those at its end", () => {
    const y = Float64Array.from(sound(2 * period - 1, 0.8));
    const [a, b, c] = ask(y, y.length);
    trackWeights(model, y, controls).forEach((line, k) => {
      expect(new Set(line)).toEqual(new Set([[a, b, c][k]]));
    });
  });
});
