/** What training knows of a small string, for the tests of its export; and recordings a model can be learned from. */
import { generateStiffString } from "@neural-string/core-wasm";
import type { StringFacts } from "@neural-string/trainer/core/passive/export";
import { startSpectra } from "@neural-string/trainer/core/passive/start";
import { retuned, type Tuning } from "@neural-string/trainer/core/passive/tuning";
import {
  expandParameters,
  type Parameters,
  startParameters,
} from "@neural-string/trainer/core/passive/variables";
import { mulberry32 } from "../reference/random.ts";
import { newCore } from "./core-builds.ts";

/** Gain per round trip that the small string may have. */
export const SMALL_CAP = 0.997;
export const SMALL_TUNING: Tuning = { sampleRate: 8000, f0: 160, taps: 64, ahead: 37, fade: 16 };

/** A stiff string at 8 kHz, from its onset. @param f0 Hz, of the sounding first partial, nearly */
export function smallString(f0 = 160, seconds = 2, seed = 1): Float32Array {
  return generateStiffString(newCore("simd"), {
    sampleRate: 8000,
    f0,
    seconds,
    inharmonicity: 2e-5 * (f0 / 160) ** 2,
    t60: Array.from({ length: 24 }, (_, i) => 1.5 / (1 + 0.02 * i * i)),
    pluckPosition: 0.2,
    detuneCents: 1,
    secondMix: 0.3,
    secondT60Ratio: 2,
    level: 0.5,
    seed,
  });
}

export function smallFacts(controls = 0): StringFacts {
  return { name: "small", tuning: SMALL_TUNING, hop: 64, controls, cap: SMALL_CAP, inharmonicity: 2e-5 };
}

/** Parameters that start from a recording; a mixture's network is given random weights so that it moves. */
export function smallParameters(filters: number, controls = 0): Parameters {
  const random = mulberry32(3);
  const linear = startParameters(startSpectra([smallString()], SMALL_TUNING, 2e-5, random, SMALL_CAP));
  if (filters === 1) return linear;
  const parameters = expandParameters(linear, { filters, hidden: 5, inputs: 2 + controls }, random);
  for (const name of ["mixture.output.weight", "mixture.output.bias"]) {
    parameters.get(name)?.data.forEach((_, i, data) => {
      data[i] = 2 * random() - 1;
    });
  }
  return parameters;
}

/** The small string's tuning at another pitch. */
export function smallTuningAt(f0: number): Tuning {
  return retuned(SMALL_TUNING, f0);
}
