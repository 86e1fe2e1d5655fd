/**
 * The weights of a passive string's filters along a sound, in float64: what the kernel makes of it while it plays
 * (assembly/passive-mixture.ts), for listening to a past and for taking a pluck out of a recording. The network is asked
 * once a hop, and from what held before the weights go to its answer in a straight line, over 32 samples or a shorter hop.
 */
import type { PassiveModel } from "./passive-model.ts";

/** Samples that the way from one hop's weights to the next's takes, at most. */
const MOST_LINE = 32;

/** The mixture's weights at every sample of a sound: [K] of [samples]. */
export type WeightTrack = Float64Array[];

/**
 * The weights while a sound is played from its onset, silence before it: what holds for a hop follows from what was heard
 * until then.
 * @param y [samples] at the model's own pitch and sample rate
 * @param controls [model.controls]; default 0
 * @returns [K] of [samples], squares sum to 1 where they stand; a string of one filter has 1 throughout
 */
export function mixtureWeightsAlong(
  model: PassiveModel,
  y: ArrayLike<number>,
  controls: ArrayLike<number> = [],
): WeightTrack {
  return along(model, y.length, 0, (from) => mixtureWeights(model, y, from, controls));
}

/** The weights along a past, its hops counted back from its end; hops without two periods before them have the weights of the first that has. */
export function trackWeights(
  model: PassiveModel,
  past: Float64Array,
  controls: ArrayLike<number>,
): WeightTrack {
  const hop = model.mixture?.hop ?? past.length;
  const periods = 2 * Math.round(model.sampleRate / model.f0);
  const hops = Math.ceil(past.length / hop);
  const first = past.length - hops * hop;
  // the first hop's start that has two periods before it
  const known = first + hop * Math.min(hops, Math.ceil(Math.max(0, periods - first) / hop));
  return along(model, past.length, first, (from) =>
    mixtureWeights(model, past, Math.max(from, known), controls),
  );
}

/** Fill every hop, from sample `first` on, which may lie before the sound. */
function along(
  { filters, mixture }: PassiveModel,
  samples: number,
  first: number,
  weightsAt: (from: number) => Float64Array,
): WeightTrack {
  const track = Array.from({ length: filters }, () => new Float64Array(samples).fill(1));
  if (mixture === null) return track;
  const { hop } = mixture;
  const length = Math.min(MOST_LINE, hop);
  let before: Float64Array | undefined;
  for (let from = first; from < samples; from += hop) {
    const weights = weightsAt(from);
    track.forEach((line, k) => {
      const start = before?.[k] ?? weights[k];
      line.fill(weights[k], Math.max(0, from), from + hop);
      for (let i = Math.max(0, -from); i < length && from + i < samples; i++) {
        line[from + i] = start + (i / length) * (weights[k] - start);
      }
    });
    before = weights;
  }
  return track;
}

/** What the network asks for after what ends right before sample `end`; silence before the sound. @returns [K] */
export function mixtureWeights(
  model: PassiveModel,
  y: ArrayLike<number>,
  end: number,
  controls: ArrayLike<number>,
): Float64Array {
  const { hiddenWeight, hiddenBias, outputWeight, outputBias } = model;
  const period = Math.round(model.sampleRate / model.f0);
  const level = (to: number) => {
    let sum = 0;
    for (let n = Math.max(0, to - period); n < to; n++) sum += y[n] * y[n];
    return Math.log10(sum / period + 1e-9);
  };
  const now = level(end);
  const x = [now / 2 + 1.5, Math.max(-1, Math.min(1, 5 * (now - level(end - period))))];
  for (let i = 0; i < model.controls; i++) x.push(controls[i] ?? 0);
  const hidden = Array.from(hiddenBias, (bias, i) =>
    Math.tanh(x.reduce((sum, v, j) => sum + hiddenWeight[i * x.length + j] * v, bias)),
  );
  const z = Array.from(outputBias, (bias, k) =>
    hidden.reduce((sum, v, i) => sum + outputWeight[k * hidden.length + i] * v, bias),
  );
  const most = Math.max(...z);
  const norm = Math.log(z.reduce((sum, v) => sum + Math.exp(v - most), 0));
  // not v - (most + norm): beside a large z the logarithm would be lost
  return Float64Array.from(z, (v) => Math.exp((v - most - norm) / 2));
}
