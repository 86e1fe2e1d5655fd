/** Strings, recordings and steps for the tests of rollouts over threads: small, ragged, drawn from a seed. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { RolloutShape } from "@neural-string/core-wasm/rollout";
import type {
  RolloutExample,
  RolloutSetup,
  RolloutSource,
  RolloutWeights,
} from "@neural-string/trainer/core/passive/rollouts";
import { mulberry32 } from "../reference/random.ts";

const path = fileURLToPath(import.meta.resolve("@neural-string/core-wasm/train-simd.wasm"));

/** The train build that every machine has. */
export const trainModule = new WebAssembly.Module(readFileSync(path));

export const weights: RolloutWeights = {
  waveSamples: 150,
  waveWeight: 0.7,
  spectralWeight: 0.4,
  decayWeight: 0.6,
};

const DECAY = Int32Array.of(0, 3, 11, 40, 300, 1025);

/** A note of the string: its sizes but for those that all notes share. */
interface Note {
  taps: number;
  near: number;
  hop: number;
  frameSizes: number[];
}

const NOTES: Note[] = [
  { taps: 37, near: 50, hop: 64, frameSizes: [64, 128] },
  { taps: 64, near: 33, hop: 90, frameSizes: [32] },
  { taps: 20, near: 21, hop: 17, frameSizes: [] },
];

/** A mostSamples whose first line alone does not fit in the 4 GiB that WASM can address: refused at once. */
export const TOO_MANY = 2 ** 30 - 500;

const MOST_SAMPLES = 2700;
const RECORDING_SAMPLES = 4000;

/** Three notes of one string; the second has two recordings, one of which the third note shares. */
export function makeSetup(filters: number): RolloutSetup {
  const random = mulberry32(filters);
  const noise = (length: number, scale: number) =>
    Float32Array.from({ length }, () => scale * (2 * random() - 1));
  const isMixture = filters > 1;
  const shapes: RolloutShape[] = NOTES.map(({ taps, near, hop, frameSizes }) => ({
    taps,
    near,
    period: near + Math.floor(0.7 * taps),
    filters,
    hop: isMixture ? hop : 0,
    hidden: isMixture ? 3 : 0,
    controls: isMixture ? 1 : 0,
    mostSamples: MOST_SAMPLES,
    frameSizes,
    decayBands: DECAY,
  }));
  const recordings = [0, 1, 2].map(() => noise(RECORDING_SAMPLES, 0.8));
  const sourceOf = (shape: number, recording: number): RolloutSource => ({
    samples: recordings[recording],
    floors: shapes[shape].frameSizes.map((size) => noise(size / 2 + 1, 0.02).map((x) => 0.3 + x)),
    decayNoise: noise(DECAY.length - 1, 10).map((x) => 11 + x),
    controls: noise(isMixture ? 1 : 0, 1),
    shape,
  });
  const sources = [sourceOf(0, 0), sourceOf(1, 1), sourceOf(1, 2), sourceOf(2, 2)];
  return { module: trainModule, shapes, sources };
}

/** Parameters for a setup: lively but decaying loops, a restless network. */
export function makeParameters({ shapes, sources }: RolloutSetup, seed: number) {
  const random = mulberry32(seed);
  const noise = (length: number, scale: number) =>
    Float32Array.from({ length }, () => scale * (2 * random() - 1));
  const { filters, hidden, controls } = shapes[0];
  const taps = sources.map(({ shape }) => {
    const count = shapes[shape].taps;
    return noise((1 + filters) * count, 0.6 / Math.sqrt(count));
  });
  return { taps, network: noise(filters === 1 ? 0 : hidden * (controls + 3) + filters * (hidden + 1), 2) };
}

/** Examples of all lengths, the first three sources mixed; the last source has none. */
export function makeExamples(
  { shapes, sources }: RolloutSetup,
  count: number,
  seed: number,
): RolloutExample[] {
  const random = mulberry32(seed);
  return Array.from({ length: count }, () => {
    const source = Math.floor(3 * random());
    const { taps, near } = shapes[sources[source].shape];
    const samples = 1 + Math.floor(MOST_SAMPLES * random());
    const room = RECORDING_SAMPLES - 2 * (near + taps - 1) - samples;
    return { source, start: Math.floor((room + 1) * random()), count: samples };
  });
}
