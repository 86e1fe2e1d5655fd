/**
 * The authority for the stiff string generator, in float64, from its formula: every partial m sounds twice,
 *
 *   a_m 10^(-3 t / T60) cos(2 pi f t + phase),   f_m = m f0 sqrt(1 + B m^2),   a_m = sin(pi m p) / m^2
 *
 * once per polarisation, phases uniform, the second one detuned.
 */
import { mulberry32 } from "./random.ts";

export interface StiffString {
  /** Hz */
  sampleRate: number;
  /** Hz */
  f0: number;
  inharmonicity: number;
  /** Seconds, per partial. */
  t60: readonly number[];
  pluckPosition: number;
  detuneCents: number;
  secondMix: number;
  secondT60Ratio: number;
  level: number;
  seed: number;
}

/** Frequency of partial m, first polarisation (Hz). */
export function partialHz(m: number, f0: number, B: number): number {
  return m * f0 * Math.sqrt(1 + B * m * m);
}

/** Render the string, its peak at `level`. @returns f64 x frames */
export function stiffString(string: StiffString, frames: number): Float64Array {
  const { sampleRate, f0, inharmonicity, t60, pluckPosition, detuneCents, secondMix, secondT60Ratio } =
    string;
  const random = mulberry32(string.seed);
  const y = new Float64Array(frames);
  for (let m = 1; m <= t60.length; m++) {
    const first = partialHz(m, f0, inharmonicity);
    const a = Math.sin(Math.PI * m * pluckPosition) / m ** 2;
    for (const { f, share, seconds } of [
      { f: first, share: 1 - secondMix, seconds: t60[m - 1] },
      { f: first * 2 ** (detuneCents / 1200), share: secondMix, seconds: t60[m - 1] * secondT60Ratio },
    ]) {
      const phase = 2 * Math.PI * random();
      if (f >= 0.49 * sampleRate) continue;
      for (let n = 0; n < frames; n++) {
        const t = n / sampleRate;
        y[n] += a * share * 10 ** ((-3 * t) / seconds) * Math.cos(2 * Math.PI * f * t + phase);
      }
    }
  }
  const peak = y.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return peak === 0 ? y : y.map((x) => (x * string.level) / peak);
}
