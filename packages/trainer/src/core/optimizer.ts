/**
 * The optimisers, by name: tfjs optimisers whose whole state can be taken out and put back, so that a resumed run
 * goes on to the very bits an uninterrupted one reaches (tfjs's own Adam recomputes its bias correction in float32).
 */
import type { OptimizerConfig, Tensor } from "@neural-string/shared";
import * as tf from "@tensorflow/tfjs";
import { tensorOfShape } from "./mlp.ts";

/** What multiplies a learning rate: one number for all variables, or one for each name. */
export type RateScale = number | ((variable: string) => number);

/** What a training step needs of an optimiser. */
export interface TrainingOptimizer {
  /**
   * Take one step.
   * @param gradients by variable name, same shapes as the variables
   * @param scale multiplies the configured learning rate: the schedule, or one number per variable's name
   * @param step 1 for the first
   * @param decay weight decay by variable's name, times its rate and apart from the gradient; default none
   */
  apply(
    gradients: ReadonlyMap<string, tf.Tensor>,
    scale: RateScale,
    step: number,
    decay?: (variable: string) => number,
  ): void;
  /** The state, by name; copied. */
  state(): Map<string, Tensor>;
  /** Put a state back. @throws UserError where it is another's */
  setState(state: ReadonlyMap<string, Tensor>): void;
  dispose(): void;
}

/** Make the configured optimiser for a set of variables. */
export function createOptimizer(
  config: OptimizerConfig,
  variables: ReadonlyMap<string, tf.Variable>,
): TrainingOptimizer {
  switch (config.name) {
    case "adam":
      return new Adam(config, variables);
  }
}

/** Adam. Source: Kingma and Ba 2015, "Adam: A Method for Stochastic Optimization", algorithm 1. */
class Adam implements TrainingOptimizer {
  readonly #config: Extract<OptimizerConfig, { name: "adam" }>;
  readonly #variables: ReadonlyMap<string, tf.Variable>;
  /** First and second moments, named m.<variable> and v.<variable>. */
  readonly #moments = new Map<string, tf.Variable>();

  constructor(
    config: Extract<OptimizerConfig, { name: "adam" }>,
    variables: ReadonlyMap<string, tf.Variable>,
  ) {
    this.#config = config;
    this.#variables = variables;
    for (const [name, variable] of variables) {
      for (const moment of ["m", "v"])
        this.#moments.set(
          `${moment}.${name}`,
          tf.tidy(() => tf.variable(tf.zeros(variable.shape), false)),
        );
    }
  }

  apply(
    gradients: ReadonlyMap<string, tf.Tensor>,
    scale: RateScale,
    step: number,
    decay: (variable: string) => number = () => 0,
  ): void {
    const { beta1, beta2, epsilon, learningRate } = this.#config;
    // the bias corrections in float64, from the step number alone
    const correction1 = 1 - beta1 ** step;
    const correction2 = Math.sqrt(1 - beta2 ** step);
    const base = (learningRate * correction2) / correction1;
    tf.tidy(() => {
      for (const [name, variable] of this.#variables) {
        const gradient = gradients.get(name) as tf.Tensor;
        const m = this.#moments.get(`m.${name}`) as tf.Variable;
        const v = this.#moments.get(`v.${name}`) as tf.Variable;
        m.assign(tf.add(tf.mul(m, beta1), tf.mul(gradient, 1 - beta1)));
        v.assign(tf.add(tf.mul(v, beta2), tf.mul(tf.square(gradient), 1 - beta2)));
        const direction = tf.div(m, tf.add(tf.sqrt(v), epsilon * correction2));
        const rate = base * rateOf(name, scale);
        const kept = 1 - rateOf(name, scale) * decay(name);
        variable.assign(tf.sub(kept === 1 ? variable : tf.mul(variable, kept), tf.mul(direction, rate)));
      }
    });
  }

  state(): Map<string, Tensor> {
    return new Map(
      [...this.#moments].map(([name, moment]) => [
        name,
        { shape: [...moment.shape], data: Float32Array.from(moment.dataSync()) },
      ]),
    );
  }

  setState(state: ReadonlyMap<string, Tensor>): void {
    for (const [name, moment] of this.#moments) {
      const { shape, data } = tensorOfShape(state, name, moment.shape);
      tf.tidy(() => moment.assign(tf.tensor(data, shape)));
    }
  }

  dispose(): void {
    for (const moment of this.#moments.values()) moment.dispose();
  }
}

function rateOf(name: string, scale: RateScale): number {
  return typeof scale === "number" ? scale : scale(name);
}
