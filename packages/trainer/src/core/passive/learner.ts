/**
 * What a passive string's training changes, and how: its variables, the optimiser beside them, and one step of both,
 * each kind of parameter at its own rate. A stage that begins with other parameters gets a learner of its own.
 */
import type { PassiveTrainConfig, Tensor } from "@neural-string/shared";
import * as tf from "@tensorflow/tfjs-core";
import { createOptimizer, type TrainingOptimizer } from "../optimizer.ts";
import { lossOperation, type Objected } from "./objective.ts";
import { RESIDUAL_RATES } from "./residual.ts";
import { type Parameters, PassiveVariables } from "./variables.ts";

const ADAM = { name: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;
/** Largest norm of a step's gradient. */
const CLIP = 1;
/** Name in the optimiser's state of the number of its updates. */
const UPDATES = "updates";

/** Parameters that learn. `dispose` frees their tensors. */
export class Learner {
  readonly #sequence: PassiveTrainConfig["training"]["sequence"];
  readonly #learned: PassiveVariables;
  readonly #optimizer: TrainingOptimizer;
  /** Updates of the optimiser since its moments were 0: its bias correction counts from there. */
  #updates = 0;

  /** Learn these parameters from now on, with a fresh optimiser. */
  constructor(parameters: Parameters, sequence: PassiveTrainConfig["training"]["sequence"]) {
    this.#sequence = sequence;
    this.#learned = new PassiveVariables(parameters);
    this.#optimizer = createOptimizer({ ...ADAM, learningRate: 1 }, this.#learned.variables);
  }

  /** The parameters as they are now; copied. */
  parameters(): Parameters {
    return this.#learned.parameters();
  }

  /**
   * One optimisation step.
   * @param objected the loss of the parameters as they are now, and its gradient
   * @param rate multiplies all rates
   * @param gently whether spectra move at the mixture's slower rate
   * @returns the loss; NaN where its gradient is no longer finite
   */
  step(objected: Objected, rate: number, gently: boolean): number {
    const { variables } = this.#learned;
    const { value, grads } = tf.variableGrads(() => lossOperation(variables, objected));
    const loss = value.dataSync()[0];
    const norm = normOf(Object.values(grads));
    const clip = norm > CLIP ? CLIP / norm : 1;
    const byName = new Map<string, tf.Tensor>();
    for (const [name, variable] of variables) {
      byName.set(
        name,
        tf.tidy(() => tf.mul(grads[variable.name], clip)),
      );
    }
    const { dampingRate, phaseRate, mixtureSlowdown, networkRate, networkDecay } = this.#sequence;
    const slow = gently ? mixtureSlowdown : 1;
    const rates: Record<string, number> = {
      "filters.logDamping": slow * dampingRate,
      "filters.phase": slow * phaseRate,
      ...RESIDUAL_RATES,
    };
    this.#optimizer.apply(
      byName,
      (name) => rate * (rates[name] ?? networkRate),
      ++this.#updates,
      (name) => (name in rates ? 0 : networkDecay),
    );
    tf.dispose([value, ...Object.values(grads), ...byName.values()]);
    return Number.isFinite(norm) ? loss : Number.NaN;
  }

  /** The optimiser's state, by name; copied. */
  state(): Map<string, Tensor> {
    const updates = { shape: [1], data: Float32Array.of(this.#updates) };
    return this.#optimizer.state().set(UPDATES, updates);
  }

  /**
   * Put the optimiser's state back.
   * @param step updates so far, where the state does not say
   * @throws UserError where it is another's
   */
  setState(state: ReadonlyMap<string, Tensor>, step: number): void {
    this.#optimizer.setState(state);
    this.#updates = state.get(UPDATES)?.data[0] ?? step;
  }

  dispose(): void {
    this.#optimizer.dispose();
    this.#learned.dispose();
  }
}

/** The Euclidean norm of several tensors as one, in float64. */
function normOf(tensors: readonly tf.Tensor[]): number {
  let sum = 0;
  for (const tensor of tensors) for (const x of tensor.dataSync()) sum += x * x;
  return Math.sqrt(sum);
}
