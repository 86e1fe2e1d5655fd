/**
 * The authority for re-tuning a passive string: the formulas in float64, from the learned form with a plain inverse DFT,
 * or from the played taps with plain least squares; and the largest gain by looking at very many frequencies.
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

/** Re-synthesise one filter from the learned form, before any scaling. @returns [to.taps] */
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
  // the trainer's fades of 16 taps, as much shorter as the period is, and never reaching the tap at the period
  const ratio = to.sampleRate / to.f0 / (from.sampleRate / from.f0);
  const fade = Math.max(1, Math.min(Math.round(16 * ratio), to.ahead, to.taps - 1 - to.ahead));
  return h.map((tap, j) => {
    const edge = j < fade ? j : to.taps - 1 - j;
    return edge < fade ? tap * (0.5 - 0.5 * Math.cos((Math.PI * edge) / fade)) : tap;
  });
}

/** What a string loses and how far it disperses per round trip at a frequency, by the taps it plays. */
export function playedResponse(
  taps: ArrayLike<number>,
  phase: ArrayLike<number>,
  { sampleRate, f0, taps: count, ahead, period }: ReferenceTuning,
  hz: number,
): { damping: number; dispersion: number } {
  const w = (2 * Math.PI * Math.min(hz, sampleRate / 2)) / sampleRate;
  const { re, im } = response(taps, w, ahead);
  const bin = (w * count) / (2 * Math.PI);
  const k = Math.min(Math.floor(bin), count / 2 - 1);
  const learned = phase[k] + (bin - k) * (phase[k + 1] - phase[k]);
  const turns = Math.round((Math.atan2(im, re) - learned) / (2 * Math.PI));
  const played = Math.atan2(im, re) - 2 * Math.PI * turns;
  return { damping: -Math.log(Math.hypot(re, im)), dispersion: played - w * (period - sampleRate / f0) };
}

/**
 * Re-tune one filter from its taps: the weighted least-squares fit to what the formulas want, a few times over where it
 * rises above the claim. @param phase learned, unwrapped @param claim at `to` @returns [to.taps]
 */
export function refittedTaps(
  taps: ArrayLike<number>,
  phase: ArrayLike<number>,
  from: ReferenceTuning,
  to: ReferenceTuning,
  claim: number,
): Float64Array {
  const stretch = from.f0 / to.f0;
  const points = 2 ** Math.ceil(Math.log2(7 * to.taps));
  const least = -Math.log(claim);
  const wanted = Array.from({ length: points / 2 + 1 }, (_, i) => {
    const w = (2 * Math.PI * i) / points;
    const played = playedResponse(taps, phase, from, (i * to.sampleRate) / points);
    const damping = Math.max(least, stretch * Math.min(6, played.damping));
    const angle = stretch * played.dispersion + w * (to.period - to.sampleRate / to.f0);
    const x = Math.max(0, 20 * (i / points) - 9);
    const fade = 0.5 + 0.5 * Math.cos(Math.PI * x);
    // heavy where a trip is whole turns and little is lost
    const partial = (0.5 + 0.5 * Math.cos(angle - w * to.period)) ** 16;
    const long = 0.01 * stretch;
    const rings = (long / (long + damping - Math.log(Math.max(fade, 1e-3)))) ** 2;
    return {
      w,
      gain: fade * Math.exp(-damping),
      angle,
      weight: Math.max(1e-6, (1e-4 + 0.9999 * partial) * rings),
    };
  });
  for (let round = 0; ; round++) {
    const h = weightedFit(wanted, to);
    if (round === 12) return h;
    const power = wanted.map(({ w }) => powerAt(h, w));
    const at = (i: number) => power[i < 0 ? -i : i >= power.length ? 2 * (power.length - 1) - i : i];
    let exceeds = false;
    wanted.forEach((point, i) => {
      const [before, here, after] = [at(i - 1), at(i), at(i + 1)];
      const bend = 2 * here - before - after;
      const isTop = here >= before && here >= after && bend > 0;
      const level = Math.log(isTop ? here + (after - before) ** 2 / (8 * bend) : here) / 2;
      if (level <= -0.99 * least) return;
      exceeds = true;
      point.gain *= Math.exp(-1.02 * least - level);
      point.weight = Math.min(1, 5 * point.weight);
    });
    if (!exceeds) return h;
  }
}

/** The taps h that make the sum of weight |H(w) - gain e^(j angle)|^2 over the circle least. */
function weightedFit(
  wanted: readonly { w: number; gain: number; angle: number; weight: number }[],
  { taps, ahead }: ReferenceTuning,
): Float64Array {
  const last = wanted.length - 1;
  const share = (i: number) => (i === 0 || i === last ? 1 : 2);
  const sum = (term: (point: (typeof wanted)[number]) => number) =>
    wanted.reduce((total, point, i) => total + share(i) * point.weight * term(point), 0);
  const sides = Float64Array.from({ length: taps }, (_, j) =>
    sum(({ w, gain, angle }) => gain * Math.cos(angle + w * (j - ahead))),
  );
  const lags = Float64Array.from({ length: taps }, (_, lag) => sum(({ w }) => Math.cos(w * lag)));
  const A = Array.from({ length: taps }, (_, i) =>
    Float64Array.from({ length: taps }, (_, j) => lags[Math.abs(i - j)]),
  );
  return solvePositive(A, sides);
}

/** Solve A x = b, A positive definite, by Cholesky's factors; A is overwritten. */
function solvePositive(A: Float64Array[], b: Float64Array): Float64Array {
  const count = b.length;
  const x = Float64Array.from(b);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = A[i][j];
      for (let k = 0; k < j; k++) rest -= A[i][k] * A[j][k];
      A[i][j] = i === j ? Math.sqrt(rest) : rest / A[j][j];
    }
    for (let k = 0; k < i; k++) x[i] -= A[i][k] * x[k];
    x[i] /= A[i][i];
  }
  for (let i = count - 1; i >= 0; i--) {
    for (let k = i + 1; k < count; k++) x[i] -= A[k][i] * x[k];
    x[i] /= A[i][i];
  }
  return x;
}

/** Sum of taps[j] e^(-j w (j - ahead)). */
function response(taps: ArrayLike<number>, w: number, ahead: number) {
  let [re, im] = [0, 0];
  for (let j = 0; j < taps.length; j++) {
    re += taps[j] * Math.cos(w * (j - ahead));
    im -= taps[j] * Math.sin(w * (j - ahead));
  }
  return { re, im };
}

function powerAt(taps: ArrayLike<number>, w: number): number {
  const { re, im } = response(taps, w, 0);
  return re * re + im * im;
}

/** The largest |H|, looking at `points` frequencies from 0 to half the sample rate. */
export function largestGain(taps: ArrayLike<number>, points: number): number {
  let largest = 0;
  for (let i = 0; i <= points; i++) largest = Math.max(largest, powerAt(taps, (Math.PI * i) / points));
  return Math.sqrt(largest);
}
