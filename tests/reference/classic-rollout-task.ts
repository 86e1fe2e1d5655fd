/** Classic strings, sounds and settings to roll out, for the tests of rollouts: drawn from a seed. */
import { mulberry32 } from "./random.ts";

export type Activation = "linear" | "tanh" | "relu";

export interface Case {
  what: string;
  delays: number[];
  hidden: [number, Activation][];
  output?: Activation;
  bias?: boolean;
  extras?: number;
  count: number;
  frameSizes: number[];
  seed: number;
}

const span = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

export const CASES: Case[] = [
  {
    what: "one tanh layer",
    delays: span(48, 53),
    hidden: [[11, "tanh"]],
    count: 300,
    frameSizes: [64, 128],
    seed: 1,
  },
  {
    what: "biases, extras, unsorted delays, taps on two places",
    delays: [...span(78, 82), ...span(19, 22)],
    hidden: [[8, "tanh"]],
    bias: true,
    extras: 3,
    count: 203,
    frameSizes: [32],
    seed: 2,
  },
  {
    what: "three layers, tanh and relu, tanh out",
    delays: span(70, 90),
    hidden: [
      [9, "tanh"],
      [6, "relu"],
      [13, "tanh"],
    ],
    output: "tanh",
    bias: true,
    count: 330,
    frameSizes: [64],
    seed: 3,
  },
  {
    what: "linear, no hidden layer",
    delays: span(30, 34),
    hidden: [],
    count: 150,
    frameSizes: [32],
    seed: 4,
  },
  {
    what: "relu out",
    delays: span(12, 15),
    hidden: [[7, "relu"]],
    output: "relu",
    bias: true,
    count: 90,
    frameSizes: [16],
    seed: 5,
  },
  {
    what: "taps at 1 to 3",
    delays: [1, 2, 3, 40],
    hidden: [[6, "tanh"]],
    bias: true,
    count: 91,
    frameSizes: [16],
    seed: 6,
  },
  { what: "a tap at 5", delays: [5, 37, 38], hidden: [[5, "linear"]], count: 120, frameSizes: [32], seed: 7 },
  {
    what: "shorter than one trip",
    delays: span(300, 310),
    hidden: [[4, "tanh"]],
    count: 200,
    frameSizes: [128],
    seed: 8,
  },
];

/** A lively network, a random past and target, all float32. */
export function makeTask({
  delays,
  hidden,
  output = "linear",
  bias = false,
  extras = 0,
  count,
  frameSizes,
  seed,
}: Case) {
  const random = mulberry32(seed);
  const noise = (length: number, scale: number) =>
    Float32Array.from({ length }, () => scale * (2 * random() - 1));
  const layers = [...hidden, [1, output] as const].map(([units, activation]) => ({ units, activation }));
  const weights: number[] = [];
  let inputs = delays.length + extras;
  for (const { units } of layers) {
    weights.push(...noise(units * inputs, 1.6 / Math.sqrt(inputs)));
    if (bias) weights.push(...noise(units, 0.4));
    inputs = units;
  }
  const shape = { delays, extras, layers, bias, mostSamples: count, frameSizes };
  const task = {
    past: noise(Math.max(...delays) + 7, 1),
    target: noise(count, 0.7),
    weights: Float32Array.from(weights),
    extras: Array.from(noise(extras, 1)),
    floors: frameSizes.map((size) => noise(size / 2 + 1, 0.02).map((x) => 0.3 + x)),
    waveSamples: Math.floor(0.7 * count),
    waveWeight: 0.7,
    spectralWeight: 0.4,
  };
  return { shape, task };
}
