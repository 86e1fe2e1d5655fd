/**
 * The objective of sequence training once more, composed of plain tfjs operations that tfjs differentiates by itself:
 * filters from spectra by products with tables of cosines, loops a block at a time by slices and products. For small
 * problems, the waveform's loss and one tuning only; it is what the fused operation must agree with.
 */
import * as tf from "@tensorflow/tfjs";

export interface TfObjective {
  taps: number;
  ahead: number;
  near: number;
  period: number;
  fade: number;
  /** K */
  filters: number;
  /** Samples that weights hold; at most `near`, and every count a multiple of it. */
  hop: number;
  cap: number;
  gainWeight: number;
  waveWeight: number;
  waveSamples: number;
  controls: readonly number[];
  /** Past (2 F samples) and target of every example. */
  examples: readonly { past: Float32Array; target: Float32Array }[];
}

/** The variables, in the order of `PassiveVariables`. */
export type TfParameters = [logDamping: tf.Tensor2D, phase: tf.Tensor2D, ...network: tf.Tensor[]];

/** The loss. @param parameters phases unwrapped or not: at its own tuning only their angle counts */
export function composedObjective(o: TfObjective, parameters: TfParameters): tf.Scalar {
  const [logDamping, phase, ...network] = parameters;
  const taps = composedTaps(o, logDamping, phase);
  const losses = o.examples.map((example) => waveform(o, example, taps, network));
  const mean = tf.div(tf.addN(losses), losses.length);
  return tf.add(mean, gainPrice(o, taps)) as tf.Scalar;
}

/** [1 + K, N] */
function composedTaps({ taps, ahead, fade }: TfObjective, logDamping: tf.Tensor2D, phase: tf.Tensor2D) {
  const bins = taps / 2 + 1;
  const table = (f: (x: number) => number) =>
    tf.tensor2d(
      Array.from({ length: bins }, (_, k) =>
        Array.from({ length: taps }, (_, j) => {
          const share = (k === 0 || k === bins - 1 ? 1 : 2) / taps;
          const edge = j < fade ? j : taps - 1 - j;
          const window = edge < fade ? 0.5 - 0.5 * Math.cos((Math.PI * edge) / fade) : 1;
          return share * window * f((2 * Math.PI * k * (j - ahead)) / taps);
        }),
      ),
    );
  const gain = tf.exp(tf.neg(tf.exp(logDamping)));
  const re = tf.mul(gain, tf.cos(phase));
  const im = tf.mul(gain, tf.sin(phase));
  return tf.sub(tf.matMul(re, table(Math.cos)), tf.matMul(im, table(Math.sin))) as tf.Tensor2D;
}

/** relu(|H| - cap)^2 over the lower half of a grid of 32 N points, all rows. */
function gainPrice({ taps, cap, gainWeight }: TfObjective, h: tf.Tensor2D) {
  const grid = 2 ** Math.ceil(Math.log2(32 * taps));
  const table = (f: (x: number) => number) =>
    tf.tensor2d(
      Array.from({ length: taps }, (_, j) =>
        Array.from({ length: grid / 2 + 1 }, (_, k) => f((2 * Math.PI * k * j) / grid)),
      ),
    );
  const power = tf.add(tf.square(tf.matMul(h, table(Math.cos))), tf.square(tf.matMul(h, table(Math.sin))));
  return tf.mul(gainWeight, tf.sum(tf.square(tf.relu(tf.sub(tf.sqrt(power), cap)))));
}

/** One example's pre-emphasised error over its first samples, relative to the past's RMS. */
function waveform(
  o: TfObjective,
  { past, target }: TfObjective["examples"][number],
  taps: tf.Tensor2D,
  network: readonly tf.Tensor[],
): tf.Scalar {
  const y = rollOut(o, past, target.length, taps, network);
  const samples = Math.min(o.waveSamples, target.length);
  const rms = Math.sqrt(past.reduce((sum, x) => sum + x * x, 0) / past.length);
  const d = tf.div(tf.sub(tf.slice(y, 0, samples), tf.tensor1d(target.subarray(0, samples))), rms + 1e-5);
  const e = tf.sub(tf.slice(d, 1, samples - 1), tf.mul(0.95, tf.slice(d, 0, samples - 1)));
  return tf.mul(o.waveWeight, tf.mean(tf.square(e))) as tf.Scalar;
}

