/**
 * The authority for the classic string, in float64 and with the exact tanh:
 *
 *   y[n] = MLP([y[n - d] for d in delays] ++ controls ++ features)
 *
 * running free from a past. Slow and plain on purpose; every build of the core must agree with it.
 */

/** The numbers of a network; a model read from a file is one. */
export interface LoopFilter {
  /** Samples, >= 1, in the order of the network's inputs. */
  delays: ArrayLike<number>;
  layers: readonly {
    inputs: number;
    units: number;
    activation: "linear" | "tanh" | "relu";
    /** [out, in] */
    weight: ArrayLike<number>;
    /** [out], or null */
    bias: ArrayLike<number> | null;
  }[];
}

export interface LoopInputs {
  /** Controls then features, as many as the network has; read at every step, so `afterStep` may change them. */
  extras?: number[];
  /** Samples that pass between two looks at the extras; no tap may be shorter. Default 1. */
  step?: number;
  /** Called when samples from .. to - 1 of `line` have been rendered; it may change them (an energy guard does). */
  afterStep?: (line: Float64Array, from: number, to: number) => void;
}

/** Evaluate the network once. @returns its last layer's outputs */
export function evaluateMlp(layers: LoopFilter["layers"], inputs: ArrayLike<number>): ArrayLike<number> {
  let x = inputs;
  for (const { inputs: width, units, activation, weight, bias } of layers) {
    const z = new Float64Array(units);
    for (let j = 0; j < units; j++) {
      let sum = bias ? bias[j] : 0;
      for (let i = 0; i < width; i++) sum += weight[j * width + i] * x[i];
      if (activation === "tanh") sum = Math.tanh(sum);
      if (activation === "relu") sum = Math.max(0, sum);
      z[j] = sum;
    }
    x = z;
  }
  return x;
}

/** What a string may hold: what is inaudible, broken or absurd becomes silence. */
function keepAudible(y: number): number {
  return Math.abs(y) >= 1e-15 && Math.abs(y) <= 1e15 ? y : 0;
}

/**
 * Render a string that runs free.
 * @param past the newest sample last; what is missing before it is silence
 * @returns f64 x frames
 */
export function renderStringLoop(
  { delays, layers }: LoopFilter,
  past: ArrayLike<number>,
  frames: number,
  { extras = [], step = 1, afterStep }: LoopInputs = {},
): Float64Array {
  let longest = past.length;
  for (let t = 0; t < delays.length; t++) longest = Math.max(longest, delays[t]);

  // the past, then the sound, in one line
  const line = new Float64Array(longest + frames + step);
  for (let i = 0; i < past.length; i++) line[longest - past.length + i] = keepAudible(past[i]);

  const x = new Float64Array(delays.length + extras.length);
  for (let from = longest; from < longest + frames; from += step) {
    for (let n = from; n < from + step; n++) {
      for (let t = 0; t < delays.length; t++) x[t] = line[n - delays[t]];
      for (let i = 0; i < extras.length; i++) x[delays.length + i] = extras[i];
      line[n] = keepAudible(evaluateMlp(layers, x)[0]);
    }
    afterStep?.(line, from, from + step);
  }
  return line.subarray(longest, longest + frames);
}
