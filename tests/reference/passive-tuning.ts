/**
 * The authority for re-tuning a passive string: spec formulas in float64, a plain inverse DFT, and the largest gain by
 * looking at very many frequencies.
 */

/** What a row of filters was learned for, or is wanted for. */
export interface ReferenceTuning {
  /** Hz */
  sampleRate: number;
  /** Hz */
  f0: number;
  /** N */
  taps: number;
  /** C */
  ahead: number;
  /** P, samples. */
  period: number;
}

/** Re-synthesise one filter for another tuning, before any scaling. @returns [to.taps] */
export function retunedTaps(
  logDamping: ArrayLike<number>,
  phase: ArrayLike<number>,
  from: ReferenceTuning,
  to: ReferenceTuning,
): Float64Array {
  const last = from.taps / 2;
  const stretch = from.f0 / to.f0;
  const lead = ({ period, sampleRate, f0 }: ReferenceTuning) => period - sampleRate / f0;
  const at = (value: (k: number) => number, position: number) => {
    const p = Math.min(position, last);
    const k = Math.min(Math.floor(p), last - 1);
    return value(k) + (p - k) * (value(k + 1) - value(k));
  };
  const h = new Float64Array(to.taps);
  for (let k = 0; k <= to.taps / 2; k++) {
    const hz = (k * to.sampleRate) / to.taps;
    const position = (hz * from.taps) / from.sampleRate;
    const damping = stretch * Math.exp(at((i) => logDamping[i], position));
    const dispersion = at((i) => phase[i] - ((2 * Math.PI * i) / from.taps) * lead(from), position);
    const w = (2 * Math.PI * k) / to.taps;
    const angle = dispersion * stretch + w * lead(to);
    const share = (k === 0 || k === to.taps / 2 ? 1 : 2) / to.taps;
    for (let j = 0; j < to.taps; j++) {
      h[j] += share * Math.exp(-damping) * Math.cos(angle + w * (j - to.ahead));
    }
  }
  // the trainer's fades of 16 taps, as much shorter as the period is
  const ratio = to.sampleRate / to.f0 / (from.sampleRate / from.f0);
  const fade = Math.max(1, Math.min(to.taps / 2, Math.round(16 * ratio)));
  return h.map((tap, j) => {
    const edge = j < fade ? j : to.taps - 1 - j;
    return edge < fade ? tap * (0.5 - 0.5 * Math.cos((Math.PI * edge) / fade)) : tap;
  });
}

/** The largest |H|, looking at `points` frequencies from 0 to half the sample rate. */
export function largestGain(taps: ArrayLike<number>, points: number): number {
  let largest = 0;
  for (let i = 0; i <= points; i++) {
    const w = (Math.PI * i) / points;
    let [re, im] = [0, 0];
    for (let j = 0; j < taps.length; j++) {
      re += taps[j] * Math.cos(w * j);
      im += taps[j] * Math.sin(w * j);
    }
    largest = Math.max(largest, Math.hypot(re, im));
  }
  return largest;
}