/** [count] */
function rollOut(
  o: TfObjective,
  past: Float32Array,
  count: number,
  taps: tf.Tensor2D,
  network: readonly tf.Tensor[],
): tf.Tensor1D {
  const { near, filters, hop } = o;
  const longest = near + o.taps - 1;
  const row = (k: number) => tf.slice(taps, [k, 0], [1, o.taps]);
  /** Samples from .. from + size - 1 of a filter's output: (h * x)[n] = sum of h[j] x[n - near - j]. */
  const filtered = (k: number, x: tf.Tensor1D, from: number, size: number) => {
    const delayed = Array.from({ length: o.taps }, (_, j) => tf.slice(x, [from - near - j], [size]));
    return tf.reshape(tf.matMul(row(k), tf.stack(delayed) as tf.Tensor2D), [size]) as tf.Tensor1D;
  };
  let y = tf.tensor1d(past);
  // from a hop's weights to the next's in a straight line over 32 samples, or a hop that is shorter
  const part = tf.tensor1d(Array.from({ length: hop }, (_, i) => Math.min(1, i / Math.min(32, hop))));
  let s: tf.Tensor[] = weights(o, y, network);
  let before = s;
  let lines = s.map((weight) => tf.mul(weight, y) as tf.Tensor1D);
  let u = tf.slice(y, longest, longest);
  for (let k = 0; k < filters; k++)
    u = tf.sub(u, tf.mul(s[k], filtered(1 + k, lines[k], longest, longest))) as tf.Tensor1D;
  for (let n = 0; n < count; n += hop) {
    const next: tf.Tensor[] = n > 0 ? weights(o, y, network) : before;
    s = next.map((weight, k) => tf.add(before[k], tf.mul(part, tf.sub(weight, before[k]))));
    before = next;
    const fromU = filtered(0, u, longest + n, hop);
    u = tf.concat([u, fromU]) as tf.Tensor1D;
    const parts = s.map((weight, k) => tf.mul(weight, filtered(1 + k, lines[k], 2 * longest + n, hop)));
    const block = tf.addN([fromU, ...parts]) as tf.Tensor1D;
    y = tf.concat([y, block]) as tf.Tensor1D;
    lines = lines.map((line, k) => tf.concat([line, tf.mul(s[k], block)]) as tf.Tensor1D);
  }
  return tf.slice(y, 2 * longest, count);
}

/** The filters' weights for what follows y, scalars. */
function weights({ filters, period, controls }: TfObjective, y: tf.Tensor1D, network: readonly tf.Tensor[]) {
  if (filters === 1) return [tf.scalar(1)];
  const [W1, b1, W2, b2] = network;
  const level = (end: number) =>
    tf.div(tf.log(tf.add(tf.mean(tf.square(tf.slice(y, end - period, period))), 1e-9)), Math.LN10);
  const now = level(y.size);
  const change = tf.clipByValue(tf.mul(5, tf.sub(now, level(y.size - period))), -1, 1);
  const inputs = tf.stack([tf.add(tf.div(now, 2), 1.5), change, ...controls.map((c) => tf.scalar(c))]);
  const hidden = tf.tanh(
    tf.add(tf.matMul(W1 as tf.Tensor2D, tf.reshape(inputs, [-1, 1])), tf.reshape(b1, [-1, 1])),
  );
  const z = tf.add(tf.reshape(tf.matMul(W2 as tf.Tensor2D, hidden as tf.Tensor2D), [filters]), b2);
  const s = tf.sqrt(tf.softmax(z as tf.Tensor1D));
  return Array.from({ length: filters }, (_, k) => tf.reshape(tf.slice(s, [k], [1]), []));
}
