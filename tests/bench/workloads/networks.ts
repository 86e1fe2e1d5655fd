/** Classic strings: a network of so many taps and hidden units, closed to a loop. */
import { type ClassicModel, type Core, type TapPatternEntry, tapDelays } from "@neural-string/core-wasm";
import { renderStringLoop } from "../../reference/string-loop.ts";
import { newCore } from "../../support/core-builds.ts";
import { randomString, somePast, stringSlope, tuneSlope } from "../../support/networks.ts";
import { type Contestant, once, type Workload } from "../contestant.ts";
import { coreString, streamed } from "../engines/core-string.ts";
import { BLOCK, gatherBlock } from "../engines/network-block.ts";
import { onnxNetwork } from "../engines/onnx.ts";
import { PlainNetwork } from "../engines/plain-network.ts";
import { tfjsNetwork } from "../engines/tfjs.ts";
import { torchNetwork } from "../engines/torch.ts";

const SAMPLE_RATE = 44100;
const F0 = 82.46;
const PERIOD = Math.floor(SAMPLE_RATE / F0);
/** Of all networks against float64, whichever engine: the design's parity (docs of every build's own are stricter). */
const TOLERANCE_DB = -80;

const around = (periodFraction: number, side: number): TapPatternEntry => ({
  periodFraction,
  before: side,
  after: side,
});
const quarters = [0.25, 0.5, 0.75];

/** Tap patterns of the networks that the table names. */
export const PATTERNS = {
  14: [around(1, 3), around(0.5, 3)],
  22: [around(1, 3), ...quarters.map((fraction) => around(fraction, 2))],
  84: [around(1, 10), ...quarters.map((fraction) => around(fraction, 10))],
};

/** So many taps side by side around one period. */
export function tapsAroundPeriod(taps: number): TapPatternEntry[] {
  const before = Math.floor(taps / 2);
  return [{ periodFraction: 1, before, after: taps - 1 - before }];
}

/** So many taps: all but one side by side from a shortest delay on, the last one period ago. */
export function tapsFrom(shortest: number, taps: number): TapPatternEntry[] {
  return [{ periodFraction: 0, before: -shortest, after: shortest + taps - 2 }, around(1, 0)];
}

/**
 * A random network that is lively: with one hidden layer its slope at silence is that of a plucked string's loop, with
 * more it is as it comes.
 * @param bias standard deviation; 0 = none, so that it can fall silent
 * @param gain of the loop per round trip, where it is so
 */
export function makeNetwork(
  tapPattern: TapPatternEntry[],
  hidden: readonly number[],
  bias = 0.2,
  gain = 0.99,
): ClassicModel {
  const delays = tapDelays(tapPattern, SAMPLE_RATE, F0);
  const model = randomString({ delays: [...delays], hidden, drive: 0.9, bias, f0: F0, seed: 4 });
  const isString = hidden.length === 1 && [-1, 0, 1].every((offset) => delays.includes(PERIOD + offset));
  return { ...(isString ? tuneSlope(model, stringSlope([...delays], PERIOD, gain)) : model), tapPattern };
}

/** Multiply-adds of a network, per sample. */
export function countMacs({ layers }: Pick<ClassicModel, "layers">): number {
  return layers.reduce((sum, { inputs, units }) => sum + inputs * units, 0);
}

/** The past that excites all of them: two periods, somewhat noisy. */
export const excitingPast = once(() => somePast(2 * PERIOD, PERIOD));

/** A network on a core. @param block samples that are asked for at once */
export function networkOn(core: Core, model: ClassicModel, frames = BLOCK, block?: number): Contestant {
  return coreString({ core, model, frames, block, start: (string) => string.excite(excitingPast()) });
}

/** The networks of the table. @param python interpreter that may have PyTorch */
export function networkWorkloads(python: string): Workload[] {
  return [
    networkWorkload("mlp-14-64-64-1", makeNetwork(PATTERNS[14], [64, 64]), python),
    networkWorkload("mlp-22-100-1", makeNetwork(PATTERNS[22], [100]), python),
    networkWorkload("mlp-84-256-1", makeNetwork(PATTERNS[84], [256]), python),
    networkWorkload("mlp-84-1500-1", makeNetwork(PATTERNS[84], [1500]), python),
  ];
}

/** A network for every engine that evaluates networks. */
function networkWorkload(name: Workload["name"], model: ClassicModel, python: string): Workload {
  const expected = once(() => renderStringLoop(model, excitingPast(), BLOCK));
  const block = once(() => gatherBlock(model, excitingPast(), expected()));
  const plain = () => {
    const string = new PlainNetwork(model);
    return streamed(string, () => string.excite(excitingPast()), BLOCK, 16);
  };
  return {
    name,
    macPerSample: countMacs(model),
    toleranceDb: TOLERANCE_DB,
    expected,
    engines: {
      relaxed: () => networkOn(newCore("relaxed"), model),
      simd: () => networkOn(newCore("simd"), model),
      scalar: () => networkOn(newCore("scalar"), model),
      js: plain,
      "tfjs-wasm": () => tfjsNetwork(block()),
      "onnxruntime-web": () => onnxNetwork("onnxruntime-web", block()),
      "onnxruntime-node": () => onnxNetwork("onnxruntime-node", block()),
      pytorch: () => torchNetwork(block(), python),
    },
  };
}
