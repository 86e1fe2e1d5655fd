/** Strings, sounds and settings to roll out, for the tests of rollouts: drawn from a seed. */
import { mulberry32 } from "./random.ts";

export interface Case {
  taps: number;
  near: number;
  count: number;
  seed: number;
  filters: number;
  hop?: number;
  hidden?: number;
  controls?: number;
  frameSizes?: number[];
  decayBands?: Int32Array;
  residual?: { units: number; first: number; taps: number };
}

/** The whole shape of a case, a RolloutShape; the period lies within the taps. */
export function shapeOf(c: Case) {
  const { hop = 0, hidden = 0, controls = 0, frameSizes = [], decayBands = null } = c;
  const period = c.near + Math.floor(0.7 * (c.taps - 1));
  return { ...c, period, hop, hidden, controls, frameSizes, decayBands, mostSamples: c.count };
}

/** Lively but decaying loops, a restless network, a random past and target, all float32. */
export function makeTask(c: Case) {
  const { taps, near, count, filters, hidden, controls, frameSizes, decayBands } = shapeOf(c);
  const random = mulberry32(c.seed);
  const noise = (length: number, scale: number) =>
    Float32Array.from({ length }, () => scale * (2 * random() - 1));
  const mixture = filters > 1;
  const { units, taps: heard } = c.residual ?? { units: 0, taps: 0 };
  const task = {
    past: noise(2 * (near + taps - 1), 1),
    target: noise(count, 0.7),
    taps: noise((1 + filters) * taps, (count > 1000 ? 0.6 : 0.9) / Math.sqrt(taps)),
    network: noise(mixture ? hidden * (controls + 3) + filters * (hidden + 1) : 0, 2),
    controls: noise(mixture ? controls : 0, 1),
    floors: frameSizes.map((size) => noise(size / 2 + 1, 0.02).map((x) => 0.3 + x)),
    waveSamples: Math.min(count, 2 * near),
    waveWeight: 0.7,
    spectralWeight: 0.4,
    // a recording of this loudness has about 100 in every bin: some cells count, some drown
    decayNoise: noise(decayBands ? decayBands.length - 1 : 0, 10).map((x, b) => (11 + x) * 4 ** b),
    decayWeight: 0.6,
  };
  // drawn last, so that strings without one stay what they are
  const residual = noise(units * (heard + 1), 1.5 / Math.sqrt(units * heard));
  return { ...task, network: Float32Array.of(...task.network, ...residual) };
}

const DECAY = Int32Array.of(0, 3, 11, 40, 300, 1025);

// ragged on purpose: blocks, taps, hops and periods that are no multiple of a tile
export const CASES: Case[] = [
  { taps: 37, near: 50, count: 400, filters: 1, frameSizes: [64, 128], seed: 1 },
  { taps: 64, near: 33, count: 301, filters: 1, frameSizes: [32], seed: 2 },
  { taps: 5, near: 1, count: 90, filters: 1, frameSizes: [16], seed: 3 },
  { taps: 32, near: 200, count: 150, filters: 1, frameSizes: [128], seed: 4 }, // shorter than one trip
  { taps: 37, near: 50, count: 400, filters: 2, hop: 64, hidden: 3, frameSizes: [64], seed: 5 },
  {
    taps: 33,
    near: 70,
    count: 333,
    filters: 3,
    hop: 90,
    hidden: 5,
    controls: 2,
    frameSizes: [32, 256],
    seed: 6,
  },
  { taps: 12, near: 3, count: 60, filters: 2, hop: 7, hidden: 2, controls: 1, frameSizes: [16], seed: 7 },
  { taps: 40, near: 20, count: 90, filters: 3, hop: 500, hidden: 4, frameSizes: [], seed: 8 }, // one hop
  { taps: 16, near: 40, count: 2048 + 3 * 512 + 77, filters: 1, decayBands: DECAY, seed: 9 }, // two pairs of frames
  { taps: 16, near: 40, count: 3100, filters: 2, hop: 128, hidden: 3, decayBands: DECAY, seed: 10 }, // and a half
  { taps: 8, near: 20, count: 5300, filters: 1, frameSizes: [512, 4096], seed: 11 }, // the design's frames
  {
    taps: 37,
    near: 50,
    count: 333,
    filters: 1,
    residual: { units: 3, first: 61, taps: 9 },
    frameSizes: [64],
    seed: 12,
  },
  {
    taps: 33,
    near: 70,
    count: 401,
    filters: 3,
    hop: 90,
    hidden: 4,
    controls: 1,
    residual: { units: 5, first: 70, taps: 33 }, // all that the loops hear
    frameSizes: [32, 256],
    seed: 13,
  },
  {
    taps: 12,
    near: 3,
    count: 75,
    filters: 2,
    hop: 7,
    hidden: 2,
    residual: { units: 2, first: 3, taps: 5 },
    frameSizes: [16],
    seed: 14,
  },
];
