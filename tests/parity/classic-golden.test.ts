// The network of the project's origin and the sound it must give. Both, and the recording, lie beside this
// repository and never in it (the recording has no licence): without them there is nothing to compare.
import { existsSync, readFileSync } from "node:fs";
import type { Build } from "@neural-string/core-wasm";
import { describe, test } from "vitest";
import { renderStringLoop } from "../reference/string-loop.ts";
import { closeness, expectWithinDb } from "../support/closeness.ts";
import { BUILDS_HERE, play } from "../support/core-builds.ts";
import { TOLERANCES } from "../support/kernel-tolerances.ts";
import { readClassic } from "../support/model-bytes.ts";
import { readWav } from "../support/read-wav.ts";

const shared = new URL("../../../shared/", import.meta.url);
const files = [
  "reference/classic-strat.safetensors",
  "reference/classic-strat.render.wav",
  "data/strat-low-e/2.wav",
];
const missing = files.filter((file) => !existsSync(new URL(file, shared)));
const name = missing.length === 0 ? "classic-strat" : `classic-strat (skipped: no ${missing} in ../shared)`;

describe.skipIf(missing.length > 0)(name, () => {
  const load = () => {
    const [modelFile, golden, recording] = files.map((file) => new URL(file, shared));
    return {
      model: readClassic(readFileSync(modelFile)),
      golden: readWav(golden).samples,
      past: Float32Array.from(readWav(recording).samples.subarray(0, 1100)),
    };
  };

  const table = [
    ...BUILDS_HERE.map((build) => ({
      what: `${build} against the golden, 5 s`,
      a: ({ model, past, golden }: ReturnType<typeof load>) =>
        play(build as Build, model, past, golden.length),
      tolerance: TOLERANCES.classicGolden.limit,
      reason: TOLERANCES.classicGolden.reason,
    })),
    {
      what: "the float64 reference against the golden, 5 s",
      a: ({ model, past, golden }: ReturnType<typeof load>) =>
        renderStringLoop(model, past, golden.length, { extras: [0] }),
      tolerance: -100,
      reason: "float64 on both sides, exact tanh; the past and the golden are stored with 24 and 32 bits",
    },
  ];

  test.each(table)("$what", ({ what, a, tolerance }) => {
    const loaded = load();
    const sound = a(loaded);
    if (process.env.PARITY) console.log(what, closeness(sound, loaded.golden).relativeDb.toFixed(1));
    expectWithinDb(sound, loaded.golden, tolerance, what);
  });
});
