/**
 * What a step of sequence training makes smaller, and its slope: loop filters from their spectra, at every recording's
 * tuning; rollouts and their losses in the fused kernels; the price of gain above the cap; and all the way back. Given
 * to tfjs as one operation with its own gradient, so that it runs under any backend; evaluated before, because threads
 * may have to be awaited and an operation of tfjs cannot be.
 */
import * as tf from "@tensorflow/tfjs-core";
import { GainPrice } from "./gain-price.ts";
import type { RolloutExample, RolloutSums, Rollouts, RolloutWeights } from "./rollouts.ts";
import { type LoopSpectrum, SpectralForm } from "./spectral-form.ts";
import { Retuning, type Tuning } from "./tuning.ts";
import { deafen, NETWORK, NETWORKS, networkOf, type Parameters, SPECTRA, spectraOf } from "./variables.ts";

/** Weight of the squared gain above the cap, summed over the grid. */
const GAIN_WEIGHT = 1000;

/** A loss and its parts, means over the examples; and its gradient by every parameter's name. */
export interface Objected {
  loss: number;
  parts: Record<"waveform" | "spectral" | "decay" | "gain above the cap", number>;
  gradients: Map<string, Float32Array>;
}

/** The objective over a set of recordings. */
export class PassiveObjective {
  readonly #retunings: Retuning[];
  readonly #forms: SpectralForm[];
  /** Which of the tunings each source has. */
  readonly #tuningOf: number[];
  readonly #price: GainPrice;
  readonly #own: SpectralForm;
  readonly #hearsChange: boolean;

  /**
   * @param tuning what the spectra are stored at
   * @param sourceTunings each recording's; equal ones are synthesised once
   * @param cap gain per round trip that is free
   * @param hearsChange whether the network learns from the change of level
   */
  constructor(tuning: Tuning, sourceTunings: readonly Tuning[], cap: number, hearsChange = true) {
    this.#hearsChange = hearsChange;
    const distinct = [...new Set(sourceTunings)];
    this.#retunings = distinct.map((to) => new Retuning(tuning, to));
    this.#forms = distinct.map(({ taps, ahead, fade }) => new SpectralForm(taps, ahead, fade));
    this.#tuningOf = sourceTunings.map((source) => distinct.indexOf(source));
    this.#own = new SpectralForm(tuning.taps, tuning.ahead, tuning.fade);
    this.#price = new GainPrice(tuning.taps, cap, GAIN_WEIGHT);
  }

  /** The loss of some examples, and its gradient. */
  async evaluate(
    parameters: Parameters,
    rollouts: Rollouts,
    examples: readonly RolloutExample[],
    weights: RolloutWeights,
  ): Promise<Objected> {
    const rows = spectraOf(parameters, true);
    const { tuned, played } = this.#played(rows);
    const sums = await rollouts.run(examples, played, networkOf(parameters), weights);

    const gradient = this.#gainPrice(rows);
    const count = rows.length;
    sums.gradientTaps.forEach((tapGradient, source) => {
      const i = this.#tuningOf[source];
      const length = tapGradient.length / count;
      for (let row = 0; row < count; row++) {
        const part = tapGradient.subarray(row * length, (row + 1) * length);
        const back = this.#forms[i].gradientOf(tuned[i][row], part);
        add(gradient.rows[row], this.#retunings[i].gradientOf(back));
      }
    });
    const gradients = new Map<string, Float32Array>([
      [SPECTRA[0], concatenated(gradient.rows.map((row) => row.logDamping))],
      [SPECTRA[1], concatenated(gradient.rows.map((row) => row.phase))],
    ]);
    splitNetwork(parameters, sums, gradients);
    const hidden = gradients.get(NETWORK[0]);
    if (hidden && !this.#hearsChange) deafen(hidden, parameters.get(NETWORK[0])?.shape[1] as number);
    const { waveLoss: waveform, spectralLoss: spectral, decayLoss: decay } = sums;
    const parts = { waveform, spectral, decay, "gain above the cap": gradient.price };
    return { loss: sums.loss + gradient.price, parts, gradients };
  }

  /** What each of some examples' rollouts comes to, without the price of gain, which no example has. */
  async lossesOf(
    parameters: Parameters,
    rollouts: Rollouts,
    examples: readonly RolloutExample[],
    weights: RolloutWeights,
  ): Promise<Float64Array> {
    const { played } = this.#played(spectraOf(parameters, true));
    return (await rollouts.run(examples, played, networkOf(parameters), weights)).losses;
  }

  /** Spectra at every tuning there is, and the taps of every source's string. */
  #played(rows: readonly LoopSpectrum[]): { tuned: LoopSpectrum[][]; played: Float32Array[] } {
    const tuned = this.#retunings.map((retuning) => rows.map((row) => retuning.apply(row)));
    const taps = tuned.map((spectra, i) => concatenated(spectra.map((s) => this.#forms[i].tapsOf(s))));
    return { tuned, played: this.#tuningOf.map((i) => taps[i]) };
  }

  /** The price of the rows' gain, and its gradient. */
  #gainPrice(rows: readonly LoopSpectrum[]): { price: number; rows: LoopSpectrum[] } {
    let price = 0;
    const gradients = rows.map((row) => {
      const taps = this.#own.tapsOf(row);
      const gradient = new Float64Array(taps.length);
      price += this.#price.add(taps, gradient);
      return this.#own.gradientOf(row, gradient);
    });
    return { price, rows: gradients };
  }
}

/**
 * A loss that has been evaluated, as a tfjs operation: differentiable in every variable it was evaluated at.
 * @param variables by their parameters' names
 */
export function lossOperation(
  variables: ReadonlyMap<string, tf.Variable>,
  { loss, gradients }: Objected,
): tf.Scalar {
  const operation = tf.customGrad((..._: unknown[]) => ({
    value: tf.scalar(loss),
    gradFunc: (dy: tf.Tensor) =>
      [...variables].map(([name, { shape }]) =>
        tf.mul(dy, tf.tensor(gradients.get(name) as Float32Array, shape)),
      ),
  }));
  return operation(...variables.values()) as tf.Scalar;
}

function add(sum: LoopSpectrum, more: LoopSpectrum): void {
  for (let k = 0; k < sum.phase.length; k++) {
    sum.logDamping[k] += more.logDamping[k];
    sum.phase[k] += more.phase[k];
  }
}

function concatenated(rows: readonly Float64Array[]): Float32Array {
  const length = rows.reduce((sum, row) => sum + row.length, 0);
  const all = new Float32Array(length);
  let at = 0;
  for (const row of rows) {
    all.set(row, at);
    at += row.length;
  }
  return all;
}

/** Give each part of the networks its part of the gradient. */
function splitNetwork(parameters: Parameters, sums: RolloutSums, gradients: Map<string, Float32Array>): void {
  let at = 0;
  for (const name of NETWORKS) {
    const length = parameters.get(name)?.data.length;
    if (length === undefined) continue;
    gradients.set(name, Float32Array.from(sums.gradientNetwork.subarray(at, at + length)));
    at += length;
  }
}
