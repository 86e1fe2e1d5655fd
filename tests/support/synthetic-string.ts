/**
 * Strings of known f0, B and T60, from a formula: what measuring must recover. `goldens/generate-judge-metrics.py`
 * computes the same formula in Python, so that both sides measure the same sound without sharing a file.
 *
 *   x[n] = dc + noise u[n] + sum over k of (amplitude / k) exp(-ln(1000) t / T60(k)) cos(2 pi f(k) t + k^2),  t = n / sampleRate
 *   f(k) = k f0 sqrt(1 + B k^2), T60(k) = t60 / (1 + damping k^2), u[n] uniform in -1 .. 1
 */

/** A string, by its parameters. */
export interface StringSound {
  /** Hz. */
  sampleRate: number;
  seconds: number;
  /** Hz. */
  f0: number;
  /** Inharmonicity, default 0. */
  B?: number;
  /** How many partials sound; those beyond Nyquist are left out. Default 16. */
  partials?: number;
  /** T60 of a partial without damping (s); negative grows. */
  t60: number;
  /** How much faster higher partials decay, default 0. */
  damping?: number;
  /** Of the first partial, linear; default 0.5. */
  amplitude?: number;
  /** Added offset, linear; default 0. */
  dc?: number;
  /** Largest magnitude of the added noise, linear; default 0. */
  noise?: number;
  /** From this sample on every sample is NaN; default none. */
  brokenFrom?: number;
}

/**
 * Synthesise a string.
 * @returns [seconds * sampleRate], float64
 */
export function syntheticString(sound: StringSound): Float64Array {
  const { sampleRate, seconds, f0, B = 0, partials = 16, t60, damping = 0, amplitude = 0.5 } = sound;
  const { dc = 0, noise = 0, brokenFrom = Number.POSITIVE_INFINITY } = sound;
  const x = new Float64Array(Math.round(seconds * sampleRate)).fill(dc);
  for (let k = 1; k <= partials; k++) {
    const frequency = partialFrequency(k, f0, B);
    if (frequency >= sampleRate / 2) break;
    addPartial(x, {
      cycles: frequency / sampleRate,
      amplitude: amplitude / k,
      nepers: Math.log(1000) / ((t60 / (1 + damping * k * k)) * sampleRate),
      phase: k * k,
    });
  }
  if (noise !== 0) {
    // linear congruential generator of Numerical Recipes: the same integers in Python
    let state = 1;
    for (let n = 0; n < x.length; n++) {
      state = (Math.imul(1664525, state) + 1013904223) >>> 0;
      x[n] += noise * (state / 2147483648 - 1);
    }
  }
  return x.fill(Number.NaN, Math.min(brokenFrom, x.length));
}

/** Frequency of partial `k` of a stiff string (Hz). */
export function partialFrequency(k: number, f0: number, B: number): number {
  return k * f0 * Math.sqrt(1 + B * k * k);
}

/** A decaying cosine, per sample. */
export interface DecayingPartial {
  /** frequency / sampleRate. */
  cycles: number;
  /** Linear, at the first sample. */
  amplitude: number;
  /** Decay per sample, natural logarithm; negative grows. */
  nepers: number;
  /** Radians at the first sample. */
  phase: number;
}

/** Add one decaying cosine to a signal, in place, by turning a phasor. */
export function addPartial(x: Float64Array, { cycles, amplitude, nepers, phase }: DecayingPartial): void {
  const stepRe = Math.exp(-nepers) * Math.cos(2 * Math.PI * cycles);
  const stepIm = Math.exp(-nepers) * Math.sin(2 * Math.PI * cycles);
  let re = amplitude * Math.cos(phase);
  let im = amplitude * Math.sin(phase);
  for (let n = 0; n < x.length; n++) {
    x[n] += re;
    const turned = re * stepRe - im * stepIm;
    im = re * stepIm + im * stepRe;
    re = turned;
  }
}
