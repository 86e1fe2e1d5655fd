/**
 * The optimisers, by name: tfjs optimisers whose whole state can be taken out and put back, so that a resumed run
 * goes on to the very bits an uninterrupted one reaches (tfjs's own Adam recomputes its bias correction in float32).
 */
import type { OptimizerConfig, Tensor } from "@neural-string/shared";
import * as tf from "@tensorflow/tfjs-core";
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
  return new RuledOptimizer(ruleOf(config), variables);
}

/** How an optimiser turns gradients into steps. */
interface Rule {
  /** What it remembers of every variable: tensors of its shape, named <slot>.<variable>; they begin with zeros. */
  slots: readonly string[];
  /** Learning rate of a step, before any scale. */
  rate(step: number): number;
  /** What the rate multiplies, to be taken away from the variable; brings the slots up to date. */
  direction(gradient: tf.Tensor, slots: readonly tf.Variable[], step: number): tf.Tensor;
}

function ruleOf(config: OptimizerConfig): Rule {
  const { learningRate } = config;
  switch (config.name) {
    case "adam":
      return adam(config);
    case "sgd": {
      const { momentum, nesterov } = config;
      if (momentum === 0) return { slots: [], rate: () => learningRate, direction: (gradient) => gradient };
      return {
        slots: ["momentum"],
        rate: () => learningRate,
        direction: (gradient, [slot]) => {
          slot.assign(tf.add(tf.mul(slot, momentum), gradient));
          return nesterov ? tf.add(gradient, tf.mul(slot, momentum)) : slot;
        },
      };
    }
    case "rmsprop":
      return {
        slots: ["square"],
        rate: () => learningRate,
        direction: (gradient, [slot]) => {
          slot.assign(tf.add(tf.mul(slot, config.decay), tf.mul(tf.square(gradient), 1 - config.decay)));
          return tf.div(gradient, tf.add(tf.sqrt(slot), config.epsilon));
        },
      };
    // Source: Duchi, Hazan and Singer 2011, "Adaptive Subgradient Methods", the diagonal form
    case "adagrad":
      return {
        slots: ["sum"],
        rate: () => learningRate,
        direction: (gradient, [slot]) => {
          slot.assign(tf.add(slot, tf.square(gradient)));
          return tf.div(gradient, tf.add(tf.sqrt(slot), config.epsilon));
        },
      };
  }
}

/** Source: Kingma and Ba 2015, "Adam: A Method for Stochastic Optimization", algorithm 1. */
function adam({ learningRate, beta1, beta2, epsilon }: Extract<OptimizerConfig, { name: "adam" }>): Rule {
  // the bias corrections in float64, from the step number alone
  const correction2 = (step: number) => Math.sqrt(1 - beta2 ** step);
  return {
    slots: ["m", "v"],
    rate: (step) => (learningRate * correction2(step)) / (1 - beta1 ** step),
    direction: (gradient, [m, v], step) => {
      m.assign(tf.add(tf.mul(m, beta1), tf.mul(gradient, 1 - beta1)));
      v.assign(tf.add(tf.mul(v, beta2), tf.mul(tf.square(gradient), 1 - beta2)));
      return tf.div(m, tf.add(tf.sqrt(v), epsilon * correction2(step)));
    },
  };
}

/** The part that all rules share: their memory, and the step itself. */
class RuledOptimizer implements TrainingOptimizer {
  readonly #rule: Rule;
  readonly #variables: ReadonlyMap<string, tf.Variable>;
  /** By <slot>.<variable>. */
  readonly #slots = new Map<string, tf.Variable>();

  constructor(rule: Rule, variables: ReadonlyMap<string, tf.Variable>) {
    this.#rule = rule;
    this.#variables = variables;
    for (const [name, variable] of variables) {
      for (const slot of rule.slots)
        this.#slots.set(
          `${slot}.${name}`,
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
    const base = this.#rule.rate(step);
    tf.tidy(() => {
      for (const [name, variable] of this.#variables) {
        const slots = this.#rule.slots.map((slot) => this.#slots.get(`${slot}.${name}`) as tf.Variable);
        const direction = this.#rule.direction(gradients.get(name) as tf.Tensor, slots, step);
        const rate = base * rateOf(name, scale);
        const kept = 1 - rateOf(name, scale) * decay(name);
        variable.assign(tf.sub(kept === 1 ? variable : tf.mul(variable, kept), tf.mul(direction, rate)));
      }
    });
  }

  state(): Map<string, Tensor> {
    return new Map(
      [...this.#slots].map(([name, slot]) => [
        name,
        { shape: [...slot.shape], data: Float32Array.from(slot.dataSync()) },
      ]),
    );
  }

  setState(state: ReadonlyMap<string, Tensor>): void {
    for (const [name, slot] of this.#slots) {
      const { shape, data } = tensorOfShape(state, name, slot.shape);
      tf.tidy(() => slot.assign(tf.tensor(data, shape)));
    }
  }

  dispose(): void {
    for (const slot of this.#slots.values()) slot.dispose();
  }
}

function rateOf(name: string, scale: RateScale): number {
  return typeof scale === "number" ? scale : scale(name);
}
