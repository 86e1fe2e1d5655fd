/**
 * The classic string's network while it learns: its parameters as tfjs variables, and its forward pass. The same
 * network plays in `core-wasm`; a parity test holds the two together.
 *
 * Letters: B batch, T inputs (taps, controls, features), H units of a layer.
 */
import {
  type Activation,
  type ClassicHeader,
  classicLayout,
  countExtras,
  type Tensor,
  UserError,
} from "@neural-string/shared";
import * as tf from "@tensorflow/tfjs-core";
import { type Random, seededRandom } from "./random.ts";

const ACTIVATIONS: Record<Activation, (x: tf.Tensor) => tf.Tensor> = {
  linear: (x) => x,
  tanh: (x) => tf.tanh(x),
  relu: (x) => tf.relu(x),
};

/** Slope of each activation, from its argument and its value. */
const SLOPES: Record<Activation, (x: tf.Tensor, y: tf.Tensor) => tf.Tensor> = {
  linear: (x) => tf.onesLike(x),
  tanh: (_, y) => tf.sub(1, tf.square(y)),
  relu: (x) => tf.step(x),
};

/** Hidden units silenced at random. */
export interface Dropout {
  /** 0 .. 1 */
  share: number;
  random: Random;
}

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
      const { data } = tensorOfShape(initial, name, shape);
      // in a tidy: the tensor a variable starts from would stay behind otherwise
      this.#variables.set(
        name,
        tf.tidy(() => tf.variable(tf.tensor(data, shape), true)),
      );
    }
  }

  /** The variables by their tensor's name in the model file. */
  get variables(): ReadonlyMap<string, tf.Variable> {
    return this.#variables;
  }

  /**
   * Predict the next samples.
   * @param inputs [B, T]
   * @param dropout of hidden units, in training alone; none by default
   * @returns [B]
   */
  predict(inputs: tf.Tensor2D, dropout: Dropout | null = null): tf.Tensor1D {
    let x: tf.Tensor = inputs;
    this.header.layers.forEach(({ activation }, i) => {
      const weight = this.#variables.get(`layers.${i}.weight`) as tf.Variable<tf.Rank.R2>;
      const bias = this.#variables.get(`layers.${i}.bias`);
      const sum = tf.matMul(x as tf.Tensor2D, weight, false, true); // [B, H]
      x = ACTIVATIONS[activation](bias ? tf.add(sum, bias) : sum);
      if (dropout !== null && i < this.header.layers.length - 1) x = tf.mul(x, survivors(x.shape, dropout));
    });
    return tf.reshape(x, [inputs.shape[0]]);
  }

  /**
   * The network's linear part around silence: by how much its output moves with each input.
   * @returns [1, T]
   */
  smallSignalResponse(): tf.Tensor2D {
    const inputs = (this.#variables.get("layers.0.weight") as tf.Variable).shape[1] as number;
    let x: tf.Tensor = tf.zeros([1, inputs]); // what every unit gives at rest
    let response: tf.Tensor2D | null = null; // [H, T]
    this.header.layers.forEach(({ activation }, i) => {
      const weight = this.#variables.get(`layers.${i}.weight`) as tf.Variable<tf.Rank.R2>;
      const bias = this.#variables.get(`layers.${i}.bias`);
      const sum = tf.matMul(x as tf.Tensor2D, weight, false, true); // [1, H]
      const atRest = bias ? tf.add(sum, bias) : sum;
      x = ACTIVATIONS[activation](atRest);
      const through: tf.Tensor2D = response === null ? weight : tf.matMul(weight, response);
      response = tf.mul(tf.reshape(SLOPES[activation](atRest, x), [-1, 1]), through);
    });
    return response as unknown as tf.Tensor2D;
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

/**
 * Pick a tensor of a stored state.
 * @throws UserError where it is missing or has another shape
 */
export function tensorOfShape(
  tensors: ReadonlyMap<string, Tensor>,
  name: string,
  shape: readonly number[],
): Tensor {
  const tensor = tensors.get(name);
  if (tensor !== undefined && tensor.shape.join() === shape.join()) return tensor;
  throw new UserError(
    `${name}: expected shape [${shape.join(", ")}], got ${tensor ? `[${tensor.shape.join(", ")}]` : "none"}; the stored state belongs to another config, or is damaged`,
  );
}

/** What the units of a layer are multiplied by: 0, or what keeps their sum as large as without dropout. */
function survivors(shape: number[], { share, random }: Dropout): tf.Tensor {
  const factors = new Float32Array(shape.reduce((a, b) => a * b, 1));
  for (let i = 0; i < factors.length; i++) factors[i] = random() < share ? 0 : 1 / (1 - share);
  return tf.tensor(factors, shape);
}

/**
 * Whether a network is odd in its taps x, f(-x) = -f(x), whatever it learns: then mirrored examples teach it nothing
 * new. Controls and features stay as they are in a mirrored example.
 */
export function isOdd(header: ClassicHeader, withBias: boolean): boolean {
  return (
    !withBias && countExtras(header) === 0 && header.layers.every(({ activation }) => activation !== "relu")
  );
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
