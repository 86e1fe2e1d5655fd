/** Re-tuned passive strings for tests: their filters as played, as the reference has them, and what should be heard. */
import { type Build, type PassiveModel, Resonator, tunedShape } from "@neural-string/core-wasm";
import { playedResponse, refittedTaps } from "../reference/passive-tuning.ts";
import { newCore } from "./core-builds.ts";
import { periodOf } from "./passive-playing.ts";

/** Hz */
export interface Asked {
  sampleRate: number;
  f0: number;
}

/** One row's filter as played: impulses through it, as many taps at a time as one trip shows. @returns [taps] */
export function playedTaps(model: PassiveModel, tuning: Asked, row: 0 | 1, build: Build = "simd") {
  const { period, ahead, taps, longestDelay } = tunedShape(model, tuning);
  const string = new Resonator(newCore(build), model, { lowestF0: Math.min(20, tuning.f0), ...tuning });
  const near = period - ahead;
  const h = new Float32Array(taps);
  for (let from = 0; from < taps; from += near) {
    const line = new Float32Array(longestDelay);
    // so far back that tap `from` is the first to hear it
    line[longestDelay - near - from] = 1;
    const silence = new Float32Array(longestDelay);
    // y hears the impulse through its own filter, or the second loop's through u
    string.load(row === 1 ? line : silence, row === 1 ? silence : line);
    const sound = new Float32Array(Math.min(near, taps - from));
    string.process(sound);
    h.set(sound, from);
  }
  return { h, string };
}

/** What the reference needs of one row. */
export function rowOf(model: PassiveModel, row: number) {
  const bins = model.taps / 2 + 1;
  const part = (all: Float32Array, width: number) => all.subarray(row * width, (row + 1) * width);
  return {
    taps: part(model.loopTaps, model.taps),
    phase: part(model.phase, bins),
    logDamping: part(model.logDamping, bins),
    from: { ...model, period: periodOf(model) },
  };
}

/** One row re-tuned by the reference. @returns [taps] */
export function expectedTaps(model: PassiveModel, tuning: Asked, row: number): Float64Array {
  const { taps, phase, from } = rowOf(model, row);
  const claim = model.certificate.gain ** (model.f0 / tuning.f0);
  return refittedTaps(taps, phase, from, { ...tuning, ...tunedShape(model, tuning) }, claim);
}

/** Where the first loop's n-th partial should be (Hz), and how long it should ring (s): as long as before at that Hz. */
export function idealPartial(model: PassiveModel, f0: number, n: number) {
  const { taps, phase, from } = rowOf(model, 1);
  let hz = n * f0;
  // whole turns of dispersion and delay; dispersion bends little, so this settles at once
  for (let i = 0; i < 30; i++) {
    const turns = playedResponse(taps, phase, from, hz).dispersion / (2 * Math.PI);
    hz = f0 * (n + (turns * model.f0) / f0);
  }
  return { hz, t60: Math.log(1000) / (playedResponse(taps, phase, from, hz).damping * model.f0) };
}
