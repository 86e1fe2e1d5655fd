// Kernels against their float64 references, on every build (PARITY=1 prints what was measured). Loops of a second and
// more are in networks.test.ts, passive.test.ts and classic-golden.test.ts.
import {
  type Build,
  DelayLine,
  decayFeature,
  generateKarplusStrong,
  generateStiffString,
  karplusStrongGain,
  slidingEnergy,
  WindowReader,
} from "@neural-string/core-wasm";
import { describe, test } from "vitest";
import { readDelayed } from "../reference/delay-line.ts";
import { karplusStrong } from "../reference/karplus-strong.ts";
import * as meters from "../reference/meters.ts";
import { stiffString } from "../reference/stiff-string.ts";
import { renderStringLoop } from "../reference/string-loop.ts";
import { gatherWindow } from "../reference/windows.ts";
import { closeness, expectWithin } from "../support/closeness.ts";
import { BUILDS_HERE, newCore, play } from "../support/core-builds.ts";
import { TOLERANCES, type Tolerance } from "../support/kernel-tolerances.ts";
import { randomString, somePast } from "../support/networks.ts";

const past = somePast(700, 100);
const layer = randomString({ delays: [9, 300, 8, 31, 600], hidden: [], bias: 0.3 });
const hidden = randomString({
  delays: Array.from({ length: 84 }, (_, i) => 8 + 5 * i),
  hidden: [1500],
  bias: 0.3,
});
const deep = randomString({ delays: [8, 99, 100], hidden: [64, 64, 64], bias: 0.3 });
const definition = { window: 100, mean: -0.01, scale: 0.5, halfLife: 100 };
const pluck = { sampleRate: 44100, f0: 196, t60: 2, damping: 0.3, pluckPosition: 0.2, level: 0.5, seed: 2 };
const stiff = {
  ...{ sampleRate: 44100, f0: 196, inharmonicity: 1e-4, t60: [3, 2, 1], pluckPosition: 0.3 },
  ...{ detuneCents: 3, secondMix: 0.3, secondT60Ratio: 2, level: 0.5, seed: 2 },
};

interface Row {
  what: string;
  a: (build: Build) => ArrayLike<number>;
  b: () => ArrayLike<number>;
  tolerance: Tolerance;
}

const table: Row[] = [
  {
    what: "output layer alone, 5 taps, 8 samples",
    a: (build) => play(build, layer, past, 8),
    b: () => renderStringLoop(layer, past, 8),
    tolerance: TOLERANCES.linearNetwork,
  },
  {
    what: "84 taps, 1500 tanh neurons, 8 samples",
    a: (build) => play(build, hidden, past, 8),
    b: () => renderStringLoop(hidden, past, 8),
    tolerance: TOLERANCES.wideNetwork,
  },
  {
    what: "three hidden layers of 64, 8 samples",
    a: (build) => play(build, deep, past, 8),
    b: () => renderStringLoop(deep, past, 8),
    tolerance: TOLERANCES.deepNetwork,
  },
  {
    what: "delay line, 7.3 samples",
    a: (build) => {
      const line = new DelayLine(newCore(build), [7.3], 4);
      const out = new Float32Array(past.length);
      for (let n = 0; n < past.length; n += 4) {
        line.read(out.subarray(n, n + 4), 4);
        line.write(past.subarray(n, n + 4));
      }
      return out;
    },
    b: () => Float64Array.from(past, (_, n) => readDelayed(past, n, 7.3)),
    tolerance: TOLERANCES.fractionalDelay,
  },
  {
    what: "sliding energy, 100 samples",
    a: (build) => slidingEnergy(newCore(build), past, 100),
    b: () => meters.slidingEnergy(past, 100),
    tolerance: TOLERANCES.slidingEnergy,
  },
  {
    what: "decay feature, 100 samples",
    a: (build) => decayFeature(newCore(build), past, definition),
    b: () => meters.decayFeature(past, definition),
    tolerance: TOLERANCES.decayFeature,
  },
  {
    what: "Karplus-Strong, 0.5 s",
    a: (build) => generateKarplusStrong(newCore(build), { ...pluck, seconds: 0.5 }),
    b: () => karplusStrong({ ...pluck, period: 225, gain: karplusStrongGain(pluck) }, 22050),
    tolerance: TOLERANCES.karplusStrong,
  },
  {
    what: "stiff string, 0.5 s",
    a: (build) => generateStiffString(newCore(build), { ...stiff, seconds: 0.5 }),
    b: () => stiffString(stiff, 22050),
    tolerance: TOLERANCES.stiffString,
  },
  {
    what: "tap windows and targets",
    a: (build) => {
      const reader = new WindowReader(newCore(build), [past], Int32Array.of(100, 3), 0, 1);
      const { inputs, targets } = reader.gather([0], [650], [-1]);
      return [...inputs, ...targets];
    },
    b: () => {
      const { taps, target } = gatherWindow(past, 650, [100, 3], -1);
      return [...taps, target];
    },
    tolerance: TOLERANCES.windows,
  },
];

describe.each(table)("$what", ({ what, a, b, tolerance }) => {
  test.each(BUILDS_HERE)("is within the stated tolerance on %s", (build) => {
    const [actual, expected] = [a(build), b()];
    if (process.env.PARITY) console.log(`${what} ${build}: ${closeness(actual, expected).most}`);
    expectWithin(actual, expected, tolerance.limit, `${what}, ${build}`);
  });
});
