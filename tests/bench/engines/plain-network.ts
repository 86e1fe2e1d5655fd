/**
 * The classic string as one would write it in plain JavaScript: sample by sample, float64, Math.tanh, no memory
 * allocated on the way.
 */
import type { ClassicModel } from "@neural-string/core-wasm";

interface Layer {
  inputs: number;
  isTanh: boolean;
  weight: Float64Array;
  bias: Float64Array;
  /** What it puts out. */
  outputs: Float64Array;
}

export class PlainNetwork {
  readonly #delays: Int32Array;
  readonly #layers: Layer[];
  readonly #inputs: Float64Array;
  /** A ring: the newest sample is right before `#next`. */
  readonly #line: Float64Array;
  readonly #mask: number;
  #next = 0;

  /** @throws RangeError for activations other than tanh and linear, controls and features: the benchmark has none */
  constructor(model: ClassicModel) {
    const odd = model.layers.find(({ activation }) => activation === "relu");
    if (odd || model.controls + model.features.length > 0) {
      throw new RangeError("model: expected taps only, tanh and linear layers only");
    }
    this.#delays = model.delays;
    this.#inputs = new Float64Array(model.delays.length);
    this.#layers = model.layers.map(({ inputs, units, activation, weight, bias }) => ({
      inputs,
      isTanh: activation === "tanh",
      weight: Float64Array.from(weight),
      bias: Float64Array.from(bias ?? new Float64Array(units)),
      outputs: new Float64Array(units),
    }));
    const length = 2 ** Math.ceil(Math.log2(Math.max(...model.delays) + 1));
    this.#line = new Float64Array(length);
    this.#mask = length - 1;
  }

  /** Put recorded samples behind the string, the newest last. */
  excite(past: ArrayLike<number>): void {
    this.#line.fill(0);
    this.#next = 0;
    for (let i = 0; i < past.length; i++) this.#write(past[i]);
  }

  /** Render the next samples. */
  process(out: Float32Array | Float64Array): void {
    for (let n = 0; n < out.length; n++) {
      for (let t = 0; t < this.#delays.length; t++) {
        this.#inputs[t] = this.#line[(this.#next - this.#delays[t]) & this.#mask];
      }
      let x = this.#inputs;
      for (const layer of this.#layers) {
        evaluate(layer, x);
        x = layer.outputs;
      }
      out[n] = x[0];
      this.#write(x[0]);
    }
  }

  #write(sample: number): void {
    this.#line[this.#next] = sample;
    this.#next = (this.#next + 1) & this.#mask;
  }
}

function evaluate({ inputs, isTanh, weight, bias, outputs }: Layer, x: Float64Array): void {
  for (let j = 0, at = 0; j < outputs.length; j++) {
    let sum = bias[j];
    for (let i = 0; i < inputs; i++, at++) sum += weight[at] * x[i];
    outputs[j] = isTanh ? Math.tanh(sum) : sum;
  }
}
