/**
 * The classic string's network while it learns: its parameters as tfjs variables, and its forward pass. The same
 * network plays in `core-wasm`; a parity test holds the two together.
 *
 * Letters: B batch, T inputs (taps, controls, features), H units of a layer.
 */
import type { ModelLayer } from "@neural-string/core-wasm";
import { type Activation, type ClassicHeader, classicLayout, type Tensor } from "@neural-string/shared";
import * as tf from "@tensorflow/tfjs";
import { seededRandom } from "./random.ts";

const ACTIVATIONS: Record<Activation, (x: tf.Tensor) => tf.Tensor> = {
  linear: (x) => x,
  tanh: (x) => tf.tanh(x),
  relu: (x) => tf.relu(x),
};

/** A network that learns. Holds GPU or WASM memory: call `dispose` at the end. */
export class TrainableMlp {
  readonly header: ClassicHeader;
  readonly #variables = new Map<string, tf.Variable>();

  /**
   * Make a network with given or fresh parameters.
   * @param parameters as `parameters()` gives them, or a seed for Glorot-uniform weights and zero biases
   */
  constructor(header: ClassicHeader, withBias: boolean, parameters: Map<string, Tensor> | number) {
    this.header = header;
    const slots = classicLayout(header, withBias);
    const initial = typeof parameters === "number" ? freshParameters(slots, parameters) : parameters;
    for (const { name, shape } of slots) {
      const { data } = initial.get(name) as Tensor;
      this.#variables.set(name, tf.variable(tf.tensor(data, shape), true));
    }
  }

  /** The variables by their tensor's name in the model file. */
  get variables(): ReadonlyMap<string, tf.Variable> {
    return this.#variables;
  }

  /**
   * Predict the next samples.
   * @param inputs [B, T]
   * @returns [B]
   */
  predict(inputs: tf.Tensor2D): tf.Tensor1D {
    let x: tf.Tensor = inputs;
    this.header.layers.forEach(({ activation }, i) => {
      const weight = this.#variables.get(`layers.${i}.weight`) as tf.Variable<tf.Rank.R2>;
      const bias = this.#variables.get(`layers.${i}.bias`);
      const sum = tf.matMul(x as tf.Tensor2D, weight, false, true); // [B, H]
      x = ACTIVATIONS[activation](bias ? tf.add(sum, bias) : sum);
    });
    return tf.reshape(x, [inputs.shape[0]]);
  }

  /** Copy the parameters out, in the model file's form. */
  parameters(): Map<string, Tensor> {
    return new Map(
      [...this.#variables].map(([name, variable]) => [
        name,
        { shape: [...variable.shape], data: Float32Array.from(variable.dataSync()) },
      ]),
    );
  }

  /** Replace the parameters. */
  setParameters(parameters: ReadonlyMap<string, Tensor>): void {
    for (const [name, variable] of this.#variables) {
      const { shape, data } = parameters.get(name) as Tensor;
      tf.tidy(() => variable.assign(tf.tensor(data, shape)));
    }
  }

  dispose(): void {
    for (const variable of this.#variables.values()) variable.dispose();
  }
}

/** Parameters in the form `core-wasm` plays. */
export function playableLayers(header: ClassicHeader, parameters: ReadonlyMap<string, Tensor>): ModelLayer[] {
  return header.layers.map(({ units, activation }, i) => {
    const weight = parameters.get(`layers.${i}.weight`) as Tensor;
    const bias = parameters.get(`layers.${i}.bias`)?.data ?? null;
    return { inputs: weight.shape[1], units, activation, weight: weight.data, bias };
  });
}

/**
 * Whether a network is odd, f(-x) = -f(x), whatever it learns: then mirrored examples teach it nothing new.
 */
export function isOdd(header: ClassicHeader, withBias: boolean): boolean {
  return !withBias && header.controls === 0 && header.layers.every(({ activation }) => activation !== "relu");
}

/** Glorot-uniform weights, zero biases. Source: Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks". */
function freshParameters(slots: ReturnType<typeof classicLayout>, seed: number): Map<string, Tensor> {
  return new Map(
    slots.map(({ name, shape, size }, i) => {
      const data = new Float32Array(size);
      if (shape.length === 2) {
        const random = seededRandom(seed, 1, i);
        const limit = Math.sqrt(6 / (shape[0] + shape[1]));
        for (let k = 0; k < size; k++) data[k] = limit * (2 * random() - 1);
      }
      return [name, { shape, data }];
    }),
  );
}
