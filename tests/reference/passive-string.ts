/**
 * The authority for the passive string, in float64, straight from its equations:
 *
 *   u[n] = (hb * u)[n] + e[n]
 *   y[n] = sum_k s_k[n] (h_k * (s_k y))[n] + u[n]           (h * x)[n] = sum over j of h[j] x[n - near - j]
 *
 * or, with a coupling filter c, of two parallel planes:
 *
 *   a[n] = sum_k s_k[n] (h_k * (s_k a))[n] + e[n]
 *   u[n] = (hb * u)[n] + (c * e)[n]
 *   y[n] = a[n] + u[n]
 *
 * Several tunings may sound at once (while one fades to another): each is one more set of terms, weighed on input and
 * output. Slow and plain on purpose; every build of the core must agree with it.
 */

/** The filters of one tuning. */
export interface ReferenceFilters {
  /** Delay of the first tap. */
  near: number;
  /** Row 0 is hb, rows 1 .. K are h_1 .. h_K. */
  rows: ArrayLike<number>[];
}

export interface ReferenceMixture {
  hidden: number;
  hop: number;
  /** Samples of one period: what the level is measured over. */
  period: number;
  hiddenWeight: ArrayLike<number>;
  hiddenBias: ArrayLike<number>;
  outputWeight: ArrayLike<number>;
  outputBias: ArrayLike<number>;
}

export interface ReferenceString {
  tunings: ReferenceFilters[];
  /** Weight of tuning i at sample n; default 1. */
  fade?: (tuning: number, n: number) => number;
  /** c: the loops are parallel, c as late as the first tuning's rows; none = a cascade. */
  coupling?: ArrayLike<number>;
  /** None = one filter, its weight 1. */
  mixture?: ReferenceMixture;
  /** Controls that hold at sample n. */
  controls?: (n: number) => number[];
  /** What was heard before n = 0. */
  past?: ArrayLike<number>;
  /** What the second loop held; default: what follows from the past in cascade, nothing in parallel loops. */
  pastU?: ArrayLike<number>;
  /** e[n] */
  excitation?: (n: number) => number;
  /** Factor on what the loops return at sample n. */
  damp?: (n: number) => number;
}

export interface ReferenceSound {
  y: Float64Array;
  u: Float64Array;
  /** [frames][K] */
  s: number[][];
}

/** The mixture's weights at the start of a hop. @param y what was heard, ending right before it */
export function mixtureWeights(
  mixture: ReferenceMixture,
  y: ArrayLike<number>,
  controls: number[],
): number[] {
  const { hidden, period } = mixture;
  const level = (from: number) => {
    let sum = 0;
    for (let n = from; n < from + period; n++) sum += (y[n] ?? 0) ** 2;
    return Math.log10(sum / period + 1e-9);
  };
  const [now, before] = [level(y.length - period), level(y.length - 2 * period)];
  const x = [now / 2 + 1.5, Math.max(-1, Math.min(1, 5 * (now - before))), ...controls];
  const a = Array.from({ length: hidden }, (_, i) =>
    Math.tanh(
      x.reduce((sum, v, j) => sum + mixture.hiddenWeight[i * x.length + j] * v, mixture.hiddenBias[i]),
    ),
  );
  const z = Array.from(mixture.outputBias, (bias, k) =>
    a.reduce((sum, v, i) => sum + mixture.outputWeight[k * hidden + i] * v, bias),
  );
  const most = Math.max(...z);
  const norm = Math.log(z.reduce((sum, v) => sum + Math.exp(v - most), 0));
  // not v - (most + norm): beside a large z the logarithm would be lost
  return z.map((v) => Math.exp((v - most - norm) / 2));
}

/** Render a string. */
export function renderPassive(string: ReferenceString, frames: number): ReferenceSound {
  const { tunings, mixture, coupling, past = [], fade = () => 1, damp = () => 1 } = string;
  const excitation = string.excitation ?? (() => 0);
  const controls = string.controls ?? (() => []);
  const filters = tunings[0].rows.length - 1;
  const reach = Math.max(...tunings.map(({ near, rows }) => near + rows[0].length - 1));
  const start = Math.max(past.length, 2 * reach, 2 * (mixture?.period ?? 0));

  // the past, then the sound, in one line; what went into each filter in a line of its own
  const y = new Float64Array(start + frames);
  y.set(Array.from(past), start - past.length);
  const u = new Float64Array(start + frames);
  const weightsAt = (n: number) =>
    mixture ? mixtureWeights(mixture, y.subarray(0, start + n), controls(n)) : [1];
  // what the network asks for, and what held when it was asked: the weights pass from one to the other in a straight
  // line over 32 samples, or a hop that is shorter
  let s = weightsAt(0);
  let [from, to] = [s, s];
  const fir = (h: ArrayLike<number>, near: number, x: Float64Array, n: number) => {
    let sum = 0;
    for (let j = 0; j < h.length; j++) sum += h[j] * x[n - near - j];
    return sum;
  };

  if (string.pastU) u.set(Array.from(string.pastU), start - string.pastU.length);
  else if (coupling === undefined) {
    const { near, rows } = tunings[0];
    for (let n = start - reach; past.length > 0 && n < start; n++) {
      u[n] = y[n];
      for (let k = 1; k <= filters; k++) u[n] -= s[k - 1] ** 2 * fir(rows[k], near, y, n);
    }
  }
  // what the first loop's filters hear
  const a = coupling === undefined ? y : y.map((x, n) => x - u[n]);
  const driving = new Float64Array(start + frames);
  const lines = tunings.map((_, i) =>
    Array.from({ length: filters + 1 }, (_, row) =>
      (row === 0 ? u : a).map((x) => x * (i === 0 ? 1 : 0) * (row === 0 ? 1 : s[row - 1])),
    ),
  );

  const history: number[][] = [];
  for (let n = 0; n < frames; n++) {
    if (mixture) {
      const inHop = n % mixture.hop;
      if (inHop === 0) [from, to] = [to, weightsAt(n)];
      const part = Math.min(1, inHop / Math.min(32, mixture.hop));
      s = to.map((w, k) => from[k] + part * (w - from[k]));
    }
    history.push(s);
    const at = start + n;
    driving[at] = excitation(n);
    u[at] = coupling === undefined ? driving[at] : fir(coupling, tunings[0].near, driving, at);
    tunings.forEach(({ near, rows }, i) => {
      u[at] += damp(n) * fade(i, n) * fir(rows[0], near, lines[i][0], at);
    });
    a[at] = coupling === undefined ? u[at] : driving[at];
    tunings.forEach(({ near, rows }, i) => {
      for (let k = 1; k <= filters; k++)
        a[at] += damp(n) * fade(i, n) * s[k - 1] * fir(rows[k], near, lines[i][k], at);
    });
    if (coupling !== undefined) y[at] = a[at] + u[at];
    tunings.forEach((_, i) => {
      for (let row = 0; row <= filters; row++) {
        lines[i][row][at] = fade(i, n) * (row === 0 ? u[at] : s[row - 1] * a[at]);
      }
    });
  }
  return { y: y.subarray(start), u: u.subarray(start), s: history };
}
