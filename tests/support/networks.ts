/**
 * Random classic strings that are lively and decay: random networks whose slope at silence is a given loop filter.
 * What the slope leaves open (the bends of the tanhs, controls, biases) stays random.
 */
import type { Activation, ClassicModel, DecayFeature, ModelLayer } from "@neural-string/core-wasm";
import { mulberry32 } from "../reference/random.ts";
import { evaluateMlp } from "../reference/string-loop.ts";

/** A source of normally distributed numbers. */
export function gaussian(seed: number): () => number {
  const random = mulberry32(seed);
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

export interface NetworkOptions {
  /** Samples, in the order of the inputs. */
  delays: readonly number[];
  /** Hidden layers' widths; none = the output layer reads the taps. */
  hidden?: readonly number[];
  activation?: Activation;
  outputActivation?: Activation;
  controls?: number;
  features?: DecayFeature[];
  /** Biases: standard deviation, or 0 for none. */
  bias?: number;
  /** Standard deviation of a sum at a neuron when the inputs have 1. */
  drive?: number;
  seed?: number;
  f0?: number;
  sampleRate?: number;
}

/** Make a random string; its loop is as it comes, so render few samples of it or `tuneSlope` it. */
export function randomString(options: NetworkOptions): ClassicModel {
  const { delays, hidden = [16], activation = "tanh", outputActivation = "linear", controls = 0 } = options;
  const { features = [], bias = 0, drive = 0.8, seed = 1, f0 = 82.46, sampleRate = 44100 } = options;
  const random = gaussian(seed);
  let inputs = delays.length + controls + features.length;
  const layers = [...hidden, 1].map((units, i): ModelLayer => {
    const spread = drive / Math.sqrt(inputs);
    const weight = Float32Array.from({ length: units * inputs }, () => spread * random());
    const layer: ModelLayer = {
      inputs,
      units,
      activation: i === hidden.length ? outputActivation : activation,
      weight,
      bias: bias > 0 ? Float32Array.from({ length: units }, () => bias * random()) : null,
    };
    inputs = units;
    return layer;
  });
  const common = { kind: "classic" as const, sampleRate, f0, tapPattern: [] };
  return { ...common, delays: Int32Array.from(delays), controls, features, layers };
}

/**
 * Give a string with one hidden layer the wished slope at silence: the smallest change of its first layer for which
 * output weights times first weights is `slope`. What its biases add at silence, the output's bias takes away.
 * @param slope one number per tap: the linear loop filter that small sounds meet; controls and features get 0
 * @param extras where controls and features stand
 */
export function tuneSlope(
  model: ClassicModel,
  slope: readonly number[],
  extras: number[] = [],
): ClassicModel {
  const [{ weight: first, units, inputs }, { weight: output, bias }] = model.layers;
  const power = output.reduce((sum, v) => sum + v * v, 0);
  for (let i = 0; i < inputs; i++) {
    let has = 0;
    for (let j = 0; j < units; j++) has += output[j] * first[j * inputs + i];
    for (let j = 0; j < units; j++) first[j * inputs + i] += (output[j] * ((slope[i] ?? 0) - has)) / power;
  }
  const silence = new Float64Array(inputs);
  silence.set(extras, model.delays.length);
  if (bias) bias[0] -= evaluateMlp(model.layers, silence)[0];
  return model;
}

/** Taps around fractions of a period: floor(fraction * period) - before .. + after, those below 1 left out. */
export function tapsAround(
  period: number,
  fractions: readonly number[],
  before: number,
  after: number,
): number[] {
  const span = Array.from({ length: before + after + 1 }, (_, i) => i - before);
  return fractions.flatMap((f) => span.map((s) => Math.floor(f * period) + s)).filter((d) => d >= 1);
}

/**
 * A string's damping as a loop filter on given taps: a little low-pass around the period whose coefficients add up
 * to `gain`; where there is a tap at 1, a short recursion 1 / (1 - 0.3 z^-1 + 0.1 z^-2) on top, its gain at 0 Hz
 * taken back, so that the loop's gain stays below `gain` at every frequency.
 */
export function stringSlope(delays: readonly number[], period: number, gain: number): number[] {
  const hasNear = delays.includes(1);
  const shape: Record<number, number> = hasNear ? { 1: 0.3, 2: -0.1 } : {};
  const share = gain * (hasNear ? 0.8 : 1);
  for (const [offset, part] of [
    [-1, 0.25],
    [0, 0.5],
    [1, 0.25],
  ])
    shape[period + offset] = share * part;
  return delays.map((d) => shape[d] ?? 0);
}

/** A past to excite strings with: a few partials and some noise, peak about 0.5. */
export function somePast(length: number, period: number, seed = 7): Float32Array {
  const random = gaussian(seed);
  const phases = Array.from({ length: 6 }, () => 6.28 * random());
  return Float32Array.from({ length }, (_, n) => {
    const partials = phases.map(
      (phase, k) => Math.sin((2 * Math.PI * (k + 1) * n) / period + phase) / (k + 1),
    );
    return 0.2 * partials.reduce((a, b) => a + b, 0) + 0.01 * random();
  });
}
