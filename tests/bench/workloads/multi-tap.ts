/** The windows of 84 taps of a delay line, block by block: a network's inputs, a chorus, a reverb's early echoes. */
import { type Core, DelayLine } from "@neural-string/core-wasm";
import { readDelayed } from "../../reference/delay-line.ts";
import { newCore } from "../../support/core-builds.ts";
import { somePast } from "../../support/networks.ts";
import { type Contestant, consume, once, type Workload } from "../contestant.ts";
import { plainTaps } from "../engines/plain-string.ts";

/** Taps at T, T/4, T/2, 3T/4 +-10 of an 82 Hz string, as the networks of 84 taps have them. */
const DELAYS = [534, 401, 267, 133].flatMap((base) => Array.from({ length: 21 }, (_, i) => base - 10 + i));
/** Samples read at once: fewer than the shortest delay, so that a loop could be closed. */
const FRAMES = 120;
const past = once(() => somePast(600, 534));

/** Read a block of every tap, then write a block, through the public class. */
export function delayLineOn(core: Core, delays: number[]): Contestant {
  const line = new DelayLine(core, delays, FRAMES);
  const out = new Float32Array(FRAMES * delays.length);
  const next = past().subarray(0, FRAMES);
  return {
    samples: FRAMES,
    run: () => {
      line.read(out, FRAMES);
      line.write(next);
      consume(out[out.length - 1]);
    },
    prove: () => {
      line.clear();
      for (let n = 0; n < past().length; n += FRAMES) line.write(past().subarray(n, n + FRAMES));
      line.read(out, FRAMES);
      return out.slice();
    },
  };
}

/** What the block of every tap holds, [taps, FRAMES]. */
export function multiTapReference(delays: readonly number[]): number[] {
  const frames = Array.from({ length: FRAMES }, (_, i) => past().length + i);
  return delays.flatMap((delay) => frames.map((n) => readDelayed(past(), n, delay)));
}

function plainLine(delays: number[]): Contestant {
  const out = new Float32Array(FRAMES * delays.length);
  const line = Float32Array.from(past());
  const next = past().slice(0, FRAMES);
  const read = () => plainTaps(line, delays, FRAMES, out);
  return {
    samples: FRAMES,
    run: () => {
      read();
      line.copyWithin(0, FRAMES);
      line.set(next, line.length - FRAMES);
      consume(out[out.length - 1]);
    },
    prove: () => {
      line.set(past());
      read();
      return out.slice();
    },
  };
}

function multiTapWorkload(name: Workload["name"], delays: number[], macPerSample: number): Workload {
  return {
    name,
    macPerSample,
    toleranceDb: -120, // copies, or four products of numbers below 0.5
    expected: once(() => multiTapReference(delays)),
    engines: {
      relaxed: () => delayLineOn(newCore("relaxed"), delays),
      simd: () => delayLineOn(newCore("simd"), delays),
      scalar: () => delayLineOn(newCore("scalar"), delays),
      js: () => plainLine(delays),
    },
  };
}

/** At whole delays, where a tap is a copy, and between samples, where it is a cubic. */
export function multiTapWorkloads(): Workload[] {
  const between = DELAYS.map((delay) => delay + 0.37);
  return [
    multiTapWorkload("multitap-84", DELAYS, 0),
    multiTapWorkload("multitap-84-fractional", between, 4 * DELAYS.length),
  ];
}
