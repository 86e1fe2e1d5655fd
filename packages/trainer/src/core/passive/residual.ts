/**
 * A small odd network beside a passive string's loops, which hears the string one period ago, sample by sample:
 *
 *   y[n] = (loops) + W2 tanh(W1 y[n - P - reach .. n - P + reach])
 *
 * Nothing bounds what it adds, so such a string has no certificate, no model file and no player: it is here so that
 * the ablation (bench/ablation.ts) can say what it would be worth. Trained by the same rollouts as the loops, from the
 * stage on in which the mixture joins; heard through the train kernels' forward pass.
 */

import type { PassiveModel } from "@neural-string/core-wasm";
import { type ResidualShape, RolloutTrainer } from "@neural-string/core-wasm/rollout";
import type { Random } from "../random.ts";
import { heardPast } from "./heard-past.ts";
import type { Play } from "./listen.ts";
import { nearestDelay, type Tuning, wholePeriodOf } from "./tuning.ts";
import type { Parameters } from "./variables.ts";

export const RESIDUAL = ["residual.hidden.weight", "residual.output.weight"] as const;

/**
 * Adam's steps for the two layers. What the second adds to the loops' gain is this times some ten units at once, and a
 * gain that is 1e-3 too large rings for twice as long: smaller than any other rate. (A fifth of it was worse, 600 steps
 * on one guitar recording, judged on another: 3.6 and 2.4 dB EDR from 1198 and 11025 instead of 3.4 and 2.2.)
 */
export const RESIDUAL_RATES: Record<string, number> = { [RESIDUAL[0]]: 2e-3, [RESIDUAL[1]]: 1e-4 };

/** A fresh first layer is uniform within this over the root of its inputs; the second is 0, so nothing changes yet. */
const FRESH_WEIGHT = 3;

/** Beyond this a loop has broken; the player's own limit. */
const LARGEST = 1e15;

/** What a training is told of a residual. */
export interface ResidualSize {
  units: number;
  /** Samples that it hears on either side of the period. */
  reach: number;
}

/** Give a string's parameters a residual that does nothing yet; those that have one stay as they are. */
export function withResidual(
  parameters: Parameters,
  { units, reach }: ResidualSize,
  random: Random,
): Parameters {
  if (parameters.has(RESIDUAL[0])) return parameters;
  const taps = 2 * reach + 1;
  const most = FRESH_WEIGHT / Math.sqrt(taps);
  const hidden = Float32Array.from({ length: units * taps }, () => most * (2 * random() - 1));
  return new Map(parameters)
    .set(RESIDUAL[0], { shape: [units, taps], data: hidden })
    .set(RESIDUAL[1], { shape: [units], data: new Float32Array(units) });
}

/** The residual that some parameters have, as the kernels take it at a tuning; undefined where they have none. */
export function residualShape(parameters: Parameters, tuning: Tuning): ResidualShape | undefined {
  const hidden = parameters.get(RESIDUAL[0]);
  if (hidden === undefined) return undefined;
  const [units, taps] = hidden.shape;
  return { units, taps, first: wholePeriodOf(tuning) - (taps - 1) / 2 };
}

/** Plays strings with the residual that some parameters have; memory is kept for the longest so far. */
export class ResidualPlayer {
  readonly #module: BufferSource | WebAssembly.Module;
  #trainer: RolloutTrainer | null = null;
  #key = "";

  /** @param module the core's train build */
  constructor(module: BufferSource | WebAssembly.Module) {
    this.#module = module;
  }

  /**
   * Plays the loops of whatever model it is given, and the parameters' residual beside them.
   * @returns refuses, with a RangeError, a recording shorter than what is asked for
   */
  play(parameters: Parameters): Play {
    const residual = Float32Array.from(RESIDUAL.flatMap((name) => [...(parameters.get(name)?.data ?? [])]));
    return (model, { samples, controls }, end) => {
      const history = 2 * (nearestDelay(model) + model.taps - 1);
      const trainer = this.#trainerFor(model, residualShape(parameters, model), end - history);
      const { hiddenWeight, hiddenBias, outputWeight, outputBias } = model;
      const { rollout } = trainer.roll({
        past: heardPast(samples.subarray(0, history), trainer.shape, model.loopTaps),
        taps: model.loopTaps,
        network: Float32Array.of(...hiddenWeight, ...hiddenBias, ...outputWeight, ...outputBias, ...residual),
        controls: Float32Array.from(controls),
        count: end - history,
      });
      // what has blown up is said as the player says it, and is silence from there on
      const broken = rollout.findIndex((y) => !(Math.abs(y) <= LARGEST));
      if (broken < 0) return { render: rollout.slice(), brokenSamples: 0 };
      const render = rollout.slice();
      render.fill(0, broken);
      return { render, brokenSamples: render.length - broken };
    };
  }

  #trainerFor(model: PassiveModel, residual: ResidualShape | undefined, count: number): RolloutTrainer {
    const { taps, filters, mixture, controls } = model;
    const shape = {
      taps,
      near: nearestDelay(model),
      period: wholePeriodOf(model),
      filters,
      hop: mixture?.hop ?? 0,
      hidden: mixture?.hidden ?? 0,
      controls: mixture === null ? 0 : controls,
      frameSizes: [],
      decayBands: null,
      residual,
    };
    const key = JSON.stringify(shape);
    if (this.#trainer === null || key !== this.#key || count > this.#trainer.shape.mostSamples) {
      this.#trainer = new RolloutTrainer(this.#module, { ...shape, mostSamples: count });
      this.#key = key;
    }
    return this.#trainer;
  }
}
