/**
 * A passive string's parameters while it learns, as tfjs variables named as in the model file: the spectra of all loop
 * filters (row 0 is the second loop's), and the network that weights the first loop's.
 */
import type { Tensor } from "@neural-string/shared";
import * as tf from "@tensorflow/tfjs-core";
import type { Random } from "../random.ts";
import { type Glide, glideDelays, type LevelNetwork, levelNetwork } from "./glide.ts";
import { RESIDUAL } from "./residual.ts";
import type { LoopSpectrum } from "./spectral-form.ts";
import type { Start } from "./start.ts";

/** How far apart the filters of a fresh mixture lie: ln damping, and samples of delay, from the middle to the last. */
const SPREAD_DAMPING = 0.1;
const SPREAD_DELAY = 0.03;
/** A fresh network's first layer is uniform within this; its second is 0, so that all weights begin equal. */
export const FRESH_WEIGHT = 0.7;

/** Which input of the network the change of level is. */
const CHANGE = 1;

export const SPECTRA = ["filters.logDamping", "filters.phase"] as const;
export const NETWORK = [
  "mixture.hidden.weight",
  "mixture.hidden.bias",
  "mixture.output.weight",
  "mixture.output.bias",
] as const;

/** Parameters by name, as checkpoints keep them; "filters.turns" (unwraps the phases) is theirs but does not learn. */
export type Parameters = Map<string, Tensor>;

/** The filters' part of parameters, of a linear string all there is. @param rows the second loop's first */
export function startParameters({
  rows,
  turns,
}: Pick<Start, "turns"> & { rows: readonly LoopSpectrum[] }): Parameters {
  const stacked = (pick: (row: LoopSpectrum) => Float64Array): Tensor => ({
    shape: [rows.length, turns.length],
    data: Float32Array.from(rows.flatMap((row) => Array.from(pick(row)))),
  });
  return new Map([
    ["filters.logDamping", stacked((row) => row.logDamping)],
    ["filters.phase", stacked((row) => row.phase)],
    ["filters.turns", { shape: [turns.length], data: Float32Array.from(turns) }],
  ]);
}

/** A network's part of parameters. */
export function networkTensors({
  hiddenWeight,
  hiddenBias,
  outputWeight,
  outputBias,
}: LevelNetwork): Parameters {
  const [hidden, filters] = [hiddenBias.length, outputBias.length];
  return new Map([
    ["mixture.hidden.weight", { shape: [hidden, hiddenWeight.length / hidden], data: hiddenWeight }],
    ["mixture.hidden.bias", { shape: [hidden], data: hiddenBias }],
    ["mixture.output.weight", { shape: [filters, hidden], data: outputWeight }],
    ["mixture.output.bias", { shape: [filters], data: outputBias }],
  ]);
}

export interface MixtureShape {
  filters: number;
  hidden: number;
  /** Inputs of the network: level, change, controls. */
  inputs: number;
  /** Whether the second of them counts; default true. */
  hearsChange?: boolean;
}

/** Where the filters of a fresh mixture lie along a string's glide. */
export interface GlideStart extends Glide {
  /** Samples. */
  period: number;
}

/**
 * Parameters of a mixture that sounds nearly like a linear string: its filter, spread out a little, under a network
 * that weighs all alike; or, given a glide, spread out along it, under a network that follows the level.
 */
