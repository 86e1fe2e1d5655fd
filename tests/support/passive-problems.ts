/** Small problems of sequence training for the tests of its objective: strings of some 32 taps, drawn from a seed. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { PassiveObjective } from "@neural-string/trainer/core/passive/objective";
import { RESIDUAL, residualShape, withResidual } from "@neural-string/trainer/core/passive/residual";
import { LocalRollouts } from "@neural-string/trainer/core/passive/rollouts";
import {
  nearestDelay,
  retuned,
  type Tuning,
  wholePeriodOf,
} from "@neural-string/trainer/core/passive/tuning";
import type { Parameters } from "@neural-string/trainer/core/passive/variables";
import { mulberry32 } from "../reference/random.ts";

export const TUNING: Tuning = { sampleRate: 8000, f0: 8000 / 60.3, taps: 32, ahead: 20, fade: 8 };
export const FRAME_SIZE = 64;
/** Some filters exceed it. */
export const CAP = 0.93;
export const HOP = 20;
export const HIDDEN = 3;
export const WEIGHTS = { waveSamples: 150, waveWeight: 2, spectralWeight: 0.5, decayWeight: 0 };

export type TrainBuild = "train-simd" | "train-relaxed";

const modules = new Map<TrainBuild, WebAssembly.Module>();

function trainModuleOf(build: TrainBuild): WebAssembly.Module {
  const path = fileURLToPath(import.meta.resolve(`@neural-string/core-wasm/${build}.wasm`));
  const module = modules.get(build) ?? new WebAssembly.Module(readFileSync(path));
  modules.set(build, module);
  return module;
}

/** A residual for those problems that have one. */
export const RESIDUAL_SIZE = { units: 3, reach: 4 };

/** The same parameters with a residual that is heard. */
export function withSomeResidual(parameters: Parameters, seed: number): Parameters {
  const random = mulberry32(seed);
  const own = withResidual(parameters, RESIDUAL_SIZE, random);
  const data = Float32Array.from({ length: RESIDUAL_SIZE.units }, () => 0.4 * (2 * random() - 1));
  return own.set(RESIDUAL[1], { shape: [RESIDUAL_SIZE.units], data });
}

/** Parameters of a string that loses little, its phases wound round so that their turns matter elsewhere. */
export function someParameters(filters: number, seed: number): Parameters {
  const random = mulberry32(seed);
  const rows = 1 + filters;
  const bins = TUNING.taps / 2 + 1;
  const filled = (shape: number[], f: (i: number) => number) => ({
    shape,
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => f(i)),
  });
  const turn = (k: number) => Math.round(k / 6);
  const parameters: Parameters = new Map([
    [
      "filters.logDamping",
      filled([rows, bins], (i) => Math.log(0.03 + 0.5 * ((i % bins) / bins) ** 2 + 0.1 * random())),
    ],
    // what is left of a phase that bends by 0.3 radians a bin and more
    [
      "filters.phase",
      filled([rows, bins], (i) => 1.1 * (i % bins) + 0.4 * random() - 2 * Math.PI * turn(i % bins)),
    ],
    ["filters.turns", filled([bins], turn)],
  ]);
  if (filters === 1) return parameters;
  const inputs = 2 + 1;
  for (const [name, shape] of [
    ["mixture.hidden.weight", [HIDDEN, inputs]],
    ["mixture.hidden.bias", [HIDDEN]],
    ["mixture.output.weight", [filters, HIDDEN]],
    ["mixture.output.bias", [filters]],
  ] as const)
    parameters.set(
      name,
      filled([...shape], () => 1.5 * (2 * random() - 1)),
    );
  return parameters;
}

/**
 * A problem: recordings of noise that fades, one at each tuning, and a few examples of each.
 * @param notes pitches relative to the string's own; 1 = its own tuning
 * @param parameters whose residual, if they have one, the rollouts are to have
 */
export function makeProblem(
  build: TrainBuild,
  filters: number,
  notes: readonly number[],
  counts: readonly number[],
  parameters: Parameters = new Map(),
) {
  const random = mulberry32(filters + 7);
  const noise = (length: number, scale: number) =>
    Float32Array.from({ length }, () => scale * (2 * random() - 1));
  const tunings = notes.map((ratio) => (ratio === 1 ? TUNING : retuned(TUNING, ratio * TUNING.f0)));
  const isMixture = filters > 1;
  const sources = tunings.map((_, shape) => ({
    samples: noise(900, 0.8).map((x, n) => x * Math.exp(-n / 600)),
    floors: [noise(FRAME_SIZE / 2 + 1, 0.02).map((x) => 0.3 + x)],
    decayNoise: new Float32Array(0),
    controls: noise(isMixture ? 1 : 0, 1),
    shape,
  }));
  const shapes = tunings.map((tuning) => ({
    taps: tuning.taps,
    near: nearestDelay(tuning),
    period: wholePeriodOf(tuning),
    filters,
    hop: isMixture ? HOP : 0,
    hidden: isMixture ? HIDDEN : 0,
    controls: isMixture ? 1 : 0,
    mostSamples: Math.max(...counts),
    frameSizes: [FRAME_SIZE],
    decayBands: null,
    residual: residualShape(parameters, tuning),
  }));
  const examples = counts.map((count, i) => ({ source: i % notes.length, start: 31 * i, count }));
  const rollouts = new LocalRollouts({ module: trainModuleOf(build), shapes, sources });
  return { tunings, sources, examples, rollouts, objective: new PassiveObjective(TUNING, tunings, CAP) };
}
