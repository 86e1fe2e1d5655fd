/** Karplus and Strong's own string: a delay line and a two-point average, at a pitch that needs no interpolation. */
import type { Core } from "@neural-string/core-wasm";
import { karplusStrong } from "../../reference/karplus-strong.ts";
import { newCore } from "../../support/core-builds.ts";
import { type Contestant, consume, once, type Workload } from "../contestant.ts";
import { streamed } from "../engines/core-string.ts";
import { faustString } from "../engines/faust.ts";
import { PlainKarplusStrong } from "../engines/plain-string.ts";

const DELAY = 533;
/** S: the classic average; what it delays, half a sample, the period is longer than the delay. */
const DAMPING = 0.5;
const STRING = {
  period: DELAY + DAMPING,
  gain: 0.999,
  damping: DAMPING,
  pluckPosition: 0.2,
  level: 0.5,
  seed: 3,
};
/** Samples compared: eight round trips. */
const FRAMES = 4096;
/** Samples that the core's generator makes at once, its burst of noise included: a note of a third of a second. */
const NOTE = 16384;
/** Each trip is rounded to float32; kernels.test.ts allows 1e-6 of a level of 0.5 after 98 of them. */
const TOLERANCE_DB = -110;
/** Three products and a sum a sample, of which two are multiply-adds. */
const MACS = 2;

/** The generator on a core. @param gain of the loop; far below 1 nearly all of the note is silence */
export function karplusStrongOn(core: Core, gain = STRING.gain): Contestant {
  const out = core.allocate(4 * NOTE);
  const { period, damping, pluckPosition, level, seed } = STRING;
  const make = (frames: number) =>
    core.exports.karplusStrong(out, frames, period, gain, damping, pluckPosition, level, seed);
  return {
    samples: NOTE,
    run: () => {
      make(NOTE);
      consume(core.f32(out, NOTE)[NOTE - 1]);
    },
    prove: () => {
      make(FRAMES);
      return core.f32(out, FRAMES).slice();
    },
  };
}

export function karplusStrongWorkload(): Workload {
  const expected = once(() => karplusStrong(STRING, FRAMES));
  // a string whose loop returns nothing is its excitation
  const excitation = once(() =>
    Float32Array.from(karplusStrong({ ...STRING, gain: 0 }, Math.round(STRING.period))),
  );
  return {
    name: "karplus-strong",
    macPerSample: MACS,
    toleranceDb: TOLERANCE_DB,
    expected,
    engines: {
      relaxed: () => karplusStrongOn(newCore("relaxed")),
      simd: () => karplusStrongOn(newCore("simd")),
      scalar: () => karplusStrongOn(newCore("scalar")),
      js: () => {
        const string = new PlainKarplusStrong(DELAY, STRING.gain, excitation());
        return streamed(string, () => string.pluck(), FRAMES);
      },
      faust: () => faustString({ delay: DELAY, gain: STRING.gain, excitation: excitation(), frames: FRAMES }),
    },
  };
}