export function expandParameters(
  linear: Parameters,
  { filters, hidden, inputs, hearsChange = true }: MixtureShape,
  random: Random,
  glide?: GlideStart,
): Parameters {
  const [, bins] = (linear.get("filters.phase") as Tensor).shape;
  const spread = (name: string, by: (position: number, bin: number) => number): Tensor => {
    const { data } = linear.get(name) as Tensor;
    const out = new Float32Array((1 + filters) * bins);
    out.set(data.subarray(0, bins));
    for (let k = 0; k < filters; k++) {
      const position = filters === 1 ? 0 : (2 * k) / (filters - 1) - 1;
      for (let i = 0; i < bins; i++) out[(1 + k) * bins + i] = data[bins + i] + by(position, i);
    }
    return { shape: [1 + filters, bins], data: out };
  };
  const mixture = (
    damping: (position: number) => number,
    delay: (position: number) => number,
    network: LevelNetwork,
  ): Parameters =>
    new Map([
      ["filters.logDamping", spread("filters.logDamping", damping)],
      ["filters.phase", spread("filters.phase", (position, bin) => delay(position) * step * bin)],
      ["filters.turns", linear.get("filters.turns") as Tensor],
      ...networkTensors(network),
    ]);
  const uniform = (length: number) => Float32Array.from({ length }, () => FRESH_WEIGHT * (2 * random() - 1));
  const step = Math.PI / (bins - 1);
  if (glide !== undefined && glide.cents > 0) {
    const delays = glideDelays(filters, glide, glide.period);
    const sharper = (position: number) => delays[Math.round(((position + 1) / 2) * (filters - 1))];
    return mixture(() => 0, sharper, levelNetwork(filters, hidden, inputs, glide, random));
  }
  const weights = uniform(hidden * inputs);
  if (!hearsChange) deafen(weights, inputs);
  return mixture(
    (position) => SPREAD_DAMPING * position,
    (position) => -SPREAD_DELAY * position,
    {
      hiddenWeight: weights,
      hiddenBias: uniform(hidden),
      outputWeight: new Float32Array(filters * hidden),
      outputBias: new Float32Array(filters),
    },
  );
}

/** Set what a network's first layer, or its gradient, makes of the change of level to 0. @param inputs of the network */
export function deafen(weights: Float32Array, inputs: number): void {
  for (let i = CHANGE; i < weights.length; i += inputs) weights[i] = 0;
}

/** How many filters the first loop of some parameters has. */
export function filtersOf(parameters: Parameters): number {
  return (parameters.get("filters.phase") as Tensor).shape[0] - 1;
}

/** What the rollouts take as their networks' numbers, in this order; a string need not have all of them. */
export const NETWORKS = [...NETWORK, ...RESIDUAL];

/** The networks' numbers one after the other, as the rollouts take them; empty for a linear string. */
export function networkOf(parameters: Parameters): Float32Array {
  return Float32Array.from(NETWORKS.flatMap((name) => Array.from(parameters.get(name)?.data ?? [])));
}

/** The loop filters' spectra, row by row, in float64. @param unwrapped whether phases carry their whole turns */
export function spectraOf(parameters: Parameters, unwrapped: boolean): LoopSpectrum[] {
  const damping = parameters.get("filters.logDamping") as Tensor;
  const phase = parameters.get("filters.phase") as Tensor;
  const turns = (parameters.get("filters.turns") as Tensor).data;
  const [rows, bins] = damping.shape;
  return Array.from({ length: rows }, (_, row) => ({
    logDamping: Float64Array.from(damping.data.subarray(row * bins, (row + 1) * bins)),
    phase: Float64Array.from(
      phase.data.subarray(row * bins, (row + 1) * bins),
      (x, k) => x + (unwrapped ? 2 * Math.PI * turns[k] : 0),
    ),
  }));
}

/** Parameters that learn. Holds backend memory: call `dispose` at the end. */
export class PassiveVariables {
  readonly variables: ReadonlyMap<string, tf.Variable>;
  readonly #turns: Tensor;

  constructor(parameters: Parameters) {
    this.#turns = parameters.get("filters.turns") as Tensor;
    const names = [...SPECTRA, ...NETWORKS].filter((name) => parameters.has(name));
    this.variables = new Map(
      names.map((name) => {
        const { shape, data } = parameters.get(name) as Tensor;
        // in a tidy: the tensor a variable starts from would stay behind otherwise
        return [name, tf.tidy(() => tf.variable(tf.tensor(data, shape), true))];
      }),
    );
  }

  /** The parameters as they stand; copied. */
  parameters(): Parameters {
    const parameters: Parameters = new Map(
      [...this.variables].map(([name, variable]) => [
        name,
        { shape: [...variable.shape], data: Float32Array.from(variable.dataSync()) },
      ]),
    );
    return parameters.set("filters.turns", this.#turns);
  }

  dispose(): void {
    for (const variable of this.variables.values()) variable.dispose();
  }
}
