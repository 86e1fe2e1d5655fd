// Networks like those that people will try, a second long, against the float64 reference on every build. Random,
// but lively and decaying; a chaotic loop would magnify rounding until nothing could be compared.
import type { Build, ClassicModel, DecayFeature, Resonator } from "@neural-string/core-wasm";
import { describe, expect, test } from "vitest";
import { decayMeter } from "../reference/meters.ts";
import { type LoopInputs, renderStringLoop } from "../reference/string-loop.ts";
import { closeness, expectWithinDb } from "../support/closeness.ts";
import { BUILDS_HERE, play } from "../support/core-builds.ts";
import { TOLERANCES, type Tolerance } from "../support/kernel-tolerances.ts";
import {
  type NetworkOptions,
  randomString,
  somePast,
  stringSlope,
  tapsAround,
  tuneSlope,
} from "../support/networks.ts";

const PERIOD = 534;
const FRAMES = 44100;
const past = somePast(2 * PERIOD, PERIOD);
const decay: DecayFeature = { kind: "decay", window: 550, mean: -0.05, scale: 0.04 };
const nearby = [...tapsAround(PERIOD, [1], 3, 2), ...tapsAround(PERIOD, [0.25, 0.5, 0.75], 2, 2)];

function lively(options: NetworkOptions, extras: number[] = []): ClassicModel {
  const model = randomString({ bias: 0.2, ...options });
  return tuneSlope(model, stringSlope(options.delays, PERIOD, 0.99), extras);
}

/** The live decay feature of the reference: looked at after every step of eight samples, as design and core say. */
function liveDecay(): LoopInputs {
  const extras = [0];
  const meter = decayMeter({ ...decay, mean: decay.mean ?? 0, halfLife: 44100 / 82.46 });
  const afterStep = (line: Float64Array, from: number, to: number) => {
    extras[0] = meter(line, to, to - from);
  };
  return { extras, step: 8, afterStep };
}

interface Row {
  what: string;
  a: ClassicModel;
  b: LoopInputs;
  set?: (string: Resonator) => void;
  tolerance: Tolerance;
}

const table: Row[] = [
  {
    what: "taps at 1 and 2, T-3..T+2, T/4, T/2, 3T/4 +-2; hidden 20",
    a: lively({ delays: [1, 2, ...nearby], hidden: [20] }),
    b: {},
    tolerance: TOLERANCES.classicLoop,
  },
  {
    // a bare recursion of order two, poles close to the unit circle: it multiplies rounding by hundreds
    what: "taps at 1 and 2 only; hidden 20",
    a: tuneSlope(randomString({ delays: [1, 2], hidden: [20], drive: 0.3, bias: 0 }), [
      2 * 0.9999 * Math.cos((2 * Math.PI * 220) / 44100),
      -(0.9999 ** 2),
    ]),
    b: {},
    tolerance: TOLERANCES.nearLoop,
  },
  {
    what: "22 taps; hidden 1500; decay feature held at 0.3",
    a: lively({ delays: nearby, hidden: [1500], features: [decay] }, [0.3]),
    b: { extras: [0.3] },
    set: (string) => string.setFeature(0, 0.3),
    tolerance: TOLERANCES.classicLoop,
  },
  {
    what: "22 taps; hidden 100; decay feature live",
    a: lively({ delays: nearby, hidden: [100], features: [decay], drive: 0.4, bias: 0.05 }),
    b: liveDecay(),
    set: (string) => string.setFeatureLive(0),
    tolerance: TOLERANCES.classicLoop,
  },
  {
    // seven neurons are a group and a ragged one, and what controls and feature add goes through both
    what: "22 taps; hidden 7; two controls and a decay feature held",
    a: lively(
      { delays: nearby, hidden: [7], controls: 2, features: [decay], drive: 0.4, bias: 0.05 },
      [0.4, -0.7, 0.3],
    ),
    b: { extras: [0.4, -0.7, 0.3] },
    set: (string) => {
      string.setControl(0, 0.4, 0);
      string.setControl(1, -0.7, 0);
      string.setFeature(0, 0.3);
    },
    tolerance: TOLERANCES.classicLoop,
  },
  {
    what: "84 taps, T, T/4, T/2, 3T/4 +-10; hidden 1500",
    a: lively({ delays: tapsAround(PERIOD, [1, 0.25, 0.5, 0.75], 10, 10), hidden: [1500] }),
    b: {},
    tolerance: TOLERANCES.classicLoop,
  },
];

describe.each(table)("$what", ({ what, a, b, set, tolerance }) => {
  const reference = renderStringLoop(a, past, FRAMES, b);

  test("sounds, and decays", () => {
    const rms = (from: number, to: number) =>
      Math.hypot(...reference.subarray(from, to)) / Math.sqrt(to - from);
    const [first, last] = [rms(0, 4410), rms(FRAMES - 4410, FRAMES)];
    expect(first).toBeGreaterThan(0.02);
    expect(last / first).toBeGreaterThan(0.005);
    expect(last / first).toBeLessThan(0.9);
  });

  test.each(BUILDS_HERE)("is within the stated tolerance on %s", (build: Build) => {
    const sound = play(build, a, past, FRAMES, { set });
    if (process.env.PARITY) console.log(what, build, closeness(sound, reference).relativeDb.toFixed(1));
    expectWithinDb(sound, reference, tolerance.limit, `${what}, ${build}`);
  });
});
