/**
 * The authority for what a step of sequence training makes smaller, in float64 from the definitions: loop filters from
 * their spectra at every recording's tuning, rollouts, their losses, and the price of gain above the cap. Gradients are
 * had from it by finite differences.
 */
import { type ReferenceTuning, retunedTaps } from "./passive-tuning.ts";
import { rollOut, spectralLoss, waveLoss } from "./rollout.ts";
import { tapsByDefinition } from "./spectral-form.ts";

export interface ReferenceSpectrum {
  logDamping: ArrayLike<number>;
  /** Unwrapped. */
  phase: ArrayLike<number>;
}

export interface ReferenceSource {
  tuning: ReferenceTuning;
  samples: Float32Array;
  controls: ArrayLike<number>;
  /** [frameSize / 2 + 1] */
  floor: ArrayLike<number>;
}

export interface ReferenceObjective {
  /** What the spectra are stored at. */
  tuning: ReferenceTuning;
  fade: number;
  cap: number;
  /** What the squared gain above the cap weighs. */
  gainWeight: number;
  sources: readonly ReferenceSource[];
  examples: readonly { source: number; start: number; count: number }[];
  hop: number;
  hidden: number;
  /** A network beside the loops, which hears `reach` samples on either side of the period. */
  residual?: { units: number; reach: number };
  frameSize: number;
  waveSamples: number;
  waveWeight: number;
  spectralWeight: number;
}

/**
 * The loss.
 * @param rows the second loop's, then the first's
 * @param network W1, b1, W2, b2, nothing for one filter; then the residual's W1, W2, if there is one
 */
export function objectiveByDefinition(
  o: ReferenceObjective,
  rows: readonly ReferenceSpectrum[],
  network: ArrayLike<number>,
): number {
  const own = rows.map((row) => Array.from(tapsByDefinition(row, o.tuning.taps, o.tuning.ahead, o.fade)));
  const played = o.sources.map(({ tuning }) =>
    tuning === o.tuning
      ? own.flat()
      : rows.flatMap(({ logDamping, phase }) => Array.from(retunedTaps(logDamping, phase, o.tuning, tuning))),
  );
  const losses = o.examples.map(({ source, start, count }) => {
    const { tuning, samples, controls, floor } = o.sources[source];
    const near = tuning.period - tuning.ahead;
    const from = start + 2 * (near + tuning.taps - 1);
    const past = samples.subarray(start, from);
    const target = samples.subarray(from, from + count);
    const { hop, hidden } = o;
    const { period } = tuning;
    const filters = rows.length - 1;
    const taps = played[source];
    const { units, reach } = o.residual ?? { units: 0, reach: 0 };
    const residual = { units, first: period - reach, taps: 2 * reach + 1 };
    const string = { near, period, filters, hop, hidden, taps, network, residual };
    const { rollout } = rollOut({ ...string, past, controls, count });
    const scale = 1 / (Math.sqrt(past.reduce((sum, x) => sum + x * x, 0) / past.length) + 1e-5);
    return (
      o.waveWeight * waveLoss(rollout, target, Math.min(count, o.waveSamples), scale) +
      o.spectralWeight * spectralLoss(rollout, target, o.frameSize, floor)
    );
  });
  const mean = losses.reduce((sum, x) => sum + x, 0) / losses.length;
  return mean + own.reduce((sum, h) => sum + o.gainWeight * excess(h, o.cap), 0);
}

/** Sum over the lower half of a grid of 32 N points or more of relu(|H| - cap)^2. */
export function excess(h: ArrayLike<number>, cap: number): number {
  const grid = 2 ** Math.ceil(Math.log2(32 * h.length));
  let sum = 0;
  for (let k = 0; k <= grid / 2; k++) {
    let [re, im] = [0, 0];
    for (let j = 0; j < h.length; j++) {
      re += h[j] * Math.cos((2 * Math.PI * k * j) / grid);
      im += h[j] * Math.sin((2 * Math.PI * k * j) / grid);
    }
    sum += Math.max(0, Math.hypot(re, im) - cap) ** 2;
  }
  return sum;
}
